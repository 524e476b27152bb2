"""The spot price of electricity, and what a driver pays for it."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Protocol

from wattline.domain.price_terms import ExtraType, Pricing
from wattline.domain.refusals import Refusal
from wattline.domain.usage import HOUR, QUARTER, begin_of

_HUNDREDTH = Decimal("0.01")
_QUARTERS_PER_HOUR = HOUR // QUARTER


class SpotPriceUnknown(Refusal):
    """Neither the market nor the owner says what a kWh costs."""

    code = "SPOT_PRICE_UNKNOWN"

    def __init__(self, at: datetime) -> None:
        super().__init__(
            f"No spot price is known for {at:%Y-%m-%d %H:%M} UTC, and the price group has no price to fall back on. "
            "Import spot prices, or give the group a fallback price."
        )


class SpotPrices(Protocol):
    """What the market says: main units per kWh, without VAT."""

    def at(self, at: datetime, interval: timedelta) -> Decimal | None:
        """Return the price of the hour or quarter that a moment lies in; None when it is not known."""

    def latest(self, at: datetime) -> Decimal | None:
        """Return the last price known before a moment."""


class SpotSeries:
    """Spot prices by the begin of their quarter, all that a charge needs."""

    def __init__(self, prices: Mapping[datetime, Decimal]) -> None:
        self._prices = prices

    def at(self, at: datetime, interval: timedelta) -> Decimal | None:
        """Return the price of a quarter, or of an hour: the mean of its quarters, when all are known."""
        begin = begin_of(at, interval)
        if interval == QUARTER:
            return self._prices.get(begin)
        quarters = [self._prices.get(begin + number * QUARTER) for number in range(_QUARTERS_PER_HOUR)]
        known = [price for price in quarters if price is not None]
        return sum(known) / Decimal(_QUARTERS_PER_HOUR) if len(known) == _QUARTERS_PER_HOUR else None

    def latest(self, at: datetime) -> Decimal | None:
        """Return the last price known before a moment."""
        place = bisect_right(self._times, at)
        return self._prices[self._times[place - 1]] if place else None

    @cached_property
    def _times(self) -> list[datetime]:
        return sorted(self._prices)


NO_SPOT_PRICES = SpotSeries({})


def spot_layers(pricing: Pricing, spot: SpotPrices, at: datetime, *, vat_percent: Decimal) -> list[Decimal]:
    """Return what a kWh costs: the spot price as the group bends it, then what each extra adds, absolute ones first.

    spot × VAT (if wanted) × percentage, then floor, then cap; extras in percent add to everything before them. The
    fallback takes the place of the spot price and has its VAT in it. `vat_percent` is what the spot price lacks.
    Raises SpotPriceUnknown.
    """
    market = _market_price(pricing, spot, at, vat_percent)
    base = market * pricing.percentage * _HUNDREDTH
    if pricing.price_min is not None:
        base = max(base, pricing.price_min)
    if pricing.price_max is not None:
        base = min(base, pricing.price_max)
    layers = [base]
    so_far = base
    for extra in sorted(pricing.extras, key=lambda one: one.type):
        added = extra.value if extra.type is ExtraType.ABSOLUTE else so_far * extra.value * _HUNDREDTH
        layers.append(added)
        so_far += added
    return layers


def _market_price(pricing: Pricing, spot: SpotPrices, at: datetime, vat_percent: Decimal) -> Decimal:
    known = spot.at(at, QUARTER if pricing.quarter_hourly else HOUR)
    if known is None and pricing.price > 0:
        return pricing.price
    raw = spot.latest(at) if known is None else known
    if raw is None:
        raise SpotPriceUnknown(at)
    return raw * (1 + vat_percent * _HUNDREDTH) if pricing.add_vat else raw
