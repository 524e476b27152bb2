"""A connector's state follows from its box, its status and its charge; here it is worked out again and stored."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.connector import connector_state
from wattline.domain.facts import ConnectorChanged, Fact
from wattline.domain.values import ChargeState, ConnectorState


async def refresh(tx: Transaction, connector_ids: Sequence[int], *, now: datetime) -> list[Fact]:
    """Bring the states of these connectors up to date, with history; return the facts of those that changed.

    Call it after any change of a connector's status, connection, maintenance, hardware or charge.
    """
    rows = await tx.fetch(READ, sorted(connector_ids))
    changed = [(row, state) for row in rows if (state := _state_of(row)) != row["state"]]
    if not changed:
        return []
    await tx.execute(WRITE, [row["id"] for row, _ in changed], [state for _, state in changed], now)
    return [_fact(row, state) for row, state in changed]


def _state_of(row: Record) -> ConnectorState:
    charge_state = row["charge_state"]
    return connector_state(
        bound=row["charge_point_id"] is not None,
        connected=bool(row["connected"]),
        maintenance=row["maintenance_at"] is not None,
        ocpp_status=row["ocpp_status"],
        box_status=row["box_status"],
        charge_state=ChargeState(charge_state) if charge_state else None,
        raw_state=row["raw_state"],
        plugged_in=row["cable_plugged_in"],
    )


def _fact(row: Record, state: ConnectorState) -> Fact:
    return ConnectorChanged(
        entity_id=row["id"],
        operator_ids=(row["operator_id"],),
        team_ids=(row["team_id"],),
        charge_point_id=row["charge_point_id"],
        detail={"state": state},
    )


READ = """
select k.id, k.operator_id, k.team_id, k.charge_point_id, k.maintenance_at, box.connected, box.status as box_status,
       live.state, live.ocpp_status, live.cable_plugged_in, c.state as charge_state, c.raw_state
from connector k
join connector_live live on live.connector_id = k.id
left join charge_point box on box.id = k.charge_point_id
left join charge c on c.id = live.charge_id and c.completed_at is null
where k.id = any($1) and k.deleted_at is null
order by k.id
"""

# The history keeps what the box said at that moment, so that a day strip can say why.
WRITE = """
with changed as (
  update connector_live live set state = new.state, state_since = $3, updated_at = $3
  from unnest($1::bigint[], $2::text[]) as new (connector_id, state)
  where live.connector_id = new.connector_id
  returning live.*)
insert into connector_state (operator_id, connector_id, at, state, ocpp_status, error_code, error_info,
  vendor_error_code)
select operator_id, connector_id, $3, state, ocpp_status, error_code, error_info, vendor_error_code from changed
"""
