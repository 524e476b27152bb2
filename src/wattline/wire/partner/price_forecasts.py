"""What a kWh will cost, hour by hour, in JSON. Here a price is a whole number of 1/10,000 of the currency."""

from collections.abc import Iterable

from wattline.domain.price_forecast import HourPrice
from wattline.domain.rounding import to_minor
from wattline.wire.partner.charges import Currency
from wattline.wire.partner.places import Operator
from wattline.wire.partner.price_groups import PriceGroup
from wattline.wire.partner.shapes import Shape, Time

_DECIMALS = 4
_DECIMALS_SHOWN = 2


class PricesForecastEntry(Shape):
    """Good for the hour from `time` on."""

    time: Time
    price_per_kwh: int
    name: str


class PricesForecast(Shape):
    operator: Operator
    currency: Currency
    price_group: PriceGroup
    forecasts: list[PricesForecastEntry]


def entries_of(hours: Iterable[HourPrice], currency: str) -> list[PricesForecastEntry]:
    """Tell hours with a price that people can read beside it."""
    return [PricesForecastEntry(at, to_minor(price, _DECIMALS), _name(price, currency)) for at, price in hours]


def _name(price: object, currency: str) -> str:
    return f"{price:.{_DECIMALS_SHOWN}f} {currency.upper()}/kWh"
