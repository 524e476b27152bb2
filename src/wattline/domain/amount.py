"""Amounts as people and programs write them, in main units: 12.50 becomes 1250 minor units, or is refused."""

from decimal import Decimal

from wattline.domain.refusals import Invalid

# A million millions of minor units: more than any payment, far less than a column holds.
MINOR_MAX = 10**12


def exact_minor(amount: Decimal, decimals: int, *, field: str = "amount") -> int:
    """Turn an amount above 0 in main units into whole minor units. Raises Invalid; nothing is ever rounded away."""
    # The exponent is looked at first: 1e999999999 must not be worked out.
    if not amount.is_finite() or amount <= 0 or amount.adjusted() + decimals > len(str(MINOR_MAX)):
        raise Invalid(field, "must be more than 0, and an amount that a wallet can hold.")
    if amount.normalize().as_tuple().exponent < -decimals:  # type: ignore[operator]  # Finite: the exponent is a number.
        raise Invalid(field, f"has more than {decimals} digits after its decimal point.")
    minor = int(amount.scaleb(decimals))
    if minor > MINOR_MAX:
        raise Invalid(field, "must be more than 0, and an amount that a wallet can hold.")
    return minor
