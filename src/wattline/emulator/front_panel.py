"""What a person can do to a charge point with their hands: the verbs of the command line and the control port.

Each takes the time, lets the box live up to it, acts, and lets the box say what has changed.
Raises Impossible, and nothing has changed then, when the deed makes no sense now.
"""

from datetime import datetime, timedelta

from wattline.emulator.authorising import show_key
from wattline.emulator.box import ONLINE, Box, Impossible
from wattline.emulator.car import Car
from wattline.emulator.charging import begin, can_start, end
from wattline.emulator.connector import NO_ERROR
from wattline.emulator.messages import StopReason

ERROR_CODES = (
    "ConnectorLockFailure",
    "EVCommunicationError",
    "GroundFailure",
    "HighTemperature",
    "InternalError",
    "OtherError",
    "OverCurrentFailure",
    "OverVoltage",
    "PowerMeterFailure",
    "PowerSwitchFailure",
    "ReaderFailure",
    "UnderVoltage",
    "WeakSignal",
)


def plug(box: Box, number: int, car: Car, now: datetime) -> None:
    """Plug a car in. It charges at once when a key was accepted before, or everybody may."""
    box.pass_time(now)
    connector = box.connector(number)
    if connector.car is not None:
        raise Impossible(f"a car is plugged into connector {number} already")
    connector.car = car
    if box.has_power and connector.transaction is None:
        _begin_if_welcome(box, number)
    box.notice()


def _begin_if_welcome(box: Box, number: int) -> None:
    connector = box.connector(number)
    welcome = connector.welcome
    if welcome is not None and can_start(box, connector, welcome.id_tag, welcome.parent_id_tag):
        begin(box, connector, welcome.id_tag, welcome.parent_id_tag)
    elif box.keys.is_on("FreeVendEnabled") and can_start(box, connector, box.keys.text("FreeVendIdTag")):
        begin(box, connector, box.keys.text("FreeVendIdTag"))


def unplug(box: Box, number: int, now: datetime) -> None:
    """Pull the cable. A running transaction ends, unless StopTransactionOnEVSideDisconnect is off."""
    box.pass_time(now)
    connector = box.connector(number)
    if connector.car is None:
        raise Impossible(f"nothing is plugged into connector {number}")
    if connector.is_cable_stuck:
        raise Impossible(f"the cable is stuck in connector {number}")
    if box.has_power and connector.transaction is not None and box.keys.is_on("StopTransactionOnEVSideDisconnect"):
        end(box, connector, StopReason.EV_DISCONNECTED)
        # The lock opens only after the transaction has ended, so the charge point shows Finishing for a moment.
        box.notice()
    connector.car = None
    connector.has_finished = False
    connector.power_w = 0.0
    box.notice()


def tap(box: Box, id_tag: str, now: datetime, number: int | None = None) -> None:
    """Hold a charge key to the reader: it starts a charge, or ends its own."""
    box.pass_time(now)
    _must_have_power(box)
    show_key(box, id_tag, number)
    box.notice()


def suspend(box: Box, number: int, now: datetime, *, by_car: bool) -> None:
    """Pause a running charge, as the car's own app or the charge point's load balancing would."""
    box.pass_time(now)
    connector = box.connector(number)
    if connector.transaction is None or connector.car is None:
        raise Impossible(f"connector {number} is not charging")
    if by_car:
        connector.car.wants_power = False
    else:
        connector.is_paused = True
    connector.power_w = 0.0
    box.notice()


def resume(box: Box, number: int, now: datetime) -> None:
    """Undo every suspension."""
    box.pass_time(now)
    connector = box.connector(number)
    if connector.car is not None:
        connector.car.wants_power = True
        connector.car.target_soc_percent = 100.0
    connector.is_paused = False
    box.notice()


def fault(box: Box, number: int, error_code: str, now: datetime, *, ends_transaction: bool = False) -> None:
    """Break something. Power stops; the transaction goes on when the fault is cleared, unless it is ended too."""
    box.pass_time(now)
    connector = box.connector(number)
    if error_code not in ERROR_CODES:
        raise Impossible(f"{error_code} is no error code of OCPP 1.6; known are {', '.join(ERROR_CODES)}")
    if ends_transaction and connector.transaction is not None:
        end(box, connector, StopReason.OTHER)
    connector.error_code = error_code
    connector.power_w = 0.0
    box.notice()


def clear_fault(box: Box, number: int, now: datetime) -> None:
    """Repair it."""
    box.pass_time(now)
    box.connector(number).error_code = NO_ERROR
    box.notice()


def go_offline(box: Box, now: datetime, seconds: float | None = None) -> None:
    """Pull the network cable, for a while or until `go_online`. Cars keep charging."""
    box.pass_time(now)
    box.is_cut_off = True
    if seconds is not None:
        box.agenda.set(ONLINE, now + timedelta(seconds=seconds), lambda at: go_online(box, at))


def go_online(box: Box, now: datetime) -> None:
    """Put the network cable back."""
    box.is_cut_off = False
    box.agenda.clear(ONLINE)


def stick_cable(box: Box, number: int, *, is_stuck: bool) -> None:
    """Jam the lock so that neither hands nor UnlockConnector free the cable; or mend it."""
    box.connector(number).is_cable_stuck = is_stuck


def _must_have_power(box: Box) -> None:
    if not box.has_power:
        raise Impossible(f"{box.identity} has no power")
