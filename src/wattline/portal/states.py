"""How states are said and shown. A glyph's shape alone tells the state; how loud it is follows from who must act."""

from dataclasses import dataclass
from datetime import datetime

from wattline.web.formats import Formats


@dataclass(frozen=True, slots=True)
class Look:
    """The word for a state, its hue, and its ground in connector glyphs and day strips."""

    word: str
    hue: str
    ground: str


CHARGE_POINT: dict[str, Look] = {
    "available": Look("Available", "green", "available"),
    "busy-charging": Look("Charging", "current", "charging"),
    "busy-scheduled": Look("Scheduled", "current", "waiting"),
    "busy-reserved": Look("Reserved", "current", "waiting"),
    "busy": Look("Busy", "amber", "busy"),
    "busy-blocked": Look("Plugged in, no charge", "amber", "busy"),
    "busy-non-charging": Look("Not drawing", "amber", "busy"),
    "busy-non-released": Look("Done, still plugged", "amber", "busy"),
    "error": Look("Error", "red", "error"),
    "disconnected": Look("Disconnected", "ink", "gone"),
    "maintenance": Look("Maintenance", "ink-3", "off"),
    "passive": Look("Never connected", "ink-3", "off"),
    "other": Look("Unknown", "ink-3", "off"),
}

CHARGE: dict[str, Look] = {
    "paying": Look("Paying", "current", "waiting"),
    "reserved": Look("Reserved", "current", "waiting"),
    "starting": Look("Starting", "current", "waiting"),
    "scheduled": Look("Scheduled", "current", "waiting"),
    "charging": Look("Charging", "current", "charging"),
    "paused": Look("Paused", "amber", "busy"),
    "stopping": Look("Stopping", "current", "busy"),
    "stopped": Look("Stopped", "amber", "off"),
    "failed": Look("Failed", "red", "error"),
    "releasing": Look("Unplug the car", "amber", "off"),
    "released": Look("Unplugged", "green", "available"),
    "completed": Look("Completed", "green", "available"),
    "other": Look("Unknown", "ink-3", "off"),
}

# What a connector glyph says in words, for those who do not see it.
PLUG_WORDS = {
    "available": "free",
    "charging": "charging",
    "waiting": "waiting",
    "busy": "occupied",
    "error": "faulted",
    "gone": "no contact",
    "off": "out of use",
}


@dataclass(frozen=True, slots=True)
class Group:
    """A filter of the list: several states that ask the same of a person."""

    key: str
    label: str
    glyph: str
    hue: str
    states: tuple[str, ...]


GROUPS = (
    Group("error", "Error", "error", "red", ("error",)),
    Group("disconnected", "Disconnected", "disconnected", "ink", ("disconnected",)),
    Group("charging", "Charging", "busy-charging", "current", ("busy-charging",)),
    Group(
        "occupied", "Occupied, no energy", "busy-non-charging", "amber",
        ("busy", "busy-blocked", "busy-non-charging", "busy-non-released"),
    ),
    Group("waiting", "Waiting", "busy-scheduled", "current", ("busy-scheduled", "busy-reserved")),
    Group("available", "Available", "available", "green", ("available",)),
    Group("out", "Out of use", "maintenance", "ink-3", ("maintenance", "passive", "other")),
)  # fmt: skip

# OCPP 1.6, 7.6 ChargePointErrorCode, in the words of somebody who stands before the box.
ERROR_WORDS = {
    "ConnectorLockFailure": "cable lock stuck",
    "EVCommunicationError": "cannot talk to the car",
    "GroundFailure": "isolation fault",
    "HighTemperature": "too hot",
    "InternalError": "internal fault",
    "LocalListConflict": "local list conflict",
    "OverCurrentFailure": "too much current",
    "OverVoltage": "voltage too high",
    "PowerMeterFailure": "meter fault",
    "PowerSwitchFailure": "switch fault",
    "ReaderFailure": "card reader fault",
    "ResetFailure": "restart failed",
    "UnderVoltage": "voltage too low",
    "WeakSignal": "weak signal",
}
# The states whose age matters: somebody waits, or somebody is missing.
AGED = {"busy-blocked", "busy-non-released"}


def charge_look(state: str, *, failed: bool) -> tuple[str, Look]:
    """Return glyph and look of a charge; one that failed shows as failed in any state."""
    key = "failed" if failed else state if state in CHARGE else "other"
    return key, CHARGE[key]


def point_look(state: str) -> tuple[str, Look]:
    """Return glyph and look of a charge point's state."""
    key = state if state in CHARGE_POINT else "other"
    return key, CHARGE_POINT[key]


def error_words(error_code: str | None, error_info: str | None) -> str:
    """Say an OCPP error in a few words; the box's own words when the code says nothing."""
    if error_code in ERROR_WORDS:
        return ERROR_WORDS[error_code]
    return (error_info or "")[:60]


def point_reason(
    state: str,
    formats: Formats,
    *,
    since: datetime | None = None,
    away_since: datetime | None = None,
    error_code: str | None = None,
    error_info: str | None = None,
    raw_state: str | None = None,
    reserved_until: datetime | None = None,
) -> str:
    """Say what follows the state's word after the dot: why, or since when."""
    if state == "error":
        return error_words(error_code, error_info)
    if state == "disconnected":
        return formats.live_since(away_since) if away_since else ""
    if state == "busy-non-charging":
        return PAUSED_BY.get(raw_state or "", "")
    if state == "busy-reserved" and reserved_until:
        return f"until {formats.minute(reserved_until)}"
    return formats.live_since(since) if state in AGED and since else ""


PAUSED_BY = {
    "suspended_ev": "car paused",
    "suspended_evse": "charge point paused",
}
