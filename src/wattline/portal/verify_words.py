"""What to tell somebody who waits for a new charge point: one plain sentence, why, what to do, and what shows it."""

from collections.abc import Callable
from dataclasses import replace

from markupsafe import Markup

from wattline.domain.verification import Finding, Seen, Verdict
from wattline.portal import verify_refusals as refusals
from wattline.portal.verify_told import Told, from_box, masked, own_id
from wattline.queries.portal_setup import Setup
from wattline.web.formats import Formats

# Under this brand the catalogue has models that stand for any charge point.
OWN_BRAND = "Wattline"


def tell(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    """Find the words for a finding."""
    told = WORDS[finding.verdict](setup, seen, finding, formats)
    if not seen.extra_sockets or not seen.connected:
        return told
    numbers = " and ".join(map(str, seen.extra_sockets))
    more = f"it also reports connector {numbers}, which you have not set up: correct how many it has."
    return replace(told, todo=f"{told.todo} And: {more}" if told.todo else more, correct=True)


def _connected(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    return Told(
        hue="current",
        glyph="starting",
        heading="It is connected",
        reasoning="Now it should introduce itself. Most do within a few seconds.",
        line="connected",
    )


def _no_boot(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    return Told(
        hue="amber",
        glyph="paused",
        heading="It is connected, but has not introduced itself",
        reasoning="The line is open, yet BootNotification has not come, the message with which OCPP begins.",
        todo="restart it; some send it only when they start. If that changes nothing, look for newer firmware.",
        evidence=(f"connected {formats.when(seen.connected_at)}", *from_box(setup)),
        line="connected",
    )


def _booted(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    return Told(
        hue="current",
        glyph="starting",
        heading="It has introduced itself",
        reasoning="Now each connector should report its state. Most do within a few seconds.",
        line="connected",
    )


def _no_status(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    quiet = [str(each.number) for each in setup.sockets if each.status_at is None]
    which = f"Connector {quiet[0]} has" if len(quiet) == 1 else f"Connectors {' and '.join(quiet)} have"
    return Told(
        hue="amber",
        glyph="paused",
        heading=f"{which} not reported yet",
        reasoning="It is connected and has introduced itself, so charging may work; but whether a car is there, we "
        "cannot tell.",
        todo="plug a car in and out, or restart it. If it has fewer connectors than you said, correct that.",
        correct=True,
        go_on=True,
        line="connected",
    )


def _lost(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    came, went = formats.when(seen.connected_at), formats.when(seen.disconnected_at)
    return Told(
        hue="ink",
        glyph="disconnected",
        heading="It was here, and is gone",
        reasoning=f"It connected at {came} and we lost it at {went}.",
        todo="cut its power, wait a minute, and give it 5 more. If it does not stay, look at the network on site.",
        again=True,
        go_on=finding.step is None,
        evidence=from_box(setup),
        line="no contact",
    )


def _two_callers(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    return Told(
        hue="red",
        glyph="failed",
        heading="Two charge points use this identity",
        reasoning=Markup("They call as {} in turns, and each call ends the other’s connection.").format(own_id(setup)),
        todo="find the other one: often the old charge point that this one replaces, or its twin from the same "
        "delivery. Give it an identity of its own.",
        again=True,
        evidence=tuple(f"from {masked(address)}" for address in seen.rivals),
        line="connected",
    )


def _verified(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    box = setup.hardware
    assert box is not None
    who = " ".join(filter(None, (box.vendor, box.model))) or "It"
    return Told(
        hue="green",
        glyph="completed",
        heading="It is connected, and all is as it should be",
        reasoning=Markup("{} introduced itself as {}, and {}.{}").format(
            who, own_id(setup), _states(setup), _doubt(setup)
        ),
        go_on=True,
        evidence=("ocpp1.6", f"BootNotification {formats.when(box.booted_at)}", *from_box(setup)),
        line="connected",
    )


def _states(setup: Setup) -> str:
    told = {each.ocpp_status for each in setup.sockets}
    if len(setup.sockets) > 1 and len(told) == 1:
        return f"all its connectors say {told.pop()}"
    return ", ".join(f"connector {each.number} says {each.ocpp_status}" for each in setup.sockets)


def _doubt(setup: Setup) -> str:
    """Ask about the model when its maker calls itself by another name than the one that was chosen."""
    box = setup.hardware
    if box is None or not box.vendor or setup.brand in (None, OWN_BRAND):
        return ""
    chosen, told = f"{setup.brand} {setup.model}".casefold(), box.vendor.casefold()
    known = any(word in chosen for word in told.split()) or chosen.split()[0] in told
    return "" if known else f" You chose {setup.model}: if that is wrong, correct it under “Model and identity”."


WORDS: dict[Verdict, Callable[[Setup, Seen, Finding, Formats], Told]] = {
    Verdict.WAITING: refusals.waiting,
    Verdict.SILENT: refusals.silent,
    Verdict.OTHER_NAME: refusals.other_name,
    Verdict.WRONG_PASSWORD: refusals.wrong_password,
    Verdict.NO_PASSWORD: refusals.no_password,
    Verdict.OTHER_VERSION: refusals.other_version,
    Verdict.TOO_OFTEN: refusals.too_often,
    Verdict.CONNECTED: _connected,
    Verdict.NO_BOOT: _no_boot,
    Verdict.BOOTED: _booted,
    Verdict.NO_STATUS: _no_status,
    Verdict.LOST: _lost,
    Verdict.TWO_CALLERS: _two_callers,
    Verdict.VERIFIED: _verified,
}
