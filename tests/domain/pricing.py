"""Prices and charges that price stories begin with."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from wattline.domain.price import PricedCharge, price_charge
from wattline.domain.price_terms import GroupType, PriceTerms, Pricing, PricingType, TariffPrices, TariffStep
from wattline.domain.spot import NO_SPOT_PRICES, SpotPrices, SpotSeries
from wattline.domain.usage import QUARTER, Segment, Usage

# A Friday, at eight in the evening in Denmark.
EVENING = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)


def after(hours: float = 0, **more: float) -> datetime:
    """Some time after the evening began."""
    return EVENING + timedelta(hours=hours, **more)


def price(type_: str, amount: str, **more: Any) -> Pricing:
    """Make a price; amounts are written as people write them."""
    exact = {"percentage", "price_min", "price_max", "fee_price_max"}
    fields: dict[str, Any] = {name: Decimal(value) if name in exact else value for name, value in more.items()}
    return Pricing(type=PricingType(type_), price=Decimal(amount), **fields)


def terms(master: Pricing, *fees: Pricing, **more: Any) -> PriceTerms:
    """Make terms in Danish kroner, with VAT of 25 % in the prices."""
    usual: dict[str, Any] = {
        "price_group_id": 1, "name": "Harbour", "type": GroupType.PUBLIC, "chosen_by": "public", "currency": "dkk",
        "decimals": 2, "country": "DK", "vat_percent": Decimal(25), "vat_category": "S", "prices_include_vat": True,
    }  # fmt: skip
    return PriceTerms(master=master, fees=fees, **{**usual, **more})


def tariff(*steps: tuple[datetime, str], tariff_id: int = 7) -> TariffPrices:
    """Make a tariff of moments from which on a price counts."""
    return TariffPrices(tariff_id, "Day and night", tuple(TariffStep(at, Decimal(amount)) for at, amount in steps))


def quarters(first: datetime, *amounts: str) -> SpotSeries:
    """Make spot prices, one per quarter of an hour."""
    return SpotSeries({first + number * QUARTER: Decimal(amount) for number, amount in enumerate(amounts)})


def charge(*hourly_wh: int, idle_hours: float = 0, **more: Any) -> Usage:
    """Make a charge that began in the evening, took this much in each hour, then stopped, and was unplugged."""
    segments = tuple(Segment(after(number), after(number + 1), wh) for number, wh in enumerate(hourly_wh))
    stopped_at = after(len(hourly_wh))
    usual: dict[str, Any] = {
        "started_at": EVENING, "stopped_at": stopped_at, "released_at": stopped_at + timedelta(hours=idle_hours),
        "segments": segments,
    }  # fmt: skip
    return Usage(**{**usual, **more})


def lines(priced: PricedCharge) -> Sequence[tuple[str, int]]:
    """List type and amount of each line."""
    return [(line.type.value, line.gross_minor) for line in priced.lines]


def total(terms_: PriceTerms, usage: Usage, spot: SpotPrices = NO_SPOT_PRICES) -> int:
    """Price a charge and return what the driver pays."""
    return price_charge(terms_, usage, spot).total_minor
