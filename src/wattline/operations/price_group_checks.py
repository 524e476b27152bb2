"""What must be true of a price group before it counts: its parts exist, and the law allows it where it is applied."""

from typing import Any, Protocol

from wattline.database.connection import Transaction
from wattline.domain.access import Viewer
from wattline.domain.afir import PricedPoint, must_be_allowed
from wattline.domain.price_terms import GroupType, Pricing
from wattline.domain.refusals import Invalid, Unknown
from wattline.operations.price_group_rows import may_use, prices_of


class Draft(Protocol):
    """The parts of a draft that refer to other things."""

    @property
    def master(self) -> Pricing: ...
    @property
    def fees(self) -> tuple[Pricing, ...]: ...
    @property
    def tax_rate_ids(self) -> tuple[int, ...]: ...
    @property
    def spot_series_id(self) -> int | None: ...


async def must_know_parts(tx: Transaction, draft: Draft, currency: str, *, asked_by: Viewer) -> None:
    """Refuse tariffs, tags, tax rates and spot series that are not the viewer's, or in another currency."""
    for pricing in (draft.master, *draft.fees):
        await _must_know_tariff(tx, pricing.tariff_id, currency, asked_by)
        if pricing.tag_id is not None and not await tx.fetchval(TAG, pricing.tag_id, list(asked_by.operator_ids)):
            raise Unknown("price group tag", pricing.tag_id)
    for tax_rate_id in draft.tax_rate_ids:
        if not await tx.fetchval(TAX_RATE, tax_rate_id, list(asked_by.operator_ids)):
            raise Unknown("tax rate", tax_rate_id)
    if draft.spot_series_id is not None and not await tx.fetchval(SERIES, draft.spot_series_id, currency):
        raise Unknown("spot price series", draft.spot_series_id)


async def must_be_lawful(tx: Transaction, group: Any) -> None:
    """Raise PriceNotAllowed when one of the charge points a group counts at must not have its prices."""
    if group["type"] != GroupType.PUBLIC:
        return
    points = await tx.fetch(POINTS, group["id"], group["is_default"], group["operator_id"], group["team_id"])
    master, fees = await prices_of(tx, group["id"])
    must_be_allowed(
        GroupType.PUBLIC,
        [master, *fees],
        [
            PricedPoint(
                connector_id=row["id"],
                name=row["name"],
                max_power_w=row["max_power_w"],
                country=row["country"],
                deployed_on=None if row["active_at"] is None else row["active_at"].date(),
            )
            for row in points
        ],
    )


async def _must_know_tariff(tx: Transaction, tariff_id: int | None, currency: str, asked_by: Viewer) -> None:
    if tariff_id is None:
        return
    tariff = await tx.fetchrow(TARIFF, tariff_id)
    if tariff is None or not may_use(asked_by, tariff):
        raise Unknown("tariff", tariff_id)
    if not tariff["active"]:
        raise Invalid("tariffId", "the tariff is not active.")
    if tariff["currency"] != currency:
        raise Invalid("tariffId", f"the tariff is in {tariff['currency']}, the price group in {currency}.")


TARIFF = """
select t.operator_id, t.team_id, t.active, lower(x.identifier) as currency
from tariff t join currency x on x.id = t.currency_id where t.id = $1 and t.deleted_at is null
"""

TAG = "select exists (select from price_group_tag where id = $1 and operator_id = any($2) and deleted_at is null)"

TAX_RATE = "select exists (select from tax_rate where id = $1 and operator_id = any($2) and deleted_at is null)"

SERIES = "select exists (select from spot_series where id = $1 and currency = $2)"

POINTS = """
select k.id, k.name, k.max_power_w, k.active_at, y.alpha2_code as country
from connector k join team t on t.id = k.team_id left join site s on s.id = k.site_id
  left join country y on y.id = coalesce(s.country_id, t.country_id)
where k.deleted_at is null and k.visibility = 'public' and k.operator_id = $3 and ($4::bigint is null or k.team_id = $4)
  and (coalesce(k.price_group_id, s.price_group_id) = $1
    or ($2 and coalesce(k.price_group_id, s.price_group_id) is null))
"""
