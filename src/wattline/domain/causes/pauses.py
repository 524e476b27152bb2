"""The car or the charge point paused: SuspendedEV and SuspendedEVSE (OCPP 1.6, section 7.7)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from wattline.domain.causes.facts import Charge, Facts
from wattline.domain.causes.finding import CERTAIN, FITS, POSSIBLE, SHOWN, Cause, Finding, Proof

FULL_PERCENT = 99
# Limits that we set ourselves, or that were set through us.
OURS = ("SetChargingProfile",)


def causes(facts: Facts) -> Iterator[Finding]:
    """Look at who paused a charge, and whether it went on."""
    if facts.charge is None:
        yield from _at_connector(facts)
        return
    if facts.charge.state == "scheduled":
        yield _planned(facts)
    yield from _by_car(facts, facts.charge)
    yield from _by_point(facts, facts.charge)


def _at_connector(facts: Facts) -> Iterator[Finding]:
    proof = Proof(what="StatusNotification", at=facts.place.status_at, value=facts.place.status)
    if facts.place.status == "SuspendedEV":
        yield Finding(cause=Cause.CAR_PAUSES, weight=SHOWN, proofs=(proof,))
    elif facts.place.status == "SuspendedEVSE":
        yield Finding(cause=Cause.POINT_PAUSES, weight=SHOWN, proofs=(proof,))


def _by_car(facts: Facts, charge: Charge) -> Iterator[Finding]:
    at = charge.last_move("PausedByCar") or _told_at(facts, "SuspendedEV")
    paused_now = charge.state == "paused" and charge.raw_state == "suspended_ev"
    if at is None and not paused_now:
        return
    proofs: list[Proof] = [Proof(what="SuspendedEV", at=at or charge.started_at or charge.created_at)]
    if charge.soc_percent is not None:
        proofs.append(Proof(what="battery", value=charge.soc_percent, unit="%"))
    told = {"soc": charge.soc_percent, "limit": _missed_limit(charge), "at": at}
    if paused_now:
        yield Finding(cause=Cause.CAR_PAUSES, weight=CERTAIN, proofs=tuple(proofs), told=told)
    elif charge.raw_state == "suspended_ev" and charge.stopped_at is not None and at is not None:
        waited = max(charge.stopped_at - at, timedelta(0))
        proofs.append(Proof(what="StopTransaction", at=charge.stopped_at, value=charge.stop_reason))
        yield Finding(
            cause=Cause.BATTERY_FULL if _full(charge) else Cause.CAR_STOPPED, weight=CERTAIN - 5,
            proofs=tuple(proofs), told=told | {"waited": waited, "reason": charge.stop_reason},
        )  # fmt: skip
    else:
        # It went on afterwards, so this is at most why it took longer.
        yield Finding(cause=Cause.CAR_PAUSES, weight=POSSIBLE, proofs=tuple(proofs), told=told | {"over": True})


def _by_point(facts: Facts, charge: Charge) -> Iterator[Finding]:
    at = charge.last_move("PausedByChargePoint") or _told_at(facts, "SuspendedEVSE")
    paused_now = charge.state == "paused" and charge.raw_state == "suspended_evse"
    if at is None and not paused_now:
        return
    ours = facts.commands(*OURS)
    proofs = (
        Proof(what="SuspendedEVSE", at=at or charge.started_at or charge.created_at),
        *(Proof(what=each.action, at=each.at, value=each.outcome) for each in ours[-1:]),
    )
    ended_so = charge.raw_state == "suspended_evse" and charge.stopped_at is not None
    weight = CERTAIN if paused_now else SHOWN if ended_so else POSSIBLE
    told = {"ours": bool(ours), "over": not paused_now and not ended_so}
    yield Finding(cause=Cause.POINT_PAUSES, weight=weight, proofs=proofs, told=told)


def _planned(facts: Facts) -> Finding:
    proof = Proof(what="state", value="scheduled")
    told = _told_at(facts, "SuspendedEVSE")
    proofs = (proof, Proof(what="SuspendedEVSE", at=told)) if told else (proof,)
    return Finding(cause=Cause.WAITS_FOR_PLAN, weight=FITS, proofs=proofs)


def _told_at(facts: Facts, kind: str) -> datetime | None:
    lines = facts.of_kind(kind)
    return lines[-1].at if lines else None


def _full(charge: Charge) -> bool:
    return charge.soc_percent is not None and charge.soc_percent >= FULL_PERCENT


def _missed_limit(charge: Charge) -> float | None:
    soc, limit = charge.soc_percent, charge.soc_limit_percent
    return limit if soc is not None and limit is not None and soc < limit else None
