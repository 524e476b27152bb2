"""What we have seen of a new charge point, as stations on a line, each with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from wattline.domain.near_miss import Stretch
from wattline.domain.verification import Finding, Seen, Step, Verdict
from wattline.queries.portal_setup import Setup
from wattline.web.formats import Formats

NUMBER_WORDS = {1: "The connector reports a state", 2: "Both connectors report a state"}


@dataclass(frozen=True, slots=True)
class Station:
    """One thing it must do. `state`: ok, bad, now (we wait for it), or nothing yet."""

    state: str
    label: Markup | str
    detail: Markup | str


def stations_of(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> list[Station]:
    """Say for each step whether it was taken, with what shows it."""
    evidence = _evidence(setup, seen, finding, formats)
    labels = _labels(setup)
    reached = len(Step) if finding.step is None else int(finding.step)
    return [Station(_state(step, reached, finding), labels[step], evidence[step]) for step in Step]


def _state(step: Step, reached: int, finding: Finding) -> str:
    if step < reached:
        return "ok"
    if step > reached:
        return ""
    return "bad" if finding.stuck else "now"


def _labels(setup: Setup) -> dict[Step, Markup | str]:
    assert setup.hardware is not None
    count = len(setup.sockets)
    return {
        Step.CALL: "A call reaches us",
        Step.NAME: Markup('It names itself <span class="id">{}</span>').format(setup.hardware.identity),
        Step.PASSWORD: "The password is right",
        Step.VERSION: "We agree on OCPP 1.6",
        Step.BOOT: "It introduces itself",
        Step.STATUS: NUMBER_WORDS.get(count, f"All {count} connectors report a state"),
    }


def _evidence(setup: Setup, seen: Seen, finding: Finding, formats: Formats) -> dict[Step, Markup | str]:
    return {
        Step.CALL: _call(seen, finding, formats),
        Step.NAME: _name(finding),
        Step.PASSWORD: _password(finding, formats),
        Step.VERSION: _version(finding),
        Step.BOOT: _boot(setup, formats),
        Step.STATUS: _statuses(setup),
    }


def _call(seen: Seen, finding: Finding, formats: Formats) -> str:
    calls = [each.last_at for each in (finding.refused, finding.stranger) if each is not None]
    if seen.connected_at is not None and not calls:
        calls = [seen.connected_at]
    if not calls:
        return "Nothing yet from this charge point"
    return f"{formats.when(calls[0])}, so network, SIM and address are fine"


def _name(finding: Finding) -> Markup | str:
    if finding.stranger is None:
        return "Every letter and zero counts" if finding.step is Step.CALL else ""
    tried = "once" if finding.stranger.count == 1 else f"{finding.stranger.count} times"
    return Markup("It said {}; tried {}").format(lettered(finding.stranger.near.called_parts), tried)


def lettered(parts: Sequence[Stretch]) -> Markup:
    """Write an identity with the letters that differ marked."""
    mark = Markup('<span class="diff">{}</span>')
    marks = (mark.format(part.text) if part.differs else escape(part.text) for part in parts)
    return Markup('<span class="id">{}</span>').format(Markup("").join(marks))


def _password(finding: Finding, formats: Formats) -> str:
    refused = finding.refused
    if refused is None or finding.verdict is Verdict.OTHER_VERSION:
        return ""
    times = "once" if refused.count == 1 else f"{refused.count} times"
    what = {Verdict.WRONG_PASSWORD: "Wrong", Verdict.NO_PASSWORD: "Left out"}.get(finding.verdict, "Refused unread")
    return f"{what} {times}, last at {formats.when(refused.last_at)}"


def _version(finding: Finding) -> str:
    if finding.verdict is not Verdict.OTHER_VERSION or finding.refused is None:
        return ""
    return f"It offers {finding.refused.detail or 'none'}"


def _boot(setup: Setup, formats: Formats) -> str:
    box = setup.hardware
    assert box is not None
    if box.booted_at is None:
        return "BootNotification with model and firmware"
    told = " ".join(filter(None, (box.vendor, box.model)))
    firmware = f", firmware {box.firmware_version}" if box.firmware_version else ""
    return f"{told}{firmware}, {formats.when(box.booted_at)}"


def _statuses(setup: Setup) -> str:
    if not any(each.status_at for each in setup.sockets):
        return ""
    return " · ".join(f"{each.number}: {each.ocpp_status or 'nothing yet'}" for each in setup.sockets)
