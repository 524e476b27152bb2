"""There was too little money, or the card's bank said no."""

from collections.abc import Iterator

from wattline.domain.causes.facts import Facts
from wattline.domain.causes.finding import CERTAIN, FITS, Cause, Finding, Proof
from wattline.domain.causes.keys import ending

CARD_CODES = frozenset({"card-refused", "card-hold-lost", "payment-expired"})
ENDED_BY_MONEY = frozenset({"price-limit", "card-hold-lost", "card-hold-ends"})


def causes(facts: Facts) -> Iterator[Finding]:
    """Look at refused starts, at cards, and at charges that cost more than was held."""
    charge = facts.charge
    if charge is None:
        yield from _refused(facts)
        return
    if charge.failure_code in CARD_CODES:
        proof = Proof(what="card", at=charge.failed_at, value=charge.failure_words)
        yield Finding(
            cause=Cause.CARD_REFUSED, weight=CERTAIN + 5, proofs=(proof,), told={"words": charge.failure_words}
        )  # fmt: skip
    if charge.stop_reason in ENDED_BY_MONEY:
        proof = Proof(what="stop-reason", at=charge.stopped_at, value=charge.stop_reason)
        yield Finding(cause=Cause.FUNDS_MISSING, weight=FITS, proofs=(proof,), told={"ended": True})
    if facts.price is not None and facts.price.owed_minor > 0:
        proof = Proof(what="price-group", value=facts.price.group)
        yield Finding(
            cause=Cause.HOLD_TOO_SMALL, weight=FITS - 10, proofs=(proof,), told={"owed_minor": facts.price.owed_minor}
        )  # fmt: skip


def _refused(facts: Facts) -> Iterator[Finding]:
    short = [line for line in facts.refused_keys({"Blocked"}) if line.says("refusal")]
    if short:
        last = short[-1]
        proofs = (Proof(what="StartTransaction", at=last.at, value="Blocked"), Proof(what="key", value=ending(last)))
        yield Finding(
            cause=Cause.FUNDS_MISSING, weight=CERTAIN + 1, proofs=proofs, told={"words": last.says("refusal")}
        )  # fmt: skip
