"""The cable is stuck."""

from collections.abc import Iterator
from datetime import timedelta

from wattline.domain.causes.facts import Facts
from wattline.domain.causes.finding import CERTAIN, FITS, POSSIBLE, SHOWN, Cause, Finding, Proof

# Somebody who wanted to leave would have by now.
IN_FOR = timedelta(minutes=10)
WOULD_NOT = frozenset({"UnlockFailed", "NotSupported"})


def causes(facts: Facts) -> Iterator[Finding]:
    """Look at the lock's own complaint, at unlocking that failed, and at cables that stay in."""
    broken = [line for line in facts.lines if line.says("errorCode") == "ConnectorLockFailure"]
    if broken or facts.place.error_code == "ConnectorLockFailure":
        at = broken[-1].at if broken else facts.place.status_at
        proof = Proof(what="StatusNotification", at=at, value="ConnectorLockFailure")
        yield Finding(cause=Cause.CABLE_STUCK, weight=CERTAIN, proofs=(proof,), told={"lock": True})
        return
    failed = [each for each in facts.commands("UnlockConnector") if each.status in WOULD_NOT]
    if failed:
        proof = Proof(what="UnlockConnector", at=failed[-1].at, value=failed[-1].status)
        yield Finding(cause=Cause.CABLE_STUCK, weight=SHOWN, proofs=(proof,))
        return
    charge = facts.charge
    if charge is None or charge.stopped_at is None or charge.state != "releasing":
        return
    if facts.now - charge.stopped_at > IN_FOR and facts.place.cable_in:
        minutes = round((facts.now - charge.stopped_at) / timedelta(minutes=1))
        proofs = (
            Proof(what="stopped", at=charge.stopped_at),
            Proof(what="cable-in-for", value=minutes, unit="min"),
        )
        weight = FITS if facts.commands("UnlockConnector") else POSSIBLE
        yield Finding(cause=Cause.CABLE_STUCK, weight=weight, proofs=proofs, told={"minutes": minutes})
