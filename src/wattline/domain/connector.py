"""What a connector is doing, as people see it: derived from what we know, never stored as a wish."""

from collections.abc import Mapping

from wattline.domain.values import ChargeState, ConnectorState

# OCPP 1.6 section 7.7. Faulted, Unavailable and whatever a later version adds say nothing about the cable.
_CABLE_BY_STATUS: Mapping[str, bool] = {
    "Available": False,
    "Reserved": False,
    "Preparing": True,
    "Charging": True,
    "SuspendedEV": True,
    "SuspendedEVSE": True,
    "Finishing": True,
}

# The box has a transaction open when it says one of these.
TRANSACTION_STATUSES = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE"})

# It has none when it says one of these.
IDLE_STATUSES = frozenset({"Available", "Preparing", "Finishing", "Reserved"})

# Without a charge of ours, the box's own word decides.
_BY_STATUS: Mapping[str, ConnectorState] = {
    "Available": ConnectorState.AVAILABLE,
    "Preparing": ConnectorState.BUSY_BLOCKED,
    # A transaction we do not know: free vending, or a refused key that the box serves all the same.
    "Charging": ConnectorState.BUSY_CHARGING,
    "SuspendedEV": ConnectorState.BUSY_NON_CHARGING,
    "SuspendedEVSE": ConnectorState.BUSY_NON_CHARGING,
    "Finishing": ConnectorState.BUSY_NON_RELEASED,
    "Reserved": ConnectorState.BUSY_RESERVED,
    # Taken out of service on purpose, by an operator or by the box itself (firmware update).
    "Unavailable": ConnectorState.MAINTENANCE,
    "Faulted": ConnectorState.ERROR,
}

_BY_CHARGE: Mapping[ChargeState, ConnectorState] = {
    ChargeState.PAYING: ConnectorState.BUSY,
    ChargeState.RESERVED: ConnectorState.BUSY_RESERVED,
    ChargeState.STARTING: ConnectorState.BUSY,
    ChargeState.SCHEDULED: ConnectorState.BUSY_SCHEDULED,
    ChargeState.CHARGING: ConnectorState.BUSY_CHARGING,
    ChargeState.PAUSED: ConnectorState.BUSY_NON_CHARGING,
    ChargeState.STOPPING: ConnectorState.BUSY_CHARGING,
    ChargeState.RELEASING: ConnectorState.BUSY_NON_RELEASED,
    ChargeState.OTHER: ConnectorState.BUSY,
}


def cable_plugged_in(ocpp_status: str, *, before: bool) -> bool:
    """Tell whether a cable is in a car, from the box's new status and what we knew before."""
    return _CABLE_BY_STATUS.get(ocpp_status, before)


def connector_state(
    *,
    bound: bool,
    connected: bool,
    maintenance: bool,
    ocpp_status: str | None,
    box_status: str | None,
    charge_state: ChargeState | None,
    raw_state: str | None,
    plugged_in: bool,
) -> ConnectorState:
    """Derive a connector's state. The first rule that knows wins; what people decided stands above what a box says.

    `bound`: hardware belongs to it. `box_status` is the status of the whole box (connector 0). `charge_state` and
    `raw_state` are those of its unfinished charge, if there is one.
    """
    if not bound:
        return ConnectorState.PASSIVE
    if maintenance:
        return ConnectorState.MAINTENANCE
    if not connected:
        return ConnectorState.DISCONNECTED
    if _faulted(ocpp_status, box_status):
        return ConnectorState.ERROR
    if charge_state is ChargeState.STOPPING and raw_state in ("suspended_ev", "suspended_evse"):
        return ConnectorState.BUSY_NON_CHARGING
    if charge_state is not None and charge_state in _BY_CHARGE:
        return _BY_CHARGE[charge_state]
    if charge_state is ChargeState.STOPPED and plugged_in:
        return ConnectorState.BUSY_NON_RELEASED
    return _BY_STATUS.get(ocpp_status or "", ConnectorState.OTHER)


def _faulted(ocpp_status: str | None, box_status: str | None) -> bool:
    # A box may report a fault of its own and charge on; then the connector's word counts.
    return ocpp_status == "Faulted" or (box_status == "Faulted" and ocpp_status not in TRANSACTION_STATUSES)
