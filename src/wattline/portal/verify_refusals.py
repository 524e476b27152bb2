"""Words for a charge point that has not come in: nothing called, or what called was refused."""

from dataclasses import replace

from markupsafe import Markup

from wattline.domain.identity import checked_identity
from wattline.domain.near_miss import NearMiss, Slip
from wattline.domain.refusals import Invalid
from wattline.domain.verification import Finding, Refused, Seen
from wattline.portal.verify_stations import lettered
from wattline.portal.verify_told import Told, masked, own_id
from wattline.queries.portal_setup import Setup
from wattline.web.formats import Formats


def waiting(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    """Nothing yet, which is normal."""
    return Told(
        heading="Waiting for the charge point to call",
        reasoning="Restart it, or press “connect” in its own app. Most call within 2 minutes; one with a fresh SIM may "
        "take 10. What comes is shown here at once.",
        line="listening",
        clock=formats.stopwatch(seen.listening_since),
    )


def silent(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    """Nothing for longer than even slow ones take."""
    why = Markup(
        "Neither under {} nor under a name that looks like it. So the charge point is off, has no way to the internet, "
        "or calls another address."
    )
    return Told(
        hue="amber",
        glyph="other",
        heading="Nothing has called for 10 minutes",
        reasoning=why.format(own_id(setup)),
        todo="take the four steps below, from the top. We keep listening.",
        line="listening",
        clock=formats.stopwatch(seen.listening_since),
    )


def other_name(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    """Somebody called under a name that nearly is the right one."""
    assert finding.stranger is not None
    near = finding.stranger.near
    said, wanted = _slip_words(near)
    usable = _is_usable(near.called)
    why = Markup(
        "A charge point called us as <b>{}</b>{}. You told us <b>{}</b>{}. We did not let it in, because nobody has "
        "that identity."
    )
    return Told(
        hue="red",
        glyph="failed",
        heading="It called, with a different identity",
        reasoning=why.format(lettered(near.called_parts), said, lettered(near.expected_parts), wanted),
        times=_times(finding.stranger.count, formats.when(finding.stranger.last_at)),
        todo="change it in the charge point and restart it."
        + (" Or, if that is what its sticker says, use it here." if usable else ""),
        use=near.called if usable else "",
        again=True,
        evidence=(f"GET /ocpp/{near.called}", "answered 401", f"from {masked(finding.stranger.address)}"),
    )


def wrong_password(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    """The right name with a password that is not its own."""
    why = Markup(
        "{} reaches us, so network, address and identity are right. The password it sent is not the one we made."
    )
    return replace(
        _refused(finding, formats),
        heading="It called, but its password is wrong",
        reasoning=why.format(own_id(setup)),
        todo="enter the password again, without blanks around it, and restart it. If it is lost, make a new one.",
        password=True,
    )


def no_password(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    """The right name without any password."""
    why = Markup("{} reaches us, so network, address and identity are right. But it sent no password at all.")
    return replace(
        _refused(finding, formats),
        heading="It called, but without a password",
        reasoning=why.format(own_id(setup)),
        todo="enter the password; many models call it AuthorizationKey. If it asks for a security profile, choose 1.",
        password=True,
    )


def other_version(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    """It would be let in, but offers no language we speak."""
    offered = finding.refused.detail if finding.refused else None
    return replace(
        _refused(finding, formats),
        heading="It called, but wants to speak another OCPP",
        reasoning=f"It offers {offered or 'no version'}. What we speak is OCPP 1.6 with JSON, which is called ocpp1.6.",
        todo="set its OCPP version to 1.6 JSON and restart it.",
        evidence=(f"offers {offered or 'nothing'}", "answered 400", *_from(finding.refused)),
    )


def too_often(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> Told:
    """It is refused unread for a while."""
    return replace(
        _refused(finding, formats),
        hue="amber",
        glyph="paused",
        heading="It failed too often, so we let it wait",
        reasoning="After many failures within a minute we refuse calls unread, so that nobody can guess passwords.",
        todo="check identity and password once more. We answer again a minute after its last failure.",
        evidence=("answered 429", *_from(finding.refused)),
    )


def _refused(finding: Finding, formats: Formats) -> Told:
    refused = finding.refused
    assert refused is not None
    return Told(
        hue="red",
        glyph="failed",
        heading="",
        reasoning="",
        times=_times(refused.count, formats.when(refused.last_at)),
        again=True,
        evidence=("answered 401", *_from(refused)),
    )


def _times(count: int, last: Markup | str) -> str:
    return f"Once, at {last}." if count == 1 else f"{count} times, last at {last}."


def _slip_words(near: NearMiss) -> tuple[str, str]:
    """Say which letters were mixed up, of the caller's name and of ours; nothing when the marks alone say it better."""
    if near.slip is not Slip.LOOK_ALIKES or len(near.swapped) != 1:
        return "", ""
    called, expected = near.swapped[0]
    return f", with {_letter(called)}", f", with {_letter(expected)}"


def _letter(letter: str) -> str:
    if letter == "0":
        return "zeros"
    return f"the digit {letter}" if letter.isdigit() else f"the letter {letter}"


def _is_usable(identity: str) -> bool:
    try:
        return checked_identity(identity, field="identity") == identity
    except Invalid:
        return False


def _from(refused: Refused | None) -> tuple[str, ...]:
    return () if refused is None else (f"from {masked(refused.address)}",)
