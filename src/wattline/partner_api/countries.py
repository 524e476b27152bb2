"""Countries, their areas, and currencies."""

from wattline.partner_api.bodies import Id, PageQuery
from wattline.partner_api.call import Call
from wattline.partner_api.look_up import one_row, page_of_rows, shape_of_row
from wattline.partner_api.routing import Group
from wattline.queries import reference
from wattline.queries.paging import Conditions
from wattline.wire.partner.catalogue import (
    Country,
    CountryArea,
    CurrencyItem,
)
from wattline.wire.partner.pages import Page, whole
from wattline.wire.partner.shapes import Shape

countries = Group("Reference data")


class AreaQuery(Shape):
    """Whose areas."""

    country_id: Id


class CurrencyQuery(PageQuery, kw_only=True):
    """One currency by its three letters."""

    identifier: str | None = None


@countries.route("GET", "/countries", "getCountries")
async def get_countries(call: Call) -> Page[Country]:
    """List all countries, on one page."""
    async with call.database.read() as connection:
        rows = await reference.countries(connection)
    return whole([shape_of_row(row, Country) for row in rows])


@countries.route("GET", "/countries/{id}", "getCountry")
async def get_country(call: Call, id: int) -> Country:
    """Show one country."""
    return await one_row(call, "country", id, Country)


@countries.route("GET", "/country-areas", "getCountriesAreas")
async def get_country_areas(call: Call, query: AreaQuery) -> Page[CountryArea]:
    """List the areas of a country that have an electricity price of their own, on one page."""
    async with call.database.read() as connection:
        rows = await reference.country_areas(connection, query.country_id)
    return whole([shape_of_row(row, CountryArea) for row in rows])


@countries.route("GET", "/country-areas/{id}", "getCountryArea")
async def get_country_area(call: Call, id: int) -> CountryArea:
    """Show one area."""
    return await one_row(call, "country_area", id, CountryArea)


@countries.route("GET", "/currencies", "get-currencies")
async def get_currencies(call: Call, query: CurrencyQuery) -> Page[CurrencyItem]:
    """List currencies, with the number of decimals of each."""
    conditions = Conditions()
    if query.identifier is not None:
        conditions.add("t.identifier = upper({})", query.identifier)
    return await page_of_rows(call, "currency", conditions, query, CurrencyItem)


@countries.route("GET", "/currencies/{currencyId}", "get-currency")
async def get_currency(call: Call, currency_id: int) -> CurrencyItem:
    """Show one currency."""
    return await one_row(call, "currency", currency_id, CurrencyItem)
