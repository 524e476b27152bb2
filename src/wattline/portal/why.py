"""Why a charge is as it is: one plain sentence, the reasoning, what one can do, and the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from wattline.portal.ends import ENDS, End
from wattline.portal.reasons import plain_reason, stop_words
from wattline.queries.portal_charge import ChargeCommand, ChargeMove, ChargePage
from wattline.web.formats import Formats, lasted


@dataclass(frozen=True, slots=True)
class Why:
    """An explanation, ready to be shown."""

    hue: str
    glyph: str
    heading: str
    reasoning: str
    todo: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What an explanation may look at."""

    charge: ChargePage
    moves: Sequence[ChargeMove]
    commands: Sequence[ChargeCommand]
    formats: Formats

    def move(self, cause: str) -> ChargeMove | None:
        """Find the last move with this cause."""
        return next((move for move in reversed(self.moves) if move.cause == cause), None)


def explain(case: Case) -> Why | None:
    """Explain a charge that failed, is paused, or ended other than by itself; None when there is nothing to explain."""
    charge = case.charge
    if charge.failed_at is not None:
        return _failed(case)
    if charge.forced_at is not None:
        return _forced(case)
    if charge.state == "paused":
        return _paused_by_car(case) if charge.raw_state == "suspended_ev" else _paused_by_charge_point(case)
    if charge.stopped_at is None:
        return None
    if plain_reason(charge.stop_reason) in ENDS:
        return _ended(case, ENDS[plain_reason(charge.stop_reason)])
    if case.move("PausedByCar") and charge.raw_state == "suspended_ev":
        return _cut_short_by_car(case)
    if charge.energy_wh == 0 and charge.started_at is not None:
        return _no_energy(case)
    return None


def _failed(case: Case) -> Why:
    charge = case.charge
    if charge.failure_code == "start-expired":
        return _never_began(case)
    happened, _, todo = (charge.failure_reason or "The charge point did not start it.").partition(". ")
    return Why("red", "failed", f"It never started: {_lower(happened)}", "Nothing was taken and nobody pays.", todo,
               _asked(case))  # fmt: skip


def _never_began(case: Case) -> Why:
    accepted = next((each for each in case.commands if each.outcome == "accepted"), None)
    if accepted is not None:
        reasoning = "The charge point accepted the start, then did not begin within 5 minutes. Nobody pays."
        todo = "push the plug in until it clicks and look whether the car is locked or asleep, then start again."
    else:
        reasoning = "The charge point never said yes to the start, and did not begin within 5 minutes. Nobody pays."
        todo = "run a check on the charge point, then start again."
    return Why("red", "failed", "It never started", reasoning, todo, (*_asked(case), "no StartTransaction in 5 min"))


def _forced(case: Case) -> Why:
    charge = case.charge
    reasoning = (
        f"{charge.forced_by} ended it at {case.formats.clock(charge.forced_at)} and took the payment away: nobody pays."
    )
    if charge.force_reason:
        reasoning += f" Their reason: {charge.force_reason}"
    todo = "nothing. If the charge point still gives energy, reboot it."
    return Why("amber", "stopped", "It was force stopped", reasoning, todo, _asked(case))


def _paused_by_car(case: Case) -> Why:
    since = case.move("PausedByCar")
    at = f" at {case.charge.soc_percent:.0f} %" if case.charge.soc_percent is not None else ""
    return Why(
        "amber", "paused", f"The car takes no energy now{at}",
        "The charge point offers it, the car says no. It is full, or waits for a schedule or a limit of its own. "
        "We cannot overrule a car.",
        "nothing here. The driver can look for charging schedules and limits in the car.",
        _evidence(case, since, "StatusNotification SuspendedEV"),
    )  # fmt: skip


def _paused_by_charge_point(case: Case) -> Why:
    since = case.move("PausedByChargePoint")
    return Why(
        "amber", "paused", "The charge point holds the energy back",
        "The car would take it. A schedule or a power limit is set, by us or in the charge point’s own software.",
        "wait if a schedule is planned. Otherwise look for schedules and limits in the charge point’s own app.",
        _evidence(case, since, "StatusNotification SuspendedEVSE"),
    )  # fmt: skip


def _cut_short_by_car(case: Case) -> Why | None:
    charge, pause = case.charge, case.move("PausedByCar")
    assert pause is not None
    assert charge.stopped_at is not None
    full = charge.soc_percent is not None and charge.soc_percent >= 99
    at = f" at {charge.soc_percent:.0f} %" if charge.soc_percent is not None else ""
    limit = charge.soc_limit_percent
    too_early = limit is not None and charge.soc_percent is not None and charge.soc_percent < limit
    wanted = f", before the limit of {limit:.0f} %" if too_early else ""
    waited = lasted(max(charge.stopped_at - pause.at, timedelta(0)))
    ending = stop_words(charge.stop_reason) or "the charge ended"
    return Why(
        "green" if full else "amber", "completed" if full else "paused",
        "The battery was full" if full else f"The car stopped taking energy{at}{wanted}",
        f"From {case.formats.minute(pause.at)} on the car took nothing, and the charge point kept offering for "
        f"{waited}. Then {ending}. Nobody on our side asked it to stop.",
        "nothing here. If the driver asks: a charge limit or a schedule set in the car is the usual reason.",
        (*_evidence(case, pause, "StatusNotification SuspendedEV"),
         f"StopTransaction reason {plain_reason(charge.stop_reason)}"),
    )  # fmt: skip


def _no_energy(case: Case) -> Why:
    return Why(
        "amber", "stopped", "No energy was counted",
        "The charge began and ended, but its meter did not move.",
        "look whether the car was full or waited. If cars do charge here without being counted, turn “free charging” "
        "off in the charge point, so that it asks before it gives energy.",
        (f"meter {case.charge.meter_start_wh} to {case.charge.meter_last_wh} Wh",),
    )  # fmt: skip


def _ended(case: Case, end: End) -> Why:
    evidence = (f"stop reason {plain_reason(case.charge.stop_reason)}", *_asked(case))
    return Why(end.hue, end.glyph, end.heading, end.reasoning, end.todo, evidence)


def _evidence(case: Case, move: ChargeMove | None, words: str) -> tuple[str, ...]:
    return (f"{case.formats.local(move.at):%H:%M:%S} {words}",) if move else (words,)


def _asked(case: Case) -> tuple[str, ...]:
    said = []
    for each in case.commands:
        answer = (each.answer or {}).get("status") or each.outcome or "waiting"
        said.append(f"{case.formats.local(each.sent_at or each.created_at):%H:%M:%S} {each.action} {answer}")
    return tuple(said[-3:])


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].removesuffix(".")
