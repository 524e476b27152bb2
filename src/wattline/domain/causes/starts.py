"""A charge that was asked for never began; and the list of what to look at when none begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from wattline.domain.causes import keys
from wattline.domain.causes.facts import Charge, Facts
from wattline.domain.causes.finding import CERTAIN, Cause, Finding, Proof

# Cars and charge points talk to each other for so long before energy flows.
TAKES = timedelta(seconds=30)
START = "RemoteStartTransaction"
ELSEWHERE = ("no-contact", "card", "payment")


class Step(StrEnum):
    """What must be so before a charge begins, in the order in which one looks at it."""

    IN_CONTACT = "in-contact"
    WELL = "well"
    RIGHT_PLACE = "right-place"
    PLUGGED_IN = "plugged-in"
    WAITED = "waited"
    KEY = "key"
    FUNDS = "funds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One step: True it was so, False it was not, None nobody can tell from here."""

    step: Step
    ok: bool | None
    proof: Proof | None = None


def causes(facts: Facts) -> Iterator[Finding]:
    """Look at how the charge point answered the start, and at what came of it."""
    charge = facts.charge
    if charge is None or charge.failed_at is None or charge.failure_code.removeprefix("start-").startswith(ELSEWHERE):
        return
    asked = facts.commands(START, "ReserveNow")
    proofs = tuple(Proof(what=each.action, at=each.at, value=each.status or each.outcome) for each in asked[-3:])
    yield Finding(
        cause=_cause(charge, facts), weight=CERTAIN + 2, proofs=(*proofs, Proof(what="no-start", at=charge.failed_at)),
        told={"words": charge.failure_words},
    )  # fmt: skip


def _cause(charge: Charge, facts: Facts) -> Cause:
    if charge.failure_code == "start-expired":
        accepted = any(each.outcome == "accepted" for each in facts.commands(START))
        return Cause.NOT_BEGUN if accepted else Cause.NEVER_SAID_YES
    if charge.failure_code == "another-charge-began":
        return Cause.OVERTAKEN
    if charge.failure_code in ("start-no-answer", "start-unknown"):
        return Cause.START_UNANSWERED
    return Cause.START_REFUSED


def checklist(facts: Facts) -> Sequence[Check]:
    """Go through everything that keeps a start from succeeding, with what we know of each."""
    return (_contact(facts), _well(facts), Check(step=Step.RIGHT_PLACE, ok=None, proof=_status(facts)),
            _plugged_in(facts), _waited(facts), _key(facts), _funds(facts))  # fmt: skip


def _contact(facts: Facts) -> Check:
    proof = Proof(what="last-contact", at=facts.place.contact_lost_at) if not facts.place.connected else None
    return Check(step=Step.IN_CONTACT, ok=facts.place.connected, proof=proof)


def _well(facts: Facts) -> Check:
    broken = facts.place.status in ("Faulted", "Unavailable") or (facts.place.error_code or "NoError") != "NoError"
    proof = Proof(what="error", value=facts.place.error_code) if broken and facts.place.error_code else _status(facts)
    return Check(step=Step.WELL, ok=not broken and facts.place.in_service, proof=proof)


def _status(facts: Facts) -> Proof | None:
    if facts.place.status is None:
        return None
    return Proof(what="StatusNotification", at=facts.place.status_at, value=facts.place.status)


def _plugged_in(facts: Facts) -> Check:
    charge = facts.charge
    if charge is not None:
        at = charge.cable_in_at or charge.started_at
        return Check(step=Step.PLUGGED_IN, ok=at is not None, proof=Proof(what="cable-in", at=at) if at else None)
    return Check(step=Step.PLUGGED_IN, ok=facts.place.cable_in, proof=_status(facts))


def _waited(facts: Facts) -> Check:
    charge = facts.charge
    if charge is None or charge.started_at is not None:
        return Check(step=Step.WAITED, ok=None if charge is None else True)
    asked = facts.commands(START)
    since = asked[0].at if asked else charge.created_at
    until = charge.failed_at or charge.stopped_at or facts.now
    return Check(step=Step.WAITED, ok=until - since > TAKES, proof=Proof(what="asked", at=since))


def _key(facts: Facts) -> Check:
    refused = [line for line in facts.refused_keys(keys.BY_STATUS) if not line.says("refusal")]
    if refused:
        last = refused[-1]
        return Check(
            step=Step.KEY, ok=False, proof=Proof(what="StartTransaction", at=last.at, value=last.says("status"))
        )  # fmt: skip
    return Check(step=Step.KEY, ok=True if facts.charge and facts.charge.by_key else None)


def _funds(facts: Facts) -> Check:
    short = [line for line in facts.refused_keys({"Blocked"}) if line.says("refusal")]
    if short:
        proof = Proof(what="StartTransaction", at=short[-1].at, value=short[-1].says("refusal"))
        return Check(step=Step.FUNDS, ok=False, proof=proof)
    return Check(step=Step.FUNDS, ok=None if facts.price is None else True)
