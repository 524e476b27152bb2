"""How the Portal reads a connector's state where it differs from what programs are told."""

# Hardware that was set up but has never called is missed by nobody: to people it is "never connected", not lost.
# For programs it is disconnected from the start, as the Partner API says. Needs connector_live l and charge_point b.
STATE_SHOWN = """case when l.state = 'disconnected' and b.connected_at is null then 'passive'
            else coalesce(l.state, 'passive') end"""
