"""What a kWh will cost in the hours to come."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from wattline.domain.price_items import kwh_layers
from wattline.domain.price_terms import PriceTerms, PricingType
from wattline.domain.spot import SpotPrices
from wattline.domain.usage import HOUR, QUARTER, begin_of

HOURS_AHEAD = 24
_BY_ENERGY = (PricingType.KWH, PricingType.TARIFF, PricingType.SPOT)


class HourPrice(NamedTuple):
    """The price of a kWh in the hour from then on, in main units: the mean of its quarters."""

    from_at: datetime
    price: Decimal


def forecast(terms: PriceTerms, spot: SpotPrices, *, now: datetime) -> Iterator[HourPrice]:
    """Tell a day's prices, this hour's first; a group by the minute alone costs nothing per kWh.

    Raises SpotPriceUnknown.
    """
    begin = begin_of(now, HOUR)
    for number in range(HOURS_AHEAD):
        at = begin + number * HOUR
        quarters = [_per_kwh(terms, spot, at + part * QUARTER) for part in range(HOUR // QUARTER)]
        yield HourPrice(at, sum(quarters, Decimal()) / len(quarters))


def _per_kwh(terms: PriceTerms, spot: SpotPrices, at: datetime) -> Decimal:
    prices = [one for one in (terms.master, *terms.fees) if one.type in _BY_ENERGY]
    return sum((sum(kwh_layers(terms, one, spot, at), Decimal()) for one in prices), Decimal())
