"""What anybody with a token may look up: hardware that is known, countries, currencies."""

from typing import TypeVar

from asyncpg import Record

from wattline.partner_api.bodies import Id, PageQuery
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries import reference
from wattline.queries.paging import Conditions
from wattline.wire.partner.catalogue import (
    ChargePointBrand,
    ChargePointModel,
    Country,
    CountryArea,
    CurrencyItem,
    model_of,
)
from wattline.wire.partner.pages import Page, page_of, whole
from wattline.wire.partner.places import Connector
from wattline.wire.partner.shapes import Shape

catalogue = Group("Reference data")

S = TypeVar("S", bound=Shape)


class SearchQuery(PageQuery, kw_only=True):
    """A part of the name."""

    search: str | None = None


class ModelQuery(SearchQuery, kw_only=True):
    """A part of the name of model or brand, or all models of one brand."""

    brand_id: Id | None = None


class AreaQuery(Shape):
    """Whose areas."""

    country_id: Id


class CurrencyQuery(PageQuery, kw_only=True):
    """One currency by its three letters."""

    identifier: str | None = None


@catalogue.route("GET", "/charge-point-brands", "get-charge-point-brands")
async def get_brands(call: Call, query: SearchQuery) -> Page[ChargePointBrand]:
    """List brands of charge points."""
    conditions = Conditions()
    if query.search:
        conditions.add("position(lower({}) in lower(t.name)) > 0", query.search)
    return await _page(call, "brand", conditions, query, ChargePointBrand)


@catalogue.route("GET", "/charge-point-brands/{chargePointBrandId}", "get-charge-point-brand")
async def get_brand(call: Call, charge_point_brand_id: int) -> ChargePointBrand:
    """Show one brand."""
    return await _one(call, "brand", charge_point_brand_id, ChargePointBrand)


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
    return await _page(call, "connector_type", Conditions(), query, Connector)


@catalogue.route("GET", "/charge-point-connectors/{connectorId}", "get-connector")
async def get_connector(call: Call, connector_id: int) -> Connector:
    """Show one kind of plug."""
    return await _one(call, "connector_type", connector_id, Connector)


@catalogue.route("GET", "/countries", "getCountries")
async def get_countries(call: Call) -> Page[Country]:
    """List all countries, on one page."""
    async with call.database.read() as connection:
        rows = await reference.countries(connection)
    return whole([_shape(row, Country) for row in rows])


@catalogue.route("GET", "/countries/{id}", "getCountry")
async def get_country(call: Call, id: int) -> Country:
    """Show one country."""
    return await _one(call, "country", id, Country)


@catalogue.route("GET", "/country-areas", "getCountriesAreas")
async def get_country_areas(call: Call, query: AreaQuery) -> Page[CountryArea]:
    """List the areas of a country that have an electricity price of their own, on one page."""
    async with call.database.read() as connection:
        rows = await reference.country_areas(connection, query.country_id)
    return whole([_shape(row, CountryArea) for row in rows])


@catalogue.route("GET", "/country-areas/{id}", "getCountryArea")
async def get_country_area(call: Call, id: int) -> CountryArea:
    """Show one area."""
    return await _one(call, "country_area", id, CountryArea)


@catalogue.route("GET", "/currencies", "get-currencies")
async def get_currencies(call: Call, query: CurrencyQuery) -> Page[CurrencyItem]:
    """List currencies, with the number of decimals of each."""
    conditions = Conditions()
    if query.identifier is not None:
        conditions.add("t.identifier = upper({})", query.identifier)
    return await _page(call, "currency", conditions, query, CurrencyItem)


@catalogue.route("GET", "/currencies/{currencyId}", "get-currency")
async def get_currency(call: Call, currency_id: int) -> CurrencyItem:
    """Show one currency."""
    return await _one(call, "currency", currency_id, CurrencyItem)


async def _page(
    call: Call, table: reference.Table, conditions: Conditions, query: PageQuery, shape: type[S]
) -> Page[S]:
    async with call.database.read() as connection:
        found = await reference.find(connection, table, query.window, conditions, order="t.id")
        rows = await reference.by_ids(connection, table, found.ids)
    return page_of([_shape(row, shape) for row in rows], found, query.window)


async def _one(call: Call, table: reference.Table, row_id: int, shape: type[S]) -> S:
    async with call.database.read() as connection:
        return _shape(await reference.by_id(connection, table, row_id), shape)


def _shape(row: Record, shape: type[S]) -> S:
    return shape(**{name: row[name] for name in shape.__struct_fields__})
