"""Why a charge is as it is: each cause that was found, ready to be shown, and what stands behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.domain.causes.diagnosis import Diagnosis
from wattline.domain.causes.finding import Cause, Finding, Proof
from wattline.domain.causes.starts import Check
from wattline.domain.check_up import meaning_of_error
from wattline.portal.cause_words import CABLE_HOWTO, CAUSE_WORDS, NOT_PAID, PROOF_WORDS, STEP_WORDS
from wattline.portal.ends import ENDS, End
from wattline.portal.money_words import CHOSEN_BY
from wattline.portal.reasons import stop_words
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
class Checked:
    """One step of the list for starts: what must be so, whether it is (None: look yourself), and what shows it."""

    words: str
    ok: bool | None
    evidence: str


Told = Mapping[str, object]


def explain(diagnosis: Diagnosis, formats: Formats) -> Why | None:
    """Say the one cause that explains a charge; None when nothing does by itself."""
    return None if diagnosis.answer is None else say(diagnosis.answer, formats)


def say_all(findings: Sequence[Finding], formats: Formats) -> list[Why]:
    """Say every cause, in the order in which they were found to be likely."""
    return [say(finding, formats) for finding in findings]


def say(finding: Finding, formats: Formats) -> Why:
    """Put a cause into words."""
    own = _BY_CASE.get(finding.cause)
    words = own(finding.told, formats) if own else CAUSE_WORDS[finding.cause]
    evidence = tuple(proof_line(proof, formats) for proof in finding.proofs)
    return Why(words.hue, words.glyph, words.heading, words.reasoning, words.todo, evidence)


def say_checks(checks: Sequence[Check], formats: Formats) -> list[Checked]:
    """Say each step of the list for starts that do not succeed."""
    return [
        Checked(STEP_WORDS[check.step], check.ok, proof_line(check.proof, formats) if check.proof else "")
        for check in checks
    ]


def proof_line(proof: Proof, formats: Formats) -> str:
    """Write one piece of evidence: when, what, and its value."""
    parts = [_moment(proof.at, formats), PROOF_WORDS.get(proof.what, proof.what), _value(proof, formats)]
    return " ".join(part for part in parts if part)


def _moment(at: datetime | None, formats: Formats) -> str:
    if at is None:
        return ""
    local = formats.local(at)
    same_day = local.date() == formats.local(formats.now).date()
    return f"{local:%H:%M:%S}" if same_day else f"{local:%Y-%m-%d %H:%M:%S}"


def _value(proof: Proof, formats: Formats) -> str:
    value = proof.value
    match proof.unit, value:
        case "W", int():
            return str(formats.power(value).striptags())
        case "Wh", int():
            return str(formats.energy(value, 3).striptags())
        case "%", int() | float():
            return f"{value:.0f} %"
        case "min", int():
            return lasted(timedelta(minutes=value))
        case "times", int():
            return f"{value}×" if value else "none"
    if proof.what == "price-chosen":
        return CHOSEN_BY.get(str(value), str(value))
    return "" if value is None else str(value)


def _forced(told: Told, formats: Formats) -> End:
    at = told.get("at")
    when = f" at {formats.clock(at)}" if isinstance(at, datetime) else ""
    reasoning = f"{told.get('by')} ended it{when} and took the payment away: nobody pays."
    if told.get("why"):
        reasoning += f" Their reason: {told['why']}"
    todo = "nothing. If the charge point still gives energy, reboot it."
    return End("amber", "stopped", "It was force stopped", reasoning, todo)


def _ended(told: Told, formats: Formats) -> End:
    return ENDS[str(told["reason"])]


def _lost_contact(told: Told, formats: Formats) -> End:
    times, minutes = told["times"], told["minutes"]
    assert isinstance(times, int)
    assert isinstance(minutes, int)
    again = "once" if times == 1 else f"{times} times"
    away = lasted(timedelta(minutes=minutes))
    return End(
        "amber", "disconnected", f"The charge point lost contact {again}",
        f"It was away for {away} in all. A charge that runs goes on without contact, but starts and stops do not "
        "arrive, and figures come in late.",
        "look at its network: router, cable, or the signal of its SIM card.",
    )  # fmt: skip


def _fault(told: Told, formats: Formats) -> End:
    code = str(told.get("code") or "")
    meaning = meaning_of_error(code) if code else "it does not say which. Reboot it; if it stays, call its maker."
    what, _, todo = meaning.partition(". ")
    return End("red", "error", "The charge point reported a fault", f"It says that {what.removesuffix('.')}.",
               f"{todo[:1].lower()}{todo[1:]}" if todo else "look the fault up in the maker’s manual.")  # fmt: skip


def _restarted(told: Told, formats: Formats) -> End:
    by_us = "It was asked to restart from here." if told.get("asked") else "Nobody asked it to from here."
    return End("amber", "stopped", "The charge point restarted meanwhile", f"{by_us} Many end a charge when they do.",
               "start again. If it restarts often by itself, look at its power supply.")  # fmt: skip


_FOREIGN = {
    "stop": "It says that it was stopped from afar, and we did not ask it to. Then somebody else did.",
    "pause": "It held the energy back, and no limit of ours made it. Then a plan or a limit is set elsewhere.",
    "connect": "It calls from changing addresses, as if two programs or networks shared it.",
}


def _other_app(told: Told, formats: Formats) -> End:
    return End(
        "amber", "stopped", "Another app may control the charge", _FOREIGN[str(told["did"])],
        "look for plans and limits in the charge point’s own app, in its maker’s cloud and in the car’s app, and turn "
        "them off. Only one should be in control.",
    )  # fmt: skip


def _car_pauses(told: Told, formats: Formats) -> End:
    if told.get("over"):
        return End("ink-3", "paused", "The car paused for a while", "It took nothing for a time, then went on.",
                   "look for plans and limits in the car if it took too long.")  # fmt: skip
    soc = told.get("soc")
    at = f" at {soc:.0f} %" if isinstance(soc, float) else ""
    return End(
        "amber", "paused", f"The car takes no energy now{at}",
        "The charge point offers it, the car says no. It is full, or waits for a schedule or a limit of its own. "
        "We cannot overrule a car.",
        "nothing here. The driver can look for charging schedules and limits in the car, and turn them off.",
    )  # fmt: skip


def _cut_short(told: Told, formats: Formats) -> End:
    soc, limit, at, waited = told.get("soc"), told.get("limit"), told["at"], told["waited"]
    assert isinstance(at, datetime)
    assert isinstance(waited, timedelta)
    reached = f" at {soc:.0f} %" if isinstance(soc, float) else ""
    wanted = f", before the limit of {limit:.0f} %" if isinstance(limit, float) else ""
    ending = stop_words(str(told.get("reason") or "")) or "the charge ended"
    return End(
        "amber", "paused", f"The car stopped taking energy{reached}{wanted}",
        f"From {formats.minute(at)} on the car took nothing, and the charge point kept offering for {lasted(waited)}. "
        f"Then {ending}. Nobody on our side asked it to stop.",
        "nothing here. If the driver asks: a charge limit or a schedule set in the car is the usual reason.",
    )  # fmt: skip


def _full(told: Told, formats: Formats) -> End:
    said = _cut_short(told, formats)
    return End("green", "completed", "The battery was full", said.reasoning, said.todo)


def _point_pauses(told: Told, formats: Formats) -> End:
    if told.get("over"):
        return End("ink-3", "paused", "The charge point held the energy back for a while", "Then it went on.",
                   "look for plans and limits in the charge point’s own app if it took too long.")  # fmt: skip
    whose = "A limit was set from here." if told.get("ours") else (
        "A schedule or a power limit is set, by us or in the charge point’s own software."
    )  # fmt: skip
    return End(
        "amber", "paused", "The charge point holds the energy back", f"The car would take it. {whose}",
        "wait if a schedule is planned. Otherwise look for schedules and limits in the charge point’s own app.",
    )  # fmt: skip


def _refused(told: Told, formats: Formats) -> End:
    happened, _, todo = str(told.get("words") or "The charge point did not start it.").partition(". ")
    return End("red", "failed", f"It never started: {happened[:1].lower()}{happened[1:].removesuffix('.')}", NOT_PAID,
               todo or "run a check on the charge point, then start again.")  # fmt: skip


def _card(told: Told, formats: Formats) -> End:
    happened, _, todo = str(told.get("words") or "The card’s bank said no.").partition(". ")
    return End("red", "failed", "The card did not pay", f"{happened.removesuffix('.')}. {NOT_PAID}",
               todo or "use another card, or ask the card’s bank.")  # fmt: skip


def _funds(told: Told, formats: Formats) -> End:
    if told.get("ended"):
        return End("amber", "paying", "The money for it was used up",
                   "We stopped it before it cost more than was set aside or allowed.",
                   "fill the wallet or allow more, then start again.")  # fmt: skip
    words = str(told.get("words") or "").rstrip(".")
    return End("red", "paying", "There was too little money for a start with this key", f"{words}.",
               "fill the wallet that the key belongs to, or let a card fill it by itself.")  # fmt: skip


def _stuck(told: Told, formats: Formats) -> End:
    if told.get("lock"):
        why = "The charge point says that the lock of its connector does not move."
    elif told.get("minutes"):
        why = "The charge is over, and the cable is still in. We never lock a cable; the charge point or the car does."
    else:
        why = "The charge point was asked to unlock the cable and did not."
    return End("amber", "releasing", "The cable may be stuck", why, CABLE_HOWTO)


def _own_price(told: Told, formats: Formats) -> End:
    said = CHOSEN_BY.get(str(told["by"]), "This price was agreed with whoever pays.")
    return End("ink-3", "other", "It is not the price for everybody", said,
               "compare with the price agreed for this member or team, not with the public one.")  # fmt: skip


_BY_CASE: Mapping[Cause, Callable[[Told, Formats], End]] = {
    Cause.FORCED: _forced,
    Cause.ENDED: _ended,
    Cause.LOST_CONTACT: _lost_contact,
    Cause.FAULT: _fault,
    Cause.RESTARTED: _restarted,
    Cause.OTHER_APP: _other_app,
    Cause.CAR_PAUSES: _car_pauses,
    Cause.CAR_STOPPED: _cut_short,
    Cause.BATTERY_FULL: _full,
    Cause.POINT_PAUSES: _point_pauses,
    Cause.START_REFUSED: _refused,
    Cause.CARD_REFUSED: _card,
    Cause.FUNDS_MISSING: _funds,
    Cause.CABLE_STUCK: _stuck,
    Cause.PRICE_OF_ONES_OWN: _own_price,
}
