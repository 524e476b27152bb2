"""Waiting for a new charge point to call: what was seen so far, and what is wrong if it does not work. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from wattline.portal.near_miss import is_near_miss, marked_differences, named_difference
from wattline.queries.portal_onboarding import Attempt, Newcomer
from wattline.web.formats import Formats

# A charge point that is connected introduces itself within seconds.
BOOT_PATIENCE = timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class Station:
    """One thing to see, in order. `css`: nothing, now, ok or bad."""

    heading: Markup
    note: Markup | str
    css: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why it does not work, and what to do. `use_instead`: the identity it really calls with."""

    heading: str
    reasoning: Markup
    todo: str
    evidence: tuple[str, ...]
    use_instead: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far it has come."""

    stations: list[Station]
    problem: Problem | None
    done: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found out since we listen."""

    newcomer: Newcomer
    refused: Attempt | None
    strangers: Sequence[Attempt]
    formats: Formats


def verdict(seen: Seen) -> Verdict:
    """Weigh it: contact counts more than refusals, the box's own call more than a stranger's."""
    box = seen.newcomer
    if box.connected:
        return _connected(seen)
    if seen.refused and (box.disconnected_at is None or seen.refused.at > box.disconnected_at):
        return _refused(seen, seen.refused)
    near = next((each for each in _by_time(seen.strangers) if is_near_miss(box.identity or "", each.identity)), None)
    if near is not None:
        return _near_miss(seen, near)
    return _waiting(seen)


def _by_time(attempts: Sequence[Attempt]) -> list[Attempt]:
    return sorted(attempts, key=lambda attempt: attempt.at, reverse=True)


def _connected(seen: Seen) -> Verdict:
    box, clock = seen.newcomer, seen.formats.clock
    since = box.connected_at or seen.formats.now
    booted = box.booted_at is not None and box.booted_at >= since - timedelta(minutes=1)
    told = box.sockets_told == box.sockets
    stations = _stations(seen, ok=4, notes={
        0: f"{clock(since)}, so network, SIM and address are fine",
        4: f"{box.vendor or ''} {box.box_model or ''} {box.firmware_version or ''}".strip() if booted else BOOT_NOTE,
        5: f"{box.sockets_told} of {box.sockets}",
    })  # fmt: skip
    stations[4] = _marked(stations[4], "ok" if booted else "now")
    stations[5] = _marked(stations[5], "ok" if told else "now" if booted else "")
    problem = None
    if not booted and seen.formats.now - since > BOOT_PATIENCE:
        problem = Problem(
            "It is connected, but does not introduce itself",
            Markup("It called at {}, with the right password, and has sent no BootNotification since. Some charge points only "
                   "do so after a restart.").format(clock(since)),
            "restart it. If it stays like this, ask its maker for firmware that speaks OCPP 1.6.",
            (f"connected {clock(since)}", "no BootNotification"),
        )  # fmt: skip
    return Verdict(stations, problem, done=booted and told)


def _refused(seen: Seen, call: Attempt) -> Verdict:
    at = seen.formats.clock(call.at)
    tried = f"tried {call.times} times" if call.times > 1 else "tried once"
    evidence = (f"identity {call.identity}", "answered 401" if "password" in call.reason else call.reason, f"from {masked(call.address)}")
    first = {0: f"{at}, so network, SIM and address are fine"}
    if call.reason == "subprotocol":
        problem = Problem(
            "It speaks another language",
            Markup("At {} it called with the right identity, but offered {} where we need OCPP 1.6.").format(
                at, call.detail or "no version of OCPP"),
            "choose OCPP 1.6 (JSON) in the charge point’s settings and restart it.", evidence,
        )  # fmt: skip
        return Verdict(_stations(seen, ok=2, bad=3, notes=first | {3: f"It offered {call.detail or 'none'}; {tried}"}), problem, False)
    if call.reason == "throttled":
        problem = Problem(
            "It tried too often with a wrong password",
            Markup("So many wrong tries came that we do not look at them for a minute. The last was at {}.").format(at),
            "correct the password in the charge point, wait a minute, then restart it.", evidence,
        )  # fmt: skip
        return Verdict(_stations(seen, ok=2, bad=2, notes=first | {2: tried}), problem, False)
    if call.reason == "malformed":
        problem = Problem(
            "It called in a way we do not understand",
            Markup("At {} something called under this identity, but not as OCPP wants: {}.").format(at, call.detail or "no detail"),
            "look whether its address begins with ws:// or wss:// and whether its protocol is OCPP 1.6 JSON.", evidence,
        )  # fmt: skip
        return Verdict(_stations(seen, ok=1, bad=1, notes=first | {1: tried}), problem, False)
    without = call.reason == "no-password"
    problem = Problem(
        "It called without a password" if without else "It called, with a wrong password",
        Markup("At {} it called as <span class=\"id strong\">{}</span>{}. We did not let it in.").format(
            at, call.identity, " and sent no password" if without else ", but the password was not the one we made"),
        "enter the password anew, letter by letter, and restart it. Lost it? Make a new one under “Set it up”.",
        evidence,
    )  # fmt: skip
    note = "It sent none" if without else f"It is another one; {tried}"
    return Verdict(_stations(seen, ok=2, bad=2, notes=first | {2: note}), problem, False)


