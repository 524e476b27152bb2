"""What charging will cost in the hours to come."""

from datetime import timedelta

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.price_choice import ChosenBy, NoPrice
from wattline.domain.price_forecast import HOURS_AHEAD, forecast
from wattline.domain.price_terms import PriceTerms
from wattline.domain.refusals import Invalid
from wattline.operations.price_freeze import spot_for, terms_for, terms_of
from wattline.partner_api.bodies import Id
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.partner_connectors import connector_by_id
from wattline.queries.partner_price_groups import home_of, price_group_by_id
from wattline.wire.partner.charges import Currency
from wattline.wire.partner.places import operator_of
from wattline.wire.partner.price_forecasts import PricesForecast, entries_of
from wattline.wire.partner.price_groups import price_group_of
from wattline.wire.partner.shapes import Shape

price_forecast = Group("Price groups")


class ForecastQuery(Shape, kw_only=True):
    """Where, on which terms, for whom. One of charge point and price group must be there."""

    charge_point_id: Id | None = None
    price_group_id: Id | None = None
    team_member_id: Id | None = None


@price_forecast.route("GET", "/prices/forecast", "get-prices-forecast", "prices-forecast:read", beta=True)
async def get_forecast(call: Call, query: ForecastQuery) -> PricesForecast:
    """Tell what a kWh will cost in the next 24 hours, this one first, in 1/10,000 of the currency.

    For a charge point, the price that would count there; with a price group, that one; with a team member, theirs.
    Fees are not part of it: the price group tells them.
    """
    async with call.database.read() as connection:
        terms = await _terms(connection, call, query)
        group, prices = await price_group_by_id(connection, terms.price_group_id, viewer=call.viewer)
        spot = await spot_for(connection, terms, call.now, call.now + timedelta(hours=HOURS_AHEAD))
        home = await home_of(connection, terms.price_group_id)
    shown = price_group_of(group, prices)
    money = shown.master_price.price.currency
    return PricesForecast(
        operator=operator_of(home),
        currency=Currency(identifier=terms.currency, name=money.name, decimals=money.decimals),
        price_group=shown,
        forecasts=entries_of(forecast(terms, spot, now=call.now), terms.currency),
    )


async def _terms(connection: Connection, call: Call, query: ForecastQuery) -> PriceTerms:
    if query.price_group_id is not None:
        await price_group_by_id(connection, query.price_group_id, viewer=call.viewer)
    if query.charge_point_id is None:
        if query.price_group_id is None:
            raise Invalid("chargePointId", "is missing. Name a charge point, or a priceGroupId.")
        home: Record = await home_of(connection, query.price_group_id)
        return await terms_of(connection, home, query.price_group_id, ChosenBy.EXPLICIT, now=call.now)
    await connector_by_id(connection, query.charge_point_id, viewer=call.viewer)
    terms = await terms_for(
        connection,
        query.charge_point_id,
        payer_team_id=None,
        member_id=query.team_member_id,
        explicit_group_id=query.price_group_id,
        roaming=False,
        now=call.now,
    )
    if terms is None:
        raise NoPrice
    return terms
