"""What a charge is to be paid for, piece by piece, exact and unrounded."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from wattline.domain.price_terms import ExtraType, PriceTerms, Pricing, PricingType
from wattline.domain.spot import SpotPrices, spot_layers
from wattline.domain.usage import HOUR, QUARTER, Quarter, Usage, begin_of, energy_per_quarter

# Amounts are counted in sixtieths of the main unit, so that seconds times a price per minute needs no division.
SIXTIETHS = 60
_MICROSECOND = timedelta(microseconds=1)
_SHOWN = Decimal("0.0001")
_PRICE_AND_HOUR = itemgetter(0, 1)


class LineType(StrEnum):
    """What a line of a price is for (Partner API 3.2.4, ComponentTypeDto)."""

    TARIFF = "tariff"
    SPOT = "spot-price"
    SPOT_ABSOLUTE = "spot-price-additions-absolute"
    SPOT_PERCENT = "spot-price-additions-percent"
    TIME = "time-based-tariff"
    FIXED_KWH = "fixed-kwh"
    STARTING_FEE = "starting-fee"
    MINUTE_FEE = "duration-fee"
    CHARGING_FEE = "fixed-charging-fee"
    IDLE_FEE = "idle-fee"
    ADJUSTMENT = "adjustment"


FEES = frozenset({LineType.STARTING_FEE, LineType.MINUTE_FEE, LineType.CHARGING_FEE, LineType.IDLE_FEE})
# Everything else is what the energy or the time of an hour cost.
NOT_BY_THE_HOUR = FEES | {LineType.ADJUSTMENT}


class Unit(IntEnum):
    """What is counted, in the order in which drivers must be shown prices (AFIR, Article 5)."""

    KWH = 1
    MINUTE = 2
    SESSION = 3
    OTHER = 4


class Item(NamedTuple):
    """One piece. `quantity` is kWh, seconds or 1; `unit_price` in main units per kWh, minute or once."""

    type: LineType
    unit: Unit
    pricing: Pricing | None
    master: bool
    description: str
    from_at: datetime
    to_at: datetime
    quantity: Decimal
    unit_price: Decimal
    sixtieths: Decimal


def items_of(terms: PriceTerms, usage: Usage, spot: SpotPrices) -> Iterator[Item]:
    """List every piece of a charge's price. Raises SpotPriceUnknown."""
    quarters = energy_per_quarter(usage.segments)
    yield from _of_pricing(terms, terms.master, True, usage, quarters, spot)
    for fee in terms.fees:
        yield from _of_pricing(terms, fee, False, usage, quarters, spot)


def adjustment(description: str, sixtieths: Decimal, at: datetime, pricing: Pricing | None = None) -> Item:
    """Make the piece that brings a price to where it has to be."""
    amount = (sixtieths / SIXTIETHS).quantize(_SHOWN)
    return Item(LineType.ADJUSTMENT, Unit.OTHER, pricing, False, description, at, at, Decimal(1), amount, sixtieths)


def _of_pricing(
    terms: PriceTerms, pricing: Pricing, master: bool, usage: Usage, quarters: Sequence[Quarter], spot: SpotPrices
) -> Iterator[Item]:
    match pricing.type:
        case PricingType.KWH | PricingType.TARIFF | PricingType.SPOT:
            return _by_energy(terms, pricing, master, quarters, spot)
        case PricingType.MIN:
            end = usage.finished_at if pricing.end_at_fully_charged else usage.ended_at
            return _by_hour(pricing, master, usage.started_at, end)
        case PricingType.STARTING:
            return _once(LineType.STARTING_FEE, pricing, usage.started_at, "Start fee")
        case PricingType.CHARGING:
            due_at = usage.started_at + timedelta(minutes=pricing.after_minutes)
            return _once(LineType.CHARGING_FEE, pricing, due_at, "Charging fee") if due_at <= usage.ended_at else _no()
        case PricingType.MINUTE:
            unplugged_at = usage.unplugged_at if terms.release_detection else usage.ended_at
            end = usage.finished_at if pricing.end_at_fully_charged else unplugged_at
            return _by_minute(LineType.MINUTE_FEE, pricing, usage.started_at, end, "Fee per minute")
        case PricingType.IDLE:
            end = usage.unplugged_at if terms.release_detection else usage.finished_at
            return _by_minute(LineType.IDLE_FEE, pricing, usage.finished_at, end, "Idle fee")


