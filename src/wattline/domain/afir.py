"""What the EU lets a price for passing drivers look like: Article 5 of Regulation 2023/1804 (AFIR).

From 50 kW on it is per kWh, with a fee per minute for standing there too long at most; below, everything may be part of
it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from wattline.domain.price_terms import GroupType, Pricing, PricingType
from wattline.domain.refusals import Refusal
from wattline.domain.vat_rates import EU

FAST_W = 50_000
# Charge points deployed before this day may keep their ways.
DEPLOYED_FROM = date(2024, 4, 13)

# The regulation holds in the European Economic Area.
COUNTRIES = EU | {"IS", "LI", "NO"}

_FORBIDDEN = {
    PricingType.MIN: "a price per minute of charging",
    PricingType.MINUTE: "a fee per minute of charging",
    PricingType.STARTING: "a start fee",
    PricingType.CHARGING: "a charging fee",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedPoint:
    """A connector as far as the regulation is concerned. `deployed_on` None: not yet, so the regulation holds."""

    connector_id: int
    name: str
    max_power_w: int | None
    country: str | None
    deployed_on: date | None


class PriceNotAllowed(Refusal):
    """A price that the law does not let passing drivers be asked for there."""

    code = "PRICE_NOT_ALLOWED"

    def __init__(self, parts: Sequence[str], point: PricedPoint) -> None:
        power = f"{(point.max_power_w or 0) / 1000:g} kW"
        super().__init__(
            f"{' and '.join(parts).capitalize()} cannot be asked for at {point.name} ({power}): from 50 kW on, EU law "
            "wants a price per kWh, with an idle fee per minute at most (AFIR, Article 5). Take it out of the price "
            "group, or apply another one there."
        )
        self.connector_id = point.connector_id


def must_be_allowed(type_: GroupType, prices: Iterable[Pricing], points: Iterable[PricedPoint]) -> None:
    """Refuse a public price group that some of its charge points must not have. Raises PriceNotAllowed."""
    if type_ is not GroupType.PUBLIC:
        return
    parts = [_FORBIDDEN[pricing.type] for pricing in prices if pricing.type in _FORBIDDEN and pricing.price > 0]
    if not parts:
        return
    for point in points:
        if _is_fast_and_new(point):
            raise PriceNotAllowed(parts, point)


def _is_fast_and_new(point: PricedPoint) -> bool:
    fast = point.max_power_w is not None and point.max_power_w >= FAST_W
    new = point.deployed_on is None or point.deployed_on >= DEPLOYED_FROM
    return fast and new and point.country in COUNTRIES
