"""What we send to an OCPP 1.6 box, and how its answers are read.

A command row holds the action and payload as OCPP 1.6 writes them. Before sending, what a make of charge point is known
to choke on is taken out; a raw call goes out untouched.
"""

from collections.abc import Mapping
from typing import Any

from wattline.ocpp.quirks import Quirks
from wattline.operations.commands import Outcome
from wattline.wire.ocpp.rpc import CallError

# Section 7: the statuses that mean "done, or will be". Answers to UpdateFirmware and to questions have none.
DONE = frozenset({"Accepted", "Scheduled", "RebootRequired", "Unlocked", "AcceptedCanceled"})


def prepare(action: str, payload: dict[str, Any], quirks: Quirks) -> dict[str, Any]:
    """Adjust a payload to the make of the box."""
    adjust = ADJUSTMENTS.get(action)
    return payload if adjust is None else adjust(payload, quirks)


def outcome_of(payload: Mapping[str, Any]) -> Outcome:
    """Say in our words whether the box does what it was asked."""
    status = payload.get("status")
    return "accepted" if status is None or status in DONE else "refused"


def error_as_answer(error: CallError) -> dict[str, Any]:
    """Return a CALLERROR as the answer that is kept and shown."""
    return {"errorCode": error.code, "errorDescription": error.description, "errorDetails": error.details}


def _without_profile(payload: dict[str, Any], quirks: Quirks) -> dict[str, Any]:
    # Field note C7: the start is refused because of the profile, which can be sent on its own.
    if quirks.remote_start_with_profile:
        return payload
    return {name: value for name, value in payload.items() if name != "chargingProfile"}


def _known_stack_level(payload: dict[str, Any], quirks: Quirks) -> dict[str, Any]:
    profile = payload.get("csChargingProfiles")
    levels = quirks.stack_levels
    if levels is None or not isinstance(profile, dict) or profile.get("stackLevel") in levels:
        return payload
    return payload | {"csChargingProfiles": profile | {"stackLevel": max(levels)}}


ADJUSTMENTS = {
    "RemoteStartTransaction": _without_profile,
    "SetChargingProfile": _known_stack_level,
}
