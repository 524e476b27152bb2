"""Limits of power, by the identity of a box."""

from typing import Annotated, Any

from msgspec import Meta

from wattline.operations import remote_actions
from wattline.operations.remote_actions import Socket, Where
from wattline.partner_api.box_answers import status_of
from wattline.partner_api.call import Call
from wattline.partner_api.ocpp_config import (
    box_called,
)
from wattline.partner_api.routing import Group
from wattline.queries.partner_integrations import connector_of_box
from wattline.wire.partner.shapes import Shape

Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]

charging_profiles = Group("Hardware")


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


@charging_profiles.route(
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
        status = status_of(result)
        if status != "Accepted":
            break
    return ProfileConfirmation(status=status)


@charging_profiles.route(
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
    return ProfileConfirmation(status=status_of(result))


async def _connector(call: Call, identity: str, number: int | None) -> Where:
    box = await box_called(call, identity)
    if not number:
        return box
    async with call.database.read() as connection:
        return Socket(await connector_of_box(connection, box.charge_point_id, number))
