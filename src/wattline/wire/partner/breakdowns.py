"""What a charge costs, piece by piece, in JSON. All amounts are whole minor units (section 2.8)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

import msgspec

from wattline.domain.price import PricedCharge, PriceLine
from wattline.domain.price_items import FEES, NOT_BY_THE_HOUR, LineType
from wattline.domain.rounding import to_minor
from wattline.domain.usage import HOUR, begin_of
from wattline.wire.partner.charges import Currency
from wattline.wire.partner.price_groups import PriceGroupTag
from wattline.wire.partner.shapes import Shape, Time


class Component(Shape):
    """One piece; what `metadata` has besides its own `type` depends on the piece's type."""

    type: LineType
    price: int
    description: str
    master_pricing: bool
    tag: PriceGroupTag | None
    metadata: dict[str, Any] | None


class Breakdown(Shape, kw_only=True):
    """The pieces of one hour of the clock; `to` is its last second."""

    from_: Time | None = msgspec.field(name="from")
    to: Time | None
    sub_total_price: int
    sub_total_master_price: int
    sub_total_secondary_price: int
    components: list[Component]


class BreakdownSummary(Shape):
    """Sums. Master and secondary price, fees and adjustments together are the total."""

    total_master_price: int
    total_secondary_price: int
    total_fees: int
    total_adjustments: int
    total_price: int
    total_discount: int | None


class DetailedBreakdown(Shape):
    summary: BreakdownSummary
    currency: Currency
    breakdown: list[Breakdown]
    fees: list[Component]
    adjustments: list[Component]


class ChargeBreakdown(Shape):
    charge_id: int
    price_breakdown: DetailedBreakdown
    cost_breakdown: DetailedBreakdown | None


def breakdown_of(
    priced: PricedCharge | None, currency: Currency, tags: Mapping[int, PriceGroupTag]
) -> DetailedBreakdown:
    """Sort the lines of a priced charge into hours, fees and adjustments; nothing priced is nothing to pay."""
    lines = priced.lines if priced else ()
    fees = [line for line in lines if line.type in FEES]
    adjustments = [line for line in lines if line.type is LineType.ADJUSTMENT]
    timed = [line for line in lines if line.type not in NOT_BY_THE_HOUR]

    def components(chosen: Iterable[PriceLine]) -> list[Component]:
        return [_component(line, currency.decimals, tags) for line in chosen]

    by_hour = groupby(sorted(timed, key=_hour), key=_hour)
    return DetailedBreakdown(
        summary=BreakdownSummary(
            total_master_price=_sum(timed, master=True),
            total_secondary_price=_sum(timed, master=False),
            total_fees=sum(line.gross_minor for line in fees),
            total_adjustments=sum(line.gross_minor for line in adjustments),
            total_price=priced.total_minor if priced else 0,
            total_discount=None,
        ),
        currency=currency,
        breakdown=[_of_hour(hour, list(members), components) for hour, members in by_hour],
        fees=components(fees),
        adjustments=components(adjustments),
    )


def _of_hour(hour: Any, lines: Sequence[PriceLine], components: Any) -> Breakdown:
    master, secondary = _sum(lines, master=True), _sum(lines, master=False)
    return Breakdown(
        from_=hour,
        to=hour + HOUR - timedelta(seconds=1),
        sub_total_price=master + secondary,
        sub_total_master_price=master,
        sub_total_secondary_price=secondary,
        components=components(lines),
    )


def _component(line: PriceLine, decimals: int, tags: Mapping[int, PriceGroupTag]) -> Component:
    return Component(
        type=line.type,
        price=line.gross_minor,
        description=line.description,
        master_pricing=line.master,
        tag=tags.get(line.tag_id or 0),
        metadata=_metadata(line, to_minor(line.unit_price, decimals)),
    )


def _metadata(line: PriceLine, unit_minor: int) -> dict[str, Any]:
    quantity = float(line.quantity)
    match line.type:
        case LineType.TARIFF:
            span = {"tariffFrom": line.from_at, "tariffTo": line.to_at}
            figures = {"kwh": quantity, "pricePerKwh": unit_minor}
            return {"type": "tariff-metadata", "tariffId": line.tariff_id, **span, **figures}
        case LineType.SPOT:
            return {"type": "spot-price-metadata", "kwh": quantity, "pricePerKwh": unit_minor}
        case LineType.SPOT_ABSOLUTE:
            return {"type": "spot-price-additions-metadata", "kwh": quantity, "price": unit_minor}
        case LineType.SPOT_PERCENT:
            return {"type": "spot-price-additions-metadata", "price": line.gross_minor, "percentage": None}
        case LineType.MINUTE_FEE:
            return {"type": "duration-fee-metadata", "totalMinutes": quantity, "feePerMinute": unit_minor}
        case LineType.IDLE_FEE:
            span = {"from": line.from_at, "to": line.to_at}
            return {"type": "idle-fee-metadata", "amountPerMinute": unit_minor, "minutes": quantity, **span}
        case LineType.FIXED_KWH:
            return {"type": "default-metadata", "kwh": quantity, "price": unit_minor}
    return {"type": "default-metadata", "kwh": None, "price": unit_minor}


def _hour(line: PriceLine) -> Any:
    return begin_of(line.from_at, HOUR)


def _sum(lines: Iterable[PriceLine], *, master: bool) -> int:
    return sum(line.gross_minor for line in lines if line.master is master)
