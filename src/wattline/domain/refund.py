"""Giving money back: a part of what was paid in percent, with a reason, and never more than was paid."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from wattline.domain.hold import Part
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
    """Work out how much goes back. Raises NotReady when that is nothing, or more than is left of what was paid."""
    numerator, denominator = percent.as_integer_ratio()
    amount = half_up(paid_minor * numerator, 100 * denominator)
    if not amount:
        raise NotReady("This part of the payment is less than the smallest coin. Choose a larger one.")
    if amount > paid_minor - refunded_minor:
        left = max(0, paid_minor - refunded_minor)
        raise NotReady(
            f"Only {Decimal(left * 100) / paid_minor:.2f} % of this payment has not been given back yet. "
            "Choose a smaller part."
        )
    return amount


def vat_back(vat_minor: int, paid_minor: int, *, refunded_minor: int, amount_minor: int) -> int:
    """Work out the VAT in a refund. Refunds of a payment together have the VAT of their sum, however it is cut up."""
    before, after = (half_up(vat_minor * back, paid_minor) for back in (refunded_minor, refunded_minor + amount_minor))
    return after - before


def back_to(sources: Sequence[Part], *, refunded_minor: int, amount_minor: int) -> Iterator[Part]:
    """Share a refund out over the accounts that the payment came from, in their order, after earlier refunds."""
    skip, left = refunded_minor, amount_minor
    for source in sources:
        skipped = min(skip, source.amount_minor)
        taken = min(left, source.amount_minor - skipped)
        skip, left = skip - skipped, left - taken
        if taken:
            yield Part(source.account_id, taken)
