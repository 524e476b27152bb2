"""What a price group may look like."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from wattline.domain.price_terms import Pricing, PricingType
from wattline.domain.refusals import Invalid
from wattline.domain.tariff import PRICE_MAX

MASTERS = frozenset({PricingType.KWH, PricingType.MIN, PricingType.SPOT, PricingType.TARIFF})
FEES = frozenset(PricingType) - {PricingType.KWH, PricingType.MIN, PricingType.SPOT}
BY_TARIFF = frozenset({PricingType.KWH, PricingType.TARIFF})

# What tables keep of a price.
DECIMALS_MAX = 6
PERCENTAGE_MAX = Decimal(1000)
FEES_MAX = 20
EXTRAS_MAX = 10
AFTER_MINUTES_MAX = 7 * 24 * 60


def must_be_possible(master: Pricing, fees: Sequence[Pricing]) -> None:
    """Refuse prices that cannot be meant. Fields are named as the Partner API spells them. Raises Invalid."""
    if master.type not in MASTERS:
        raise Invalid("masterPrice.type", "must be kwh, min, spot or tariff.")
    if len(fees) > FEES_MAX:
        raise Invalid("fees", f"must not be more than {FEES_MAX}.")
    _check("masterPrice", master)
    for number, fee in enumerate(fees):
        if fee.type not in FEES:
            raise Invalid(f"fees[{number}].type", "must be starting, charging, minute, idle or tariff.")
        _check(f"fees[{number}]", fee)


def must_be_bounds(minimum_minor: int, maximum_minor: int | None) -> None:
    """Refuse a least and a most price of a charge that cannot both hold. Raises Invalid."""
    if minimum_minor < 0:
        raise Invalid("minimumMinor", "must not be negative.")
    if maximum_minor is not None and maximum_minor < max(minimum_minor, 1):
        raise Invalid("maximumMinor", "must be above 0 and not below the minimum.")


def _check(where: str, pricing: Pricing) -> None:
    if pricing.type is PricingType.TARIFF and pricing.tariff_id is None:
        raise Invalid(f"{where}.tariffId", "is missing: a price of type tariff needs its tariff.")
    if pricing.tariff_id is not None and pricing.type not in BY_TARIFF:
        raise Invalid(f"{where}.tariffId", "goes with the types kwh and tariff only.")
    for name, amount in _amounts(pricing):
        if amount is not None:
            _check_amount(f"{where}.{name}", amount)
    if pricing.price_min is not None and pricing.price_max is not None and pricing.price_min > pricing.price_max:
        raise Invalid(f"{where}.priceMin", "must not be above priceMax.")
    if not pricing.percentage.is_finite() or not 0 < pricing.percentage <= PERCENTAGE_MAX:
        raise Invalid(f"{where}.percentage", "must be above 0 and at most 1000.")
    if not 0 <= pricing.after_minutes <= AFTER_MINUTES_MAX:
        raise Invalid(f"{where}.applyAfterMinutes", "must be from 0 to 10080, which is a week.")
    if len(pricing.extras) > EXTRAS_MAX:
        raise Invalid(f"{where}.additional", f"must not be more than {EXTRAS_MAX}.")
    if pricing.valid_from and pricing.valid_to and pricing.valid_from >= pricing.valid_to:
        raise Invalid(f"{where}.to", "must be later than from.")


def _amounts(pricing: Pricing) -> Iterator[tuple[str, Decimal | None]]:
    yield "price", pricing.price
    yield "priceMax", pricing.price_max
    yield "feePriceMax", pricing.fee_price_max
    # A floor may lie below zero: then prices below zero are passed on down to there.
    yield "priceMin", None if pricing.price_min is None else abs(pricing.price_min)
    yield from (("additional.value", extra.value) for extra in pricing.extras)


def _check_amount(where: str, amount: Decimal) -> None:
    if not amount.is_finite() or not 0 <= amount <= PRICE_MAX:
        raise Invalid(where, f"must be from 0 to {PRICE_MAX}.")
    exponent = amount.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > DECIMALS_MAX:
        raise Invalid(where, f"must not have more than {DECIMALS_MAX} digits behind the point.")
