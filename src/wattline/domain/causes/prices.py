"""The price was not what somebody expected."""

from collections.abc import Iterator
from datetime import timedelta

from wattline.domain.causes.facts import Facts
from wattline.domain.causes.finding import FITS, POSSIBLE, Cause, Finding, Proof

# Whoever charges here every week still remembers the price before.
REMEMBERED = timedelta(days=14)
PUBLIC = "public"


def causes(facts: Facts) -> Iterator[Finding]:
    """Look at changes of the price around a charge, and at prices that not everybody has."""
    charge, price = facts.charge, facts.price
    if charge is None or price is None:
        return
    fixed_at = charge.started_at or charge.created_at
    group = Proof(what="price-group", value=price.group)
    if price.changed_at is not None:
        changed = Proof(what="price-change", at=price.changed_at, value=price.changed_by)
        if price.changed_at > fixed_at:
            told = Proof(what="price-fixed", at=fixed_at)
            yield Finding(cause=Cause.PRICE_CHANGED_SINCE, weight=FITS - 5, proofs=(group, told, changed))
        elif fixed_at - price.changed_at <= REMEMBERED:
            yield Finding(cause=Cause.PRICE_CHANGED_BEFORE, weight=FITS - 8, proofs=(group, changed))
    if price.chosen_by and not price.chosen_by.startswith(PUBLIC):
        chosen = Proof(what="price-chosen", value=price.chosen_by)
        yield Finding(
            cause=Cause.PRICE_OF_ONES_OWN, weight=POSSIBLE - 10, proofs=(group, chosen), told={"by": price.chosen_by}
        )  # fmt: skip
