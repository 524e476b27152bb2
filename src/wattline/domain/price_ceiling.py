"""How much money is held before a charge: the most it can cost."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from wattline.domain.limits import Limits
from wattline.domain.price_items import SIXTIETHS
from wattline.domain.price_terms import PriceTerms, Pricing, PricingType
from wattline.domain.refusals import Invalid
from wattline.domain.rounding import EXACT, to_main, to_minor
from wattline.domain.spot import SpotPrices, spot_layers
from wattline.domain.usage import QUARTER

# Day-ahead prices are known for little more than a day.
LOOK_AHEAD = timedelta(hours=36)
_ENERGY = (PricingType.KWH, PricingType.TARIFF, PricingType.SPOT)
_BY_TIME = (PricingType.MIN, PricingType.MINUTE, PricingType.IDLE)


def most_it_can_cost(terms: PriceTerms, limits: Limits, spot: SpotPrices, *, default_minor: int, now: datetime) -> int:
    """Return what to hold, in minor units: the lowest of the group's maximum, the price of the wanted energy, the price
    limit, and the operator's default; more than the default where no charge costs less. 0 only if the charge is free.

    Raises Invalid for a price limit below what every charge costs: it would be stopped as soon as it began.
    """
    if terms.free:
        return 0
    with localcontext(EXACT):
        ceilings = [default_minor, terms.maximum_minor, limits.price_minor, _price_of_energy(terms, limits, spot, now)]
        least = _least(terms)
    if limits.price_minor is not None and limits.price_minor < least:
        raise Invalid("priceLimit", f"is too low: every charge here costs at least {to_main(least, terms.decimals)}.")
    return max(min(ceiling for ceiling in ceilings if ceiling is not None), least, 1)


def _least(terms: PriceTerms) -> int:
    """Return what every charge costs that takes energy: the start fee, or the minimum."""
    fees = sum((fee.price for fee in terms.fees if fee.type is PricingType.STARTING), Decimal()) * SIXTIETHS
    if not terms.prices_include_vat:
        fees = fees * (100 + terms.vat_percent) / 100
    least = max(to_minor(fees, terms.decimals, parts=SIXTIETHS), terms.minimum_minor)
    return least if terms.maximum_minor is None else min(least, terms.maximum_minor)


def _price_of_energy(terms: PriceTerms, limits: Limits, spot: SpotPrices, now: datetime) -> int | None:
    """Price the energy limit at the dearest price ahead. None without one, or when time costs without end."""
    prices = (terms.master, *terms.fees)
    if limits.energy_wh is None or any(one.type in _BY_TIME and one.fee_price_max is None for one in prices):
        return None
    per_kwh = sum((_dearest(terms, one, spot, now) for one in prices if one.type in _ENERGY), Decimal())
    once = sum((one.price for one in prices if one.type in (PricingType.STARTING, PricingType.CHARGING)), Decimal())
    capped = sum((one.fee_price_max or 0 for one in prices if one.type in _BY_TIME), Decimal())
    total = (Decimal(limits.energy_wh).scaleb(-3) * max(per_kwh, Decimal()) + once + capped) * SIXTIETHS
    if not terms.prices_include_vat:
        total = total * (100 + terms.vat_percent) / 100
    return max(to_minor(total, terms.decimals, parts=SIXTIETHS), terms.minimum_minor)


def _dearest(terms: PriceTerms, pricing: Pricing, spot: SpotPrices, now: datetime) -> Decimal:
    if pricing.type is PricingType.SPOT:
        vat_percent = terms.vat_percent if terms.prices_include_vat else Decimal()
        return max(sum(spot_layers(pricing, spot, at, vat_percent=vat_percent), Decimal()) for at in _moments(now))
    if pricing.tariff_id is not None:
        return max(step.price for step in terms.tariffs_by_id[pricing.tariff_id].steps)
    return pricing.price


def _moments(now: datetime) -> Iterator[datetime]:
    at = now
    while at < now + LOOK_AHEAD:
        yield at
        at += QUARTER
