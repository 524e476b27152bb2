"""Price groups and their tags, in JSON. Amounts are whole numbers of 10^-decimals of the currency (section 2.8)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from wattline.domain.price_terms import Extra, GroupType, PricingType
from wattline.domain.price_terms import Pricing as Price
from wattline.domain.rounding import to_minor
from wattline.operations.price_group_rows import pricing_of
from wattline.wire.partner.places import Operator, operator_of
from wattline.wire.partner.shapes import Shape, Time

Interval = Literal["hourly", "quarterHourly"]
AdditionalPricingType = Literal["absolute", "percentage"]
# Prices are for machines; whoever shows them knows its reader's language.
LOCALE = "en"


class MoneyCurrency(Shape):
    """A currency of money; its identifier is in upper case here."""

    id: int | None
    master: bool
    identifier: str
    name: str
    decimals: int


class Money(Shape):
    amount: int
    currency: MoneyCurrency
    locale: str


class AdditionalPricing(Shape):
    """What is put on top of a spot price; percent come as an amount as well, 7.5 % as 750."""

    type: AdditionalPricingType
    value: Money
    title: str | None


class Pricing(Shape, kw_only=True):
    id: int
    description: str | None
    type: PricingType
    master: bool
    dynamic_pricing: bool
    end_at_fully_charged: bool
    vat: bool
    percentage: float | None
    tariff_id: int | None
    updated_at: Time
    apply_after_minutes: int | None
    price: Money
    price_min: Money | None
    price_max: Money | None
    fee_price_max: Money | None
    additional: list[AdditionalPricing] | None
    from_: Time | None = msgspec.field(name="from")
    to: Time | None
    tag_id: int | None
    interval: Interval | None


class PriceGroupAppliedTo(Shape):
    """Ids of what a group was applied to; where it counts as the default is not among them."""

    charge_points: list[int]
    sites: list[int]
    team_members: list[int]


class PriceGroup(Shape, kw_only=True):
    id: int
    team_id: int | None
    name: str
    default: bool
    type: GroupType
    master_price: Pricing
    tariffs: list[Pricing] | None
    fees: list[Pricing] | None
    team_member_count: int | None
    charge_point_count: int | None
    applied_to: PriceGroupAppliedTo
    created_at: Time
    updated_at: Time | None


class PriceGroupTag(Shape, kw_only=True):
    id: int
    name: str
    description: str | None
    partner_external_id: str | None
    partner_custom_payload: Any
    operator: Operator | None
    created_at: Time
    updated_at: Time | None


def price_group_of(row: Any, prices: Sequence[Any]) -> PriceGroup:
    """Make a price group of rows of queries/partner_price_groups.py."""
    currency = _currency(row)
    master, *others = [_pricing(one, currency) for one in prices]
    return PriceGroup(
        id=row["id"],
        team_id=row["team_id"],
        name=row["name"],
        default=row["is_default"],
        type=GroupType(row["type"]),
        master_price=master,
        tariffs=[one for one in [master, *others] if one.tariff_id is not None],
        fees=[one for one in others if one.tariff_id is None],
        team_member_count=len(row["member_ids"]),
        charge_point_count=len(row["connector_ids"]),
        applied_to=PriceGroupAppliedTo(
            charge_points=row["connector_ids"], sites=row["site_ids"], team_members=row["member_ids"]
        ),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def price_group_tag_of(row: Any) -> PriceGroupTag:
    """Make a tag of a row."""
    columns = ("id", "name", "description", "partner_external_id", "partner_custom_payload", "created_at", "updated_at")
    return PriceGroupTag(**{column: row[column] for column in columns}, operator=operator_of(row))


def _pricing(row: Any, currency: MoneyCurrency) -> Pricing:
    price = pricing_of(row)
    spot = price.type is PricingType.SPOT
    return Pricing(
        id=price.id,
        # The master price is the group itself and has no name of its own.
        description=None if row["master"] else price.description,
        type=price.type,
        master=row["master"],
        dynamic_pricing=price.by_tariff,
        end_at_fully_charged=price.end_at_fully_charged,
        vat=price.add_vat,
        percentage=float(price.percentage) if spot else None,
        tariff_id=price.tariff_id,
        updated_at=row["updated_at"],
        apply_after_minutes=price.after_minutes or None,
        price=_money(price.price, currency),
        price_min=_money_or_none(price.price_min, currency),
        price_max=_money_or_none(price.price_max, currency),
        fee_price_max=_money_or_none(price.fee_price_max, currency),
        additional=_additional(price, currency),
        from_=price.valid_from,
        to=price.valid_to,
        tag_id=price.tag_id,
        interval=("quarterHourly" if price.quarter_hourly else "hourly") if spot else None,
    )


def _additional(price: Price, currency: MoneyCurrency) -> list[AdditionalPricing] | None:
    def one(extra: Extra) -> AdditionalPricing:
        return AdditionalPricing(type=extra.type.value, value=_money(extra.value, currency), title=extra.title)

    return [one(extra) for extra in price.extras] or None


def _money(amount: Decimal, currency: MoneyCurrency) -> Money:
    return Money(amount=to_minor(amount, currency.decimals), currency=currency, locale=LOCALE)


def _money_or_none(amount: Decimal | None, currency: MoneyCurrency) -> Money | None:
    return None if amount is None else _money(amount, currency)


def _currency(row: Any) -> MoneyCurrency:
    return MoneyCurrency(
        id=row["currency_id"],
        master=False,
        identifier=row["currency"].upper(),
        name=row["currency_name"] or row["currency"].upper(),
        decimals=2 if row["currency_decimals"] is None else row["currency_decimals"],
    )
