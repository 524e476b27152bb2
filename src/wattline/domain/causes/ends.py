"""A charge ended, or was ended, in a way that somebody will ask about."""

from collections.abc import Iterator

from wattline.domain.causes.facts import Facts
from wattline.domain.causes.finding import CERTAIN, FITS, SHOWN, Cause, Finding, Proof

# How much of an answer each reason is (OCPP 1.6, section 7.36, and our own); what is not here is an ordinary end.
WEIGHTS = {
    "EmergencyStop": CERTAIN,
    "PowerLoss": CERTAIN,
    "Reboot": CERTAIN - 5,
    "HardReset": CERTAIN - 5,
    "SoftReset": CERTAIN - 5,
    "UnlockCommand": SHOWN,
    "no-sign-of-life": CERTAIN,
    "another-charge-began": CERTAIN,
    "reservation-expired": CERTAIN,
    "kwh-limit": FITS + 15,
    "soc-limit": FITS + 15,
    "price-limit": FITS + 15,
}


def causes(facts: Facts) -> Iterator[Finding]:
    """Look at who force stopped it, and at the reason of its stop."""
    charge = facts.charge
    if charge is None:
        return
    asked = tuple(Proof(what=each.action, at=each.at, value=each.status or each.outcome) for each in facts.asked[-3:])
    if charge.forced_at is not None:
        told = {"by": charge.forced_by, "why": charge.force_reason, "at": charge.forced_at}
        proof = Proof(what="forced", at=charge.forced_at)
        yield Finding(cause=Cause.FORCED, weight=CERTAIN + 8, proofs=(proof, *asked), told=told)
    elif charge.stopped_at is not None and charge.failed_at is None and charge.stop_reason in WEIGHTS:
        proof = Proof(what="stop-reason", at=charge.stopped_at, value=charge.stop_reason)
        yield Finding(
            cause=Cause.ENDED, weight=WEIGHTS[charge.stop_reason], proofs=(proof, *asked),
            told={"reason": charge.stop_reason},
        )  # fmt: skip
