"""Asking the hardware behind charge points for something. Each call waits for the answer of the box."""

from http import HTTPStatus
from typing import Annotated, Any

from msgspec import Meta

from wattline.domain.refusals import Refusal
from wattline.operations import key_sync, remote_actions
from wattline.operations.commands import CommandResult
from wattline.operations.remote_actions import Box, Socket, Where
from wattline.partner_api.bodies import Name
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.partner_integrations import box_by_identity, connector_of_box
from wattline.wire.partner.shapes import Shape

hardware = Group("Hardware")

Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class OcppConfigEntry(Shape):
    """A setting of a box. `readonly` ones cannot be changed."""

    key: str
    value: str | None
    readonly: bool


class CreateOcppConfig(Shape, kw_only=True):
    """A setting to change. `store` is taken for compatibility; what a box accepts it keeps."""

    key: Name
    value: str | None = None
    store: bool


class SetChargingProfile(Shape, kw_only=True):
    """OCPP's csChargingProfiles, one or several, for one connector or (0 or none) the whole box."""

    connector_id: Number | None = None
    profile: list[dict[str, Any]] | None = None


class ClearChargingProfile(Shape, kw_only=True):
    """Which profiles to drop; without any of these all of them."""

    id: Number | None = None
    connector_id: Number | None = None
    charging_profile_purpose: str | None = None


class ProfileConfirmation(Shape):
    status: str


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


class BoxRefused(Refusal):
    """The box understood and said no."""

    code = "CHARGE_POINT_REFUSED"

    def __init__(self, result: CommandResult) -> None:
        answer = result.answer.get("status") or result.answer.get("errorDescription") or result.answer.get("errorCode")
        super().__init__(f"The charge point did not do it{f': {answer}' if answer else ''}.")


class BoxSilent(Refusal):
    """The box has the call, and said nothing in time. It may still do it."""

    code = "CHARGE_POINT_DID_NOT_ANSWER"

    def __init__(self) -> None:
        super().__init__("The charge point did not answer in time. Look at its state, then try again.")


@hardware.route(
    "POST", "/charge-points/{chargePointId}/reboot", "reboot-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def reboot(call: Call, charge_point_id: int) -> None:
    """Restart the box of a charge point. It ends running charges in good order first."""
    result = await remote_actions.reboot(
        call.database, call.bus, Socket(charge_point_id), asked_by=call.viewer, now=call.now
    )
    _must_be_accepted(result)


@hardware.route(
    "POST", "/charge-points/{chargePointId}/unlock", "unlock-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def unlock(call: Call, charge_point_id: int) -> None:
    """Open the lock that holds the cable."""
    result = await remote_actions.unlock(
        call.database, call.bus, Socket(charge_point_id), asked_by=call.viewer, now=call.now
    )
    _must_be_accepted(result)


@hardware.route(
    "POST", "/charge-points/{chargePointId}/sync-charge-keys", "sync-charge-keys", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def sync_charge_keys(call: Call, charge_point_id: int) -> None:
    """Give the box the charge keys it may accept while it is offline."""
    result = await key_sync.sync_charge_keys(
        call.database, call.bus, Socket(charge_point_id), asked_by=call.viewer, now=call.now
    )
    _must_be_accepted(result)


@hardware.route("POST", "/charge-points/{chargePointId}/ocpp-calls", "post-ocpp-call", "ocpp-config:write")
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


@hardware.route("GET", "/charge-points/{chargePointIdentity}/ocpp-config", "get-ocpp-config", "ocpp-config:read")
async def get_ocpp_config(call: Call, charge_point_identity: str) -> list[OcppConfigEntry]:
    """Ask a box, by its identity, for its settings."""
    result = await remote_actions.get_configuration(
        call.database, call.bus, await _box(call, charge_point_identity), asked_by=call.viewer, now=call.now
    )
    _must_be_accepted(result)
    entries = result.answer.get("configurationKey") or []
    return [OcppConfigEntry(one["key"], one.get("value"), bool(one.get("readonly"))) for one in entries]


@hardware.route("POST", "/charge-points/{chargePointIdentity}/ocpp-config", "create-ocpp-config", "ocpp-config:write")
async def create_ocpp_config(call: Call, charge_point_identity: str, body: CreateOcppConfig) -> None:
    """Change a setting of a box, by its identity."""
    result = await remote_actions.set_configuration(
        call.database, call.bus, await _box(call, charge_point_identity), key=body.key, value=body.value or "",
        asked_by=call.viewer, now=call.now,
    )  # fmt: skip
    _must_be_accepted(result)


@hardware.route(
    "POST", "/charge-points/{chargePointIdentity}/set-charging-profile", "set-charging-profile",
    "charging-profiles:write", beta=True,
)  # fmt: skip
async def set_charging_profile(call: Call, charge_point_identity: str, body: SetChargingProfile) -> ProfileConfirmation:
    """Limit the power of a box or of one of its connectors."""
    where = await _connector(call, charge_point_identity, body.connector_id)
    status = "Accepted"
    for profile in body.profile or []:
        result = await remote_actions.set_charging_profile(
            call.database, call.bus, where, profile=profile, asked_by=call.viewer, now=call.now
        )
        status = _status_of(result)
        if status != "Accepted":
            break
    return ProfileConfirmation(status=status)


@hardware.route(
    "POST", "/charge-points/{chargePointIdentity}/clear-charging-profile", "clear-charging-profile",
    "charging-profiles:write", beta=True,
)  # fmt: skip
async def clear_charging_profile(
    call: Call, charge_point_identity: str, body: ClearChargingProfile
) -> ProfileConfirmation:
    """Drop limits of the power of a box or of one of its connectors."""
    where = await _connector(call, charge_point_identity, body.connector_id)
    result = await remote_actions.clear_charging_profile(
        call.database, call.bus, where, profile_id=body.id, purpose=body.charging_profile_purpose,
        asked_by=call.viewer, now=call.now,
    )  # fmt: skip
    return ProfileConfirmation(status=_status_of(result))


async def _box(call: Call, identity: str) -> Box:
    async with call.database.read() as connection:
        return Box(await box_by_identity(connection, identity, viewer=call.viewer))


async def _connector(call: Call, identity: str, number: int | None) -> Where:
    box = await _box(call, identity)
    if not number:
        return box
    async with call.database.read() as connection:
        return Socket(await connector_of_box(connection, box.charge_point_id, number))


def _must_be_accepted(result: CommandResult) -> None:
    if result.outcome in ("refused", "error"):
        raise BoxRefused(result)
    if result.outcome != "accepted":
        raise BoxSilent


def _status_of(result: CommandResult) -> str:
    if result.outcome not in ("accepted", "refused"):
        _must_be_accepted(result)
    return str(result.answer.get("status", "Accepted"))