def _near_miss(seen: Seen, call: Attempt) -> Verdict:
    told, at = seen.newcomer.identity or "", seen.formats.clock(call.at)
    ours, theirs = marked_differences(told, call.identity)
    our_name, their_name = named_difference(told, call.identity)
    reasoning = Markup(
        'At {} a charge point called us as <span class="id strong">{}</span>{}. You told us '
        '<span class="id strong">{}</span>{}. We did not let it in, because nobody has that identity.'
    ).format(at, theirs, f", with {their_name}" if their_name else "", ours, f", with {our_name}" if our_name else "")
    todo = "change it in the charge point and restart it. Or, if the sticker on it says so, use that here."
    evidence = (f"called as {call.identity}", "answered 401", f"from {masked(call.address)}")
    problem = Problem("It called, with a different identity", reasoning, todo, evidence, use_instead=call.identity)
    tried = f"tried {call.times} times" if call.times > 1 else "tried once"
    notes: dict[int, Markup | str] = {
        0: f"{at}, so network, SIM and address are fine",
        1: Markup('It said <span class="id">{}</span>; {}').format(theirs, tried),
    }
    return Verdict(_stations(seen, ok=1, bad=1, notes=notes), problem, False)


def _waiting(seen: Seen) -> Verdict:
    box = seen.newcomer
    if box.connected_at is not None:
        at = seen.formats.when(box.disconnected_at or box.connected_at)
        problem = Problem(
            "It was here, and went away",
            Markup("It was connected until {}. Address, identity and password are right.").format(at),
            "look at its power and its network; it calls again by itself.", (),
        )  # fmt: skip
        return Verdict(_stations(seen, ok=4, notes={0: "It called before"}), problem, False)
    stations = _stations(seen, ok=0, notes={0: "Nothing yet from any new charge point"})
    stations[0] = _marked(stations[0], "now")
    return Verdict(stations, None, False)


BOOT_NOTE = "BootNotification with model and firmware"


def _stations(
    seen: Seen, *, ok: int, notes: dict[int, Markup | str] | dict[int, str], bad: int | None = None
) -> list[Station]:
    box = seen.newcomer
    sockets = {1: "Its connector reports a state", 2: "Both connectors report a state"}
    headings: list[Markup | str] = [
        "A call reaches us",
        Markup('It names itself <span class="id">{}</span>').format(box.identity),
        "The password is right",
        "We agree on OCPP 1.6",
        "It introduces itself",
        sockets.get(box.sockets, f"All {box.sockets} connectors report a state"),
    ]
    usual = {1: "Every letter and zero counts", 4: BOOT_NOTE}
    return [
        Station(
            Markup("{}").format(heading),
            notes.get(number, usual.get(number, "") if number >= ok else ""),
            "bad" if number == bad else "ok" if number < ok else "",
        )
        for number, heading in enumerate(headings)
    ]


def _marked(station: Station, css: str) -> Station:
    return Station(station.heading, station.note, css)


def masked(address: str) -> str:
    """Show an address only as far as it helps to tell networks apart."""
    parts = address.split(".")
    return f"{parts[0]}.{parts[1]}.·.·" if len(parts) == 4 else address.split(":")[0] + ":…"  # noqa: PLR2004  IPv4
