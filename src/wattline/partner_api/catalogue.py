"""What anybody with a token may look up: hardware that is known, countries, currencies."""

from wattline.partner_api.bodies import Id, PageQuery
from wattline.partner_api.call import Call
from wattline.partner_api.look_up import one_row, page_of_rows
from wattline.partner_api.routing import Group
from wattline.queries import reference
from wattline.queries.paging import Conditions
from wattline.wire.partner.catalogue import (
    ChargePointBrand,
    ChargePointModel,
    model_of,
)
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.places import Connector

catalogue = Group("Reference data")


class SearchQuery(PageQuery, kw_only=True):
    """A part of the name."""

    search: str | None = None


class ModelQuery(SearchQuery, kw_only=True):
    """A part of the name of model or brand, or all models of one brand."""

    brand_id: Id | None = None


@catalogue.route("GET", "/charge-point-brands", "get-charge-point-brands")
async def get_brands(call: Call, query: SearchQuery) -> Page[ChargePointBrand]:
    """List brands of charge points."""
    conditions = Conditions()
    if query.search:
        conditions.add("position(lower({}) in lower(t.name)) > 0", query.search)
    return await page_of_rows(call, "brand", conditions, query, ChargePointBrand)


@catalogue.route("GET", "/charge-point-brands/{chargePointBrandId}", "get-charge-point-brand")
async def get_brand(call: Call, charge_point_brand_id: int) -> ChargePointBrand:
    """Show one brand."""
    return await one_row(call, "brand", charge_point_brand_id, ChargePointBrand)


@catalogue.route("GET", "/charge-point-models", "get-charge-point-models")
async def get_models(call: Call, query: ModelQuery) -> Page[ChargePointModel]:
    """List models of charge points, with what each can do."""
    conditions = Conditions()
    if query.search:
        conditions.add("position(lower({}) in lower(b.name || ' ' || t.name)) > 0", query.search)
    if query.brand_id is not None:
        conditions.add("t.brand_id = {}", query.brand_id)
    async with call.database.read() as connection:
        found = await reference.find(connection, "model", query.window, conditions, order="b.name, t.name")
        rows = await reference.by_ids(connection, "model", found.ids)
    return page_of([model_of(row) for row in rows], found, query.window)


@catalogue.route("GET", "/charge-point-models/{chargePointModelId}", "get-charge-point-model")
async def get_model(call: Call, charge_point_model_id: int) -> ChargePointModel:
    """Show one model."""
    async with call.database.read() as connection:
        return model_of(await reference.by_id(connection, "model", charge_point_model_id))


@catalogue.route("GET", "/charge-point-connectors", "get-connectors")
async def get_connectors(call: Call, query: PageQuery) -> Page[Connector]:
    """List kinds of plug."""
    return await page_of_rows(call, "connector_type", Conditions(), query, Connector)


@catalogue.route("GET", "/charge-point-connectors/{connectorId}", "get-connector")
async def get_connector(call: Call, connector_id: int) -> Connector:
    """Show one kind of plug."""
    return await one_row(call, "connector_type", connector_id, Connector)