def _by_energy(
    terms: PriceTerms, pricing: Pricing, master: bool, quarters: Sequence[Quarter], spot: SpotPrices
) -> Iterator[Item]:
    names = _layer_names(pricing)
    prices = [kwh_layers(terms, pricing, spot, quarter.from_at) for quarter in quarters]
    for number, (type_, description) in enumerate(names):
        layer = [(layers[number], quarter.hour, quarter) for quarter, layers in zip(quarters, prices, strict=True)]
        for (unit_price, _), run in groupby(layer, key=_PRICE_AND_HOUR):
            members = [quarter for _, _, quarter in run]
            kwh = sum([quarter.kwh for quarter in members[1:]], members[0].kwh)
            yield Item(
                type_, Unit.KWH, pricing, master, description, members[0].from_at, members[-1].from_at + QUARTER,
                kwh, unit_price, kwh * unit_price * SIXTIETHS,
            )  # fmt: skip


def _layer_names(pricing: Pricing) -> list[tuple[LineType, str]]:
    if pricing.type is PricingType.SPOT:
        extras = sorted(pricing.extras, key=lambda one: one.type)
        return [
            (LineType.SPOT, pricing.description or "Spot price"),
            *(
                (LineType.SPOT_ABSOLUTE, extra.title or "Surcharge")
                if extra.type is ExtraType.ABSOLUTE
                else (LineType.SPOT_PERCENT, extra.title or f"Surcharge {extra.value.normalize():f} %")
                for extra in extras
            ),
        ]
    if pricing.by_tariff:
        return [(LineType.TARIFF, pricing.description or "Tariff")]
    return [(LineType.FIXED_KWH, pricing.description or "Energy")]


def kwh_layers(terms: PriceTerms, pricing: Pricing, spot: SpotPrices, at: datetime) -> list[Decimal]:
    """Return what one kWh costs at a moment, part by part. Raises SpotPriceUnknown."""
    if pricing.type is PricingType.SPOT:
        return spot_layers(pricing, spot, at, vat_percent=terms.vat_percent if terms.prices_include_vat else Decimal())
    if pricing.tariff_id is not None:
        return [terms.tariffs_by_id[pricing.tariff_id].price_at(at)]
    return [pricing.price]


def _by_hour(pricing: Pricing, master: bool, begin: datetime, end: datetime) -> Iterator[Item]:
    description = pricing.description or "Charging time"
    while begin < end:
        until = min(begin_of(begin, HOUR) + HOUR, end)
        yield _timed(LineType.TIME, pricing, master, description, begin, until)
        begin = until


def _by_minute(type_: LineType, pricing: Pricing, begin: datetime, end: datetime, name: str) -> Iterator[Item]:
    begin += timedelta(minutes=pricing.after_minutes)
    if begin >= end:
        return
    fee = _timed(type_, pricing, False, pricing.description or name, begin, end)
    yield fee
    if pricing.fee_price_max is not None and fee.sixtieths > (most := pricing.fee_price_max * SIXTIETHS):
        yield adjustment(f"{fee.description}: the most it can be", most - fee.sixtieths, end, pricing)


def _timed(type_: LineType, pricing: Pricing, master: bool, description: str, begin: datetime, end: datetime) -> Item:
    seconds = Decimal((end - begin) // _MICROSECOND).scaleb(-6)
    due = seconds * pricing.price
    return Item(type_, Unit.MINUTE, pricing, master, description, begin, end, seconds, pricing.price, due)


def _once(type_: LineType, pricing: Pricing, at: datetime, name: str) -> Iterator[Item]:
    due = pricing.price * SIXTIETHS
    description = pricing.description or name
    yield Item(type_, Unit.SESSION, pricing, False, description, at, at, Decimal(1), pricing.price, due)


def _no() -> Iterator[Item]:
    return iter(())
