"""Binding charge points to hardware."""

import secrets
from http import HTTPStatus
from typing import Annotated

from msgspec import Meta

from wattline.operations import integrations as verbs
from wattline.operations.secrets import BOX_PASSWORD_BYTES, box_password
from wattline.partner_api.bodies import Id, Name, PageQuery
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.partner_connectors import connector_by_id, connectors_by_ids
from wattline.queries.partner_integrations import find_integrations, integration_by_id, integrations_by_ids
from wattline.wire.partner.charge_points import ChargePointIntegration, charge_point_of, integration_of
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.shapes import Shape

integrations = Group("Charge point integrations")


class IntegrationQuery(PageQuery, kw_only=True):
    """Whose integrations."""

    charge_point_id: Id
    include_deleted: bool | None = False


class CreateOrUpdateIntegration(Shape, kw_only=True):
    """`serialNumber` is the identity the box connects with, `connectorId` its socket, 1 when it is missing."""

    charge_point_id: Id
    charge_point_model_id: Id
    serial_number: Name
    connector_id: Annotated[int, Meta(gt=0, le=1000)] | None = None
    auto_connect: bool | None = True


@integrations.route("GET", "/charge-point-integrations", "get-charge-point-integrations", "charge-points:read")
async def get_integrations(call: Call, query: IntegrationQuery) -> Page[ChargePointIntegration]:
    """List a charge point's integrations, the newest first."""
    async with call.database.read() as connection:
        connector = await connector_by_id(connection, query.charge_point_id, viewer=call.viewer)
        found = await find_integrations(
            connection, query.charge_point_id, include_deleted=bool(query.include_deleted), window=query.window
        )
        rows = await integrations_by_ids(connection, found.ids)
    charge_point = charge_point_of(connector, web_url=call.web_url)
    return page_of([integration_of(row, charge_point) for row in rows], found, query.window)


@integrations.route("PUT", "/charge-point-integrations", "post-or-put-charge-point-integration", "charge-points:write")
async def put_integration(call: Call, body: CreateOrUpdateIntegration) -> ChargePointIntegration:
    """Bind a charge point to a socket of a box; the box is made when its identity is new.

    The password of a new box is set in the Portal or with the command line.
    """
    bound = await verbs.integrate_connector(
        call.database, body.charge_point_id, identity=body.serial_number, number=body.connector_id or 1,
        model_id=body.charge_point_model_id, password=box_password(secrets.token_bytes(BOX_PASSWORD_BYTES)),
        auto_connect=body.auto_connect is not False, pepper=call.settings.pepper, asked_by=call.viewer, now=call.now,
    )  # fmt: skip
    return await _shown(call, bound.integration_id)


@integrations.route(
    "GET", "/charge-point-integrations/{chargePointIntegrationId}", "get-charge-point-integration", "charge-points:read"
)
async def get_integration(call: Call, charge_point_integration_id: int) -> ChargePointIntegration:
    """Show one integration; its `state` tells whether the box is connected."""
    return await _shown(call, charge_point_integration_id)


@integrations.route(
    "DELETE", "/charge-point-integrations/{chargePointIntegrationId}", "delete-charge-point-integration",
    "charge-points:delete", success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def delete_integration(call: Call, charge_point_integration_id: int) -> None:
    """Unbind a charge point from its hardware."""
    await verbs.delete_integration(call.database, charge_point_integration_id, asked_by=call.viewer, now=call.now)


async def _shown(call: Call, integration_id: int) -> ChargePointIntegration:
    async with call.database.read() as connection:
        row = await integration_by_id(connection, integration_id, viewer=call.viewer)
        (connector,) = await connectors_by_ids(connection, [row["connector_id"]])
    return integration_of(row, charge_point_of(connector, web_url=call.web_url))
