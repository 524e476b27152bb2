"""Charge points: what there is, adding, changing, taking away."""

from datetime import datetime
from http import HTTPStatus

from wattline.domain.price_terms import GroupType
from wattline.operations import charge_points as verbs
from wattline.operations.price_application import Application, apply_price_group
from wattline.partner_api.bodies import (
    given,
)
from wattline.partner_api.call import Call
from wattline.partner_api.charge_point_bodies import (
    CLEARABLE,
    COLUMNS,
    CreateChargePoint,
    PatchChargePoint,
    check_payload,
    watts,
)
from wattline.partner_api.charge_point_filters import ChargePointQuery
from wattline.partner_api.routing import Group
from wattline.queries.partner_connectors import connector_by_id, connectors_by_ids, find_connectors
from wattline.wire.partner.charge_points import ChargePoint, charge_point_of
from wattline.wire.partner.pages import Page, page_of

charge_points = Group("Charge points")


@charge_points.route("GET", "/charge-points", "get-charge-points", "charge-points:read")
async def get_charge_points(call: Call, query: ChargePointQuery) -> Page[ChargePoint]:
    """List charge points. One charge point is what one car plugs into; a box with two sockets is two of them."""
    async with call.database.read() as connection:
        found = await find_connectors(connection, query.as_filter(), query.window, viewer=call.viewer)
        rows = await connectors_by_ids(connection, found.ids)
    return page_of([charge_point_of(row, web_url=call.web_url) for row in rows], found, query.window)


@charge_points.route("POST", "/charge-points", "post-charge-point", "charge-points:write", success=HTTPStatus.CREATED)
async def create_charge_point(call: Call, body: CreateChargePoint) -> ChargePoint:
    """Add a charge point. It is passive until hardware is bound to it: `PUT /charge-point-integrations`."""
    check_payload(body.partner_custom_payload)
    new = verbs.NewConnector(
        team_id=body.team_id,
        site_id=body.site_id,
        model_id=body.charge_point_model_id,
        name=body.name,
        max_power_w=watts(body.max_kw),
        visibility=body.visibility,
        current_kind=body.type,
        active=body.active is not False,
        show_on_map=body.show_on_map is not False,
        connector_types=body.connector_ids,
        note=body.note,
        partner_external_id=body.partner_external_id,
        partner_custom_payload=body.partner_custom_payload,
    )
    connector_id = await verbs.create_connector(call.database, new, asked_by=call.viewer, now=call.now)
    return await shown(call, connector_id)


@charge_points.route("GET", "/charge-points/{chargePointId}", "get-charge-point", "charge-points:read")
async def get_charge_point(call: Call, charge_point_id: int) -> ChargePoint:
    """Show one charge point, as it is now."""
    return await shown(call, charge_point_id)


@charge_points.route("PATCH", "/charge-points/{chargePointId}", "patch-charge-point", "charge-points:write")
async def patch_charge_point(call: Call, charge_point_id: int, body: PatchChargePoint) -> ChargePoint:
    """Change a charge point. What is not sent stays as it is."""
    changes = {COLUMNS.get(name, name): value for name, value in given(body, clearable=CLEARABLE).items()}
    check_payload(changes.get("partner_custom_payload"))
    roaming_group_id = changes.pop("roaming_price_group_id", None)
    active: bool | None = changes.pop("active", None)
    if "max_kw" in changes:
        changes["max_power_w"] = watts(changes.pop("max_kw"))
    if active is not None:
        changes["active_at"] = await _active_at(call, charge_point_id, active)
    await verbs.patch_connector(call.database, charge_point_id, changes, asked_by=call.viewer, now=call.now)
    if roaming_group_id is not None:
        here = Application(connector_ids=(charge_point_id,), only=GroupType.ROAMING)
        await apply_price_group(call.database, roaming_group_id, here, asked_by=call.viewer, now=call.now)
    return await shown(call, charge_point_id)


@charge_points.route(
    "DELETE", "/charge-points/{chargePointId}", "delete-charge-point", "charge-points:delete",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def delete_charge_point(call: Call, charge_point_id: int) -> None:
    """Take a charge point away, and its hardware's identity with it when it was the last one there."""
    await verbs.delete_connector(call.database, charge_point_id, asked_by=call.viewer, now=call.now)


async def shown(call: Call, charge_point_id: int) -> ChargePoint:
    """Show a charge point of the caller's. Raises Unknown."""
    async with call.database.read() as connection:
        row = await connector_by_id(connection, charge_point_id, viewer=call.viewer)
    return charge_point_of(row, web_url=call.web_url)


async def _active_at(call: Call, charge_point_id: int, active: bool) -> datetime | None:
    before = await shown(call, charge_point_id)
    return (before.active_at or call.now) if active else None
