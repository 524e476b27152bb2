"""Rounding money: exact until the end, then once, half up."""

from decimal import ROUND_HALF_UP, Context, Decimal

# Products of prices, percentages and energy never have more digits than this, so nothing is rounded on the way.
EXACT = Context(prec=400)


def half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest whole number; exactly one half goes up."""
    return (2 * numerator + denominator) // (2 * denominator)


def to_minor(amount: Decimal, decimals: int, *, parts: int = 1) -> int:
    """Turn an exact amount in main units, or in so many `parts` of one, into minor units."""
    numerator, denominator = amount.scaleb(decimals, EXACT).as_integer_ratio()
    return half_up(numerator, denominator * parts)


def to_main(amount_minor: int, decimals: int) -> Decimal:
    """Turn minor units into main units, exactly."""
    return Decimal(amount_minor).scaleb(-decimals)


def vat_within(gross_minor: int, rate: tuple[int, int]) -> int:
    """Return the VAT that is part of a gross amount; `rate` is that of `as_ratio`."""
    numerator, denominator = rate
    return half_up(gross_minor * numerator, 100 * denominator + numerator)


def as_ratio(percent: Decimal) -> tuple[int, int]:
    """Write percent as a fraction of whole numbers."""
    return percent.as_integer_ratio()


# What a price per kWh can have behind its point, as tables keep it.
_STORED = Decimal("0.000001")


def as_stored(price: Decimal) -> Decimal:
    """Round a price to what is kept of it."""
    return price.quantize(_STORED, ROUND_HALF_UP)
