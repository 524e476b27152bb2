"""The order in which drivers are shown the parts of a price: Article 5 of Regulation 2023/1804 (AFIR)."""

from collections.abc import Iterable

from wattline.domain.price_items import Unit
from wattline.domain.price_terms import Pricing, PricingType

_UNITS = {
    PricingType.KWH: Unit.KWH,
    PricingType.SPOT: Unit.KWH,
    PricingType.TARIFF: Unit.KWH,
    PricingType.MIN: Unit.MINUTE,
    PricingType.MINUTE: Unit.MINUTE,
    PricingType.IDLE: Unit.MINUTE,
    PricingType.STARTING: Unit.SESSION,
    PricingType.CHARGING: Unit.SESSION,
}


def in_display_order(prices: Iterable[Pricing]) -> list[Pricing]:
    """Return the parts of a price as drivers must be shown them: per kWh, per minute, per session, anything else."""
    return sorted(prices, key=lambda pricing: _UNITS[pricing.type])
