"""The price of a charge, decided and written down at its start."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.price_choice import Candidates, ChosenBy, NoPrice, choose
from wattline.domain.price_terms import GroupType, PriceTerms, Pricing, PricingType
from wattline.domain.refusals import NotReady, Unknown
from wattline.domain.vat import Company, TaxRate, on_sale_to_driver
from wattline.domain.vat_rates import has_vat
from wattline.operations.market_prices import must_be_known, series_for, spot_for
from wattline.operations.price_group_rows import prices_of
from wattline.operations.tariff_hours import tariff_prices

__all__ = ["cost_terms_for", "spot_for", "terms_for", "terms_of", "written_terms"]

# Teams of these types account for VAT; private owners sell without it.
_REGISTERED = ("professional", "operator")


async def terms_for(
    connection: Connection,
    connector_id: int,
    *,
    payer_team_id: int | None,
    member_id: int | None,
    explicit_group_id: int | None,
    roaming: bool,
    now: datetime,
) -> PriceTerms | None:
    """Decide the terms of a charge that begins now. None: nobody set a price at a private charge point.

    Raises Unknown for a group that is not of the owner, NoPrice, SpotPriceUnknown, TariffNotPublished, and NotReady
    when the group's master price is not valid now.
    """
    place = await connection.fetchrow(PLACE, connector_id, member_id, payer_team_id)
    if place is None:
        raise Unknown("charge point", connector_id)
    if explicit_group_id is not None and not await connection.fetchval(USABLE, explicit_group_id, place["team_id"]):
        raise Unknown("price group", explicit_group_id)
    chosen = choose(
        Candidates(
            explicit=explicit_group_id,
            member=place["member_group_id"],
            nested_team=place["nested_group_id"],
            roaming=place["roaming_group_id"],
            public=place["public_group_id"],
        ),
        roaming=roaming,
    )
    if chosen is None and place["visibility"] == "public":
        raise NoPrice
    return None if chosen is None else await terms_of(connection, place, *chosen, now=now)


async def cost_terms_for(connection: Connection, connector_id: int, *, now: datetime) -> PriceTerms | None:
    """Return what a charge here costs its owner, for keeping track only; None when no cost group is applied."""
    place = await connection.fetchrow(PLACE, connector_id, None, None)
    if place is None or place["cost_group_id"] is None:
        return None
    return await terms_of(connection, place, place["cost_group_id"], ChosenBy.PUBLIC, now=now)


async def terms_of(
    connection: Connection, place: Record, price_group_id: int, chosen_by: ChosenBy, *, now: datetime
) -> PriceTerms:
    """Write down the terms of a group at a place (a row of PLACE)."""
    group = await connection.fetchrow(GROUP, price_group_id)
    assert group is not None
    master, fees = await prices_of(connection, price_group_id)
    return await written_terms(connection, place, group, master, fees, chosen_by=chosen_by, now=now)


async def written_terms(
    connection: Connection,
    place: Any,
    group: Any,
    master: Pricing,
    fees: Sequence[Pricing],
    *,
    chosen_by: ChosenBy,
    now: datetime,
) -> PriceTerms:
    """Write down terms of prices, saved or not, at a place (a row of PLACE) for a group (a row of GROUP)."""
    if not master.holds_at(now):
        raise NotReady(f"The main price of the price group {group['name']} is not valid now.")
    prices = [master, *(fee for fee in fees if fee.holds_at(now))]
    vat = on_sale_to_driver(
        Company(place["seller_country"], place["team_type"] in _REGISTERED),
        place["country"],
        now.date(),
        [TaxRate(name, percent) for name, percent in zip(group["tax_names"], group["tax_percents"], strict=True)],
    )
    # Roaming amounts exclude VAT, and so do all prices where there is sales tax (product rules, section 12).
    with_vat = has_vat(place["country"]) and group["type"] != GroupType.ROAMING
    series_id = await _series(connection, prices, group, place, now)
    return PriceTerms(
        price_group_id=group["id"],
        name=group["name"],
        type=GroupType(group["type"]),
        chosen_by=chosen_by,
        currency=group["currency"],
        decimals=2 if group["decimals"] is None else group["decimals"],
        country=place["country"],
        vat_percent=vat.percent,
        vat_category=vat.category,
        prices_include_vat=with_vat,
        master=master,
        fees=tuple(prices[1:]),
        tariffs=await tariff_prices(connection, prices, vat_percent=vat.percent, with_vat=with_vat, now=now),
        spot_series_id=series_id,
        minimum_minor=group["minimum_minor"],
        maximum_minor=group["maximum_minor"],
        release_detection=place["release_detection"],
    )


async def _series(
    connection: Connection, prices: Iterable[Pricing], group: Any, place: Any, now: datetime
) -> int | None:
    spot = [pricing for pricing in prices if pricing.type is PricingType.SPOT]
    if not spot:
        return None
    series_id = group["spot_series_id"] or await series_for(
        connection, group["currency"], country=place["country"], country_area_id=place["country_area_id"]
    )
    if any(pricing.price == Decimal() for pricing in spot):
        await must_be_known(connection, series_id, now=now)
    return series_id


# Defaults: the team's own group of the kind, else the operator's.
def _default(type_: str) -> str:
    return f"""(select d.id from price_group d where d.operator_id = k.operator_id and d.is_default
      and d.deleted_at is null and d.type = '{type_}' and (d.team_id = k.team_id or d.team_id is null)
      order by d.team_id is null limit 1)"""


PLACE = f"""
select k.id, k.team_id, k.operator_id, k.visibility, k.release_detection, s.country_area_id, t.type as team_type,
  coalesce(y.alpha2_code, z.alpha2_code) as country, coalesce(z.alpha2_code, y.alpha2_code) as seller_country,
  coalesce(k.price_group_id, s.price_group_id,
    case when k.visibility = 'public' then {_default("public")} end) as public_group_id,
  coalesce(k.roaming_price_group_id, s.roaming_price_group_id,
    case when k.roaming then {_default("roaming")} end) as roaming_group_id,
  coalesce(k.cost_price_group_id, s.cost_price_group_id, {_default("cost")}) as cost_group_id,
  (select coalesce(m.price_group_id, {_default("member")}) from member m
   where m.id = $2 and m.team_id = k.team_id and m.deleted_at is null and m.state = 'accepted') as member_group_id,
  (select n.price_group_id from nested_team n where n.parent_team_id = k.team_id and n.nested_team_id = $3
     and n.deleted_at is null and n.state = 'accepted') as nested_group_id
from connector k
  join team t on t.id = k.team_id
  left join site s on s.id = k.site_id
  left join country y on y.id = s.country_id
  left join country z on z.id = t.country_id
where k.id = $1 and k.deleted_at is null
"""

# An operator's groups are for all its teams and those of its sub-operators.
USABLE = """
select exists (
  select from price_group g join team t on t.id = $2 join operator o on o.id = t.operator_id
  where g.id = $1 and g.deleted_at is null
    and (g.team_id = t.id or g.team_id is null and g.operator_id in (o.id, o.parent_operator_id)))
"""

GROUP = """
select g.*, x.decimals,
  array(select r.name from tax_rate r where r.id = any(g.tax_rate_ids) order by r.id) as tax_names,
  array(select r.percent from tax_rate r where r.id = any(g.tax_rate_ids) order by r.id) as tax_percents
from price_group g left join currency x on x.identifier = upper(g.currency)
where g.id = $1
"""
