"""What a charge costs: lines that add up to the total, exact until the end, rounded once (decision 0011)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from itertools import groupby
from typing import NamedTuple

from wattline.domain.price_items import SIXTIETHS, Item, LineType, Unit, adjustment, items_of
from wattline.domain.price_terms import PriceTerms
from wattline.domain.rounding import EXACT, as_ratio, to_main, to_minor, vat_within
from wattline.domain.spot import SpotPrices
from wattline.domain.usage import Usage


class PriceLine(NamedTuple):
    """One line of a price. `quantity` is kWh, minutes or 1; `unit_price` in main units, as the owner wrote it.

    `master` marks the group's main price. Line amounts are shares of the total, so they add up to it exactly.
    """

    type: LineType
    unit: Unit
    master: bool
    pricing_id: int | None
    tariff_id: int | None
    tag_id: int | None
    description: str
    from_at: datetime
    to_at: datetime
    quantity: Decimal
    unit_price: Decimal
    net_minor: int
    vat_minor: int
    gross_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCharge:
    """The price of a charge: minor units of `currency`; total = net + VAT = the sum of the lines."""

    currency: str
    lines: tuple[PriceLine, ...]
    total_minor: int
    net_minor: int
    vat_minor: int
    vat_percent: Decimal

    def by_price(self) -> Iterator[PriceLine]:
        """Return the lines as a receipt shows them: what has the same price stands together."""
        ordered = sorted(self.lines, key=_kind_and_price)
        merged = [_together(list(lines)) for _, lines in groupby(ordered, key=_kind_and_price)]
        return iter(sorted(merged, key=lambda line: (line.unit, line.from_at)))


def price_charge(terms: PriceTerms, usage: Usage, spot: SpotPrices) -> PricedCharge:
    """Price a charge, running or over. Raises SpotPriceUnknown when there is neither a spot price nor a fallback."""
    with localcontext(EXACT):
        if terms.free:
            return _rounded(terms, [])
        items = [_with_vat(terms, item) for item in items_of(terms, usage, spot)]
        items.sort(key=lambda item: item.unit)
        return _rounded(terms, [*items, *_adjusted(terms, usage, items)])


def _with_vat(terms: PriceTerms, item: Item) -> Item:
    if terms.prices_include_vat or not terms.vat_percent:
        return item
    return item._replace(sixtieths=item.sixtieths * (100 + terms.vat_percent) / 100)


def _adjusted(terms: PriceTerms, usage: Usage, items: Sequence[Item]) -> Iterator[Item]:
    """Bring the sum within its bounds; where they cross, the maximum wins. Nobody is paid for charging."""
    total = sum((item.sixtieths for item in items), Decimal())
    least = to_main(terms.minimum_minor, terms.decimals) * SIXTIETHS if _took_energy(usage) else Decimal()
    most = None if terms.maximum_minor is None else to_main(terms.maximum_minor, terms.decimals) * SIXTIETHS
    bounded = max(total, least)
    if most is not None and bounded > most:
        yield adjustment("The most a charge costs", most - total, usage.ended_at)
    elif bounded > total:
        name = "The least a charge costs" if least else "Prices below zero are not paid out"
        yield adjustment(name, bounded - total, usage.ended_at)


def _took_energy(usage: Usage) -> bool:
    return any(segment.energy_wh for segment in usage.segments)


def _rounded(terms: PriceTerms, items: Sequence[Item]) -> PricedCharge:
    """Round running sums instead of lines: each line is right to the minor unit, and together they are the total."""
    lines, rate = [], as_ratio(terms.vat_percent)
    so_far, gross_so_far, vat_so_far = Decimal(), 0, 0
    for item in items:
        so_far += item.sixtieths
        gross = to_minor(so_far, terms.decimals, parts=SIXTIETHS)
        vat = vat_within(gross, rate)
        lines.append(_line(item, gross - gross_so_far, vat - vat_so_far))
        gross_so_far, vat_so_far = gross, vat
    return PricedCharge(
        currency=terms.currency,
        lines=tuple(lines),
        total_minor=gross_so_far,
        net_minor=gross_so_far - vat_so_far,
        vat_minor=vat_so_far,
        vat_percent=terms.vat_percent,
    )


_MINUTES_SHOWN = Decimal("0.0001")


def _line(item: Item, gross_minor: int, vat_minor: int) -> PriceLine:
    minutes = item.unit is Unit.MINUTE
    pricing = item.pricing
    return PriceLine(
        item.type, item.unit, item.master, pricing.id if pricing else None, pricing.tariff_id if pricing else None,
        pricing.tag_id if pricing else None, item.description, item.from_at, item.to_at,
        (item.quantity / SIXTIETHS).quantize(_MINUTES_SHOWN) if minutes else item.quantity,
        item.unit_price, gross_minor - vat_minor, vat_minor, gross_minor,
    )  # fmt: skip


def _kind_and_price(line: PriceLine) -> tuple[object, ...]:
    return line.unit, line.type, line.description, line.pricing_id or 0, line.unit_price


def _together(lines: Sequence[PriceLine]) -> PriceLine:
    return lines[0]._replace(
        to_at=lines[-1].to_at,
        quantity=sum((line.quantity for line in lines), Decimal()),
        net_minor=sum(line.net_minor for line in lines),
        vat_minor=sum(line.vat_minor for line in lines),
        gross_minor=sum(line.gross_minor for line in lines),
    )
