"""Settings of boxes, by their identity or the number of their charge point."""

from wattline.domain.refusals import Unknown
from wattline.operations import remote_actions
from wattline.operations.command_targets import find_target
from wattline.operations.remote_actions import Box, Socket
from wattline.partner_api.bodies import Name
from wattline.partner_api.box_answers import must_be_accepted
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.partner_integrations import box_by_identity
from wattline.wire.partner.shapes import Shape

ocpp_config = Group("Hardware")


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


@ocpp_config.route("GET", "/charge-points/{chargePointIdentity}/ocpp-config", "get-ocpp-config", "ocpp-config:read")
async def get_ocpp_config(call: Call, charge_point_identity: str) -> list[OcppConfigEntry]:
    """Ask a box, by its identity, for its settings."""
    result = await remote_actions.get_configuration(
        call.database, call.bus, await box_called(call, charge_point_identity), asked_by=call.viewer, now=call.now
    )
    must_be_accepted(result)
    entries = result.answer.get("configurationKey") or []
    return [OcppConfigEntry(one["key"], one.get("value"), bool(one.get("readonly"))) for one in entries]


@ocpp_config.route(
    "POST", "/charge-points/{chargePointIdentity}/ocpp-config", "create-ocpp-config", "ocpp-config:write"
)
async def create_ocpp_config(call: Call, charge_point_identity: str, body: CreateOcppConfig) -> None:
    """Change a setting of a box, by its identity."""
    result = await remote_actions.set_configuration(
        call.database, call.bus, await box_called(call, charge_point_identity), key=body.key, value=body.value or "",
        asked_by=call.viewer, now=call.now,
    )  # fmt: skip
    must_be_accepted(result)


async def box_called(call: Call, identity: str) -> Box:
    """Find the caller's box by the identity it connects with. Raises Unknown.

    The number of its charge point does as well, for names that are hard to write in a path (field note H5).
    """
    try:
        async with call.database.read() as connection:
            return Box(await box_by_identity(connection, identity, viewer=call.viewer))
    except Unknown:
        if not (identity.isdecimal() and int(identity) <= ID_MAX):
            raise
    target = await find_target(call.database, Socket(int(identity)), asked_by=call.viewer)
    return Box(target.charge_point_id)


# What a bigint column holds.
ID_MAX = 2**63 - 1
