"""Giving money back: a part of what was paid in percent, with a reason, and never more than was paid."""

from decimal import Decimal

from wattline.domain.refusals import Invalid, NotReady
from wattline.domain.rounding import half_up

NOTE_LETTERS_MAX = 500


def checked_percent(percent: Decimal) -> Decimal:
    """Take a percentage above 0 and at most 100, with up to two decimals. Raises Invalid."""
    if not percent.is_finite() or not 0 < percent <= 100 or percent != round(percent, 2):
        raise Invalid("percent", "must be above 0 and at most 100, with no more than two decimals.")
    return percent


def checked_note(note: str) -> str:
    """Take the reason, which the person who gets the money will read. Raises Invalid."""
    told = note.strip()
    if not told or len(told) > NOTE_LETTERS_MAX:
        raise Invalid("note", f"says why, in 1 to {NOTE_LETTERS_MAX} letters.")
    return told


def amount_back(paid_minor: int, *, percent: Decimal, refunded_minor: int) -> int:
    """Work out how much goes back. Raises NotReady when that is more than is left of what was paid."""
    numerator, denominator = percent.as_integer_ratio()
    amount = half_up(paid_minor * numerator, 100 * denominator)
    if amount > paid_minor - refunded_minor:
        left = max(0, paid_minor - refunded_minor)
        raise NotReady(
            f"Only {Decimal(left * 100) / paid_minor:.2f} % of this payment has not been given back yet. "
            "Choose a smaller part."
        )
    return amount


def share_of(part_minor: int, whole_minor: int, of_minor: int) -> int:
    """Share something out in the proportion of a part to its whole, rounded half up: the VAT of a refund."""
    return half_up(of_minor * part_minor, whole_minor) if whole_minor else 0
