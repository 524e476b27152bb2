"""The charge point is disconnected, restarts, is broken or out of service."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from wattline.domain.causes.facts import Facts, Line
from wattline.domain.causes.finding import CERTAIN, FITS, SHOWN, Cause, Finding, Proof

# More than this many losses, and the network is at fault rather than a moment's bad luck.
FLAPPING = 3
NO_CONTACT_CODES = frozenset({"start-no-contact", "start-expired-no-contact"})
WELL = frozenset({"", "NoError"})


def causes(facts: Facts) -> Iterator[Finding]:
    """Look at contact, faults, service and restarts."""
    yield from _away(facts)
    yield from _lost(facts)
    yield from _faults(facts)
    yield from _restarts(facts)
    if not facts.place.in_service or facts.place.status == "Unavailable":
        proof = Proof(what="status", at=facts.place.status_at, value=facts.place.status or "maintenance")
        yield Finding(cause=Cause.OUT_OF_SERVICE, weight=SHOWN if _is_open(facts) else FITS - 15, proofs=(proof,))


def _away(facts: Facts) -> Iterator[Finding]:
    refused = facts.charge is not None and facts.charge.failure_code in NO_CONTACT_CODES
    unsent = [each for each in facts.asked if each.outcome in ("no-contact", "expired")]
    away = not facts.place.connected
    if not (refused or (away and _is_open(facts)) or (unsent and facts.charge and facts.charge.failed_at)):
        return
    proofs = [Proof(what="Disconnect", at=line.at) for line in facts.of_kind("Disconnect")[-1:]]
    if away and not proofs:
        proofs.append(Proof(what="last-contact", at=facts.place.contact_lost_at))
    proofs += [Proof(what=each.action, at=each.at, value=each.outcome) for each in unsent[-2:]]
    if refused and facts.charge is not None:
        proofs.append(Proof(what="start-unsent", at=facts.charge.failed_at))
    yield Finding(
        cause=Cause.NO_CONTACT, weight=CERTAIN + 5 if refused else CERTAIN, proofs=tuple(proofs), told={"now": away}
    )


def _lost(facts: Facts) -> Iterator[Finding]:
    charge = facts.charge
    lost = [line for line in facts.of_kind("Disconnect") if charge is None or _during(facts, line)]
    if not lost or (charge is None and len(lost) < FLAPPING):
        return
    if not facts.place.connected and _is_open(facts):
        return
    away_min = round(_away_for(facts, lost) / timedelta(minutes=1))
    proofs = tuple(Proof(what="Disconnect", at=line.at, value=line.says("reason")) for line in lost[-3:])
    yield Finding(
        cause=Cause.LOST_CONTACT,
        weight=SHOWN - 5 if len(lost) >= FLAPPING or (charge and charge.failed_at) else FITS - 10,
        proofs=(*proofs, Proof(what="losses", value=len(lost), unit="times")),
        told={"times": len(lost), "minutes": away_min},
    )


def _faults(facts: Facts) -> Iterator[Finding]:
    told = [line for line in facts.lines if line.says("errorCode") not in WELL and _during(facts, line)]
    now = facts.place.error_code or ""
    if told:
        last = told[-1]
        proof = Proof(what=last.kind, at=last.at, value=last.says("errorCode"))
        yield Finding(
            cause=Cause.FAULT, weight=SHOWN + 5, proofs=(proof,), told={"code": last.says("errorCode")}
        )  # fmt: skip
    elif _is_open(facts) and (now not in WELL or facts.place.status == "Faulted"):
        proof = Proof(what="StatusNotification", at=facts.place.status_at, value=now or "Faulted")
        yield Finding(cause=Cause.FAULT, weight=SHOWN + 5, proofs=(proof,), told={"code": now})


def _restarts(facts: Facts) -> Iterator[Finding]:
    boots = [line for line in facts.of_kind("BootNotification") if _during(facts, line)]
    if boots and facts.charge is not None:
        proofs = tuple(Proof(what="BootNotification", at=line.at) for line in boots[-2:])
        asked = facts.commands("Reset")
        proofs += tuple(Proof(what="Reset", at=each.at, value=each.outcome) for each in asked[-1:])
        yield Finding(
            cause=Cause.RESTARTED, weight=SHOWN - 10, proofs=proofs, told={"asked": bool(asked)}
        )  # fmt: skip


def _is_open(facts: Facts) -> bool:
    # What the charge point is now says something of a charge only while that is not over.
    return facts.charge is None or facts.charge.stopped_at is None


def _during(facts: Facts, line: Line) -> bool:
    if facts.charge is None:
        return True
    return facts.charge.created_at <= line.at <= (facts.charge.stopped_at or facts.now)


def _away_for(facts: Facts, lost: list[Line]) -> timedelta:
    back = facts.of_kind("Connect")
    gaps = [_next(back, line.at, facts.now) - line.at for line in lost]
    return sum(gaps, timedelta(0))


def _next(lines: list[Line], after: datetime, otherwise: datetime) -> datetime:
    return next((line.at for line in lines if line.at >= after), otherwise)
