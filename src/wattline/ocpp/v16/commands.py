"""How the answers of OCPP 1.6 boxes are read."""

from collections.abc import Mapping
from typing import Any

from wattline.operations.commands import Outcome
from wattline.wire.ocpp.rpc import CallError

# Section 7: the statuses that mean "done, or will be". Answers to UpdateFirmware and to questions have none.
DONE = frozenset({"Accepted", "Scheduled", "RebootRequired", "Unlocked", "AcceptedCanceled"})


def outcome_of(payload: Mapping[str, Any]) -> Outcome:
    """Say in our words whether the box does what it was asked."""
    status = payload.get("status")
    return "accepted" if status is None or status in DONE else "refused"


def error_as_answer(error: CallError) -> dict[str, Any]:
    """Return a CALLERROR as the answer that is kept and shown."""
    return {"errorCode": error.code, "errorDescription": error.description, "errorDetails": error.details}
