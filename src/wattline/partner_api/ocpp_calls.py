"""The raw door: an OCPP call just as a program writes it."""

from typing import Annotated, Any

from msgspec import Meta

from wattline.operations import remote_actions
from wattline.operations.remote_actions import Socket
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.wire.partner.shapes import Shape

ocpp_calls = Group("Hardware")


class OcppCall(Shape, kw_only=True):
    """An OCPP call in full: what stands here is sent, whatever it is."""

    action: Annotated[str, Meta(min_length=1, max_length=100)]
    payload: dict[str, Any] = {}  # noqa: RUF012, msgspec makes a new one each time


class OcppCallError(Shape):
    """A CALLERROR of the box."""

    error_code: str | None
    error_description: str | None
    error_details: Any


class OcppReply(Shape):
    """What became of the call. `outcome` is accepted, refused, error, no-answer, expired or unknown."""

    outcome: str
    payload: Any
    error: OcppCallError | None


@ocpp_calls.route("POST", "/charge-points/{chargePointId}/ocpp-calls", "post-ocpp-call", "ocpp-config:write")
async def call_ocpp(call: Call, charge_point_id: int, body: OcppCall) -> OcppReply:
    """Send an OCPP call just as it stands here, and return what the box says to it, a CALLERROR too."""
    result = await remote_actions.raw_call(
        call.database, call.bus, Socket(charge_point_id), action=body.action, payload=body.payload,
        asked_by=call.viewer, now=call.now,
    )  # fmt: skip
    if result.outcome == "error":
        error = OcppCallError(*(result.answer.get(name) for name in ("errorCode", "errorDescription", "errorDetails")))
        return OcppReply(outcome=result.outcome, payload=None, error=error)
    answered = result.outcome in ("accepted", "refused")
    return OcppReply(outcome=result.outcome, payload=dict(result.answer) if answered else None, error=None)
