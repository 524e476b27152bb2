"""What needs somebody now, in words: the worst first, each with the next step."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from wattline.domain.alerts import ProblemKind
from wattline.domain.outages import Gone, gone_together
from wattline.portal.states import error_words
from wattline.queries.portal_overview import OpenProblem
from wattline.web.formats import Formats

NEEDS_SHOWN = 8
# A charge point nobody can use weighs more than one that often fails.
WEIGHT = (ProblemKind.FAULTED, ProblemKind.DISCONNECTED, ProblemKind.NO_ENERGY, ProblemKind.LOW_SUCCESS)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs somebody."""

    glyph: str
    hue: str
    name: str
    name_href: str
    rest: str
    said: str
    since: Markup
    step: str
    href: str


def needs_of(problems: Sequence[OpenProblem], formats: Formats) -> list[Need]:
    """Put problems in words; several that went away together at one site are one."""
    lost = [one for one in problems if one.kind == ProblemKind.DISCONNECTED]
    groups = gone_together([Gone(one.charge_point_id, one.site_id, one.since) for one in lost])
    by_key = {one.charge_point_id: one for one in lost}
    together = [_together([by_key[key] for key in group], formats) for group in groups]
    grouped = {key for group in groups for key in group}
    single = [
        one
        for one in sorted(problems, key=lambda one: (WEIGHT.index(ProblemKind(one.kind)), one.since))
        if not (one.kind == ProblemKind.DISCONNECTED and one.charge_point_id in grouped)
    ]
    return [*together, *(_need(one, formats) for one in single)][:NEEDS_SHOWN]


def _together(lost: Sequence[OpenProblem], formats: Formats) -> Need:
    first = lost[0]
    connectors = sum(one.connectors for one in lost)
    return Need(
        "disconnected", "ink", first.site or "", f"/charge-points?state=disconnected&site={first.site_id}",
        f": {len(lost)} charge points lost contact together",
        f"All at {formats.clock(first.since)}, so power or network on site is likelier than the charge points. "
        f"{connectors} connectors are out.",
        formats.live_since(first.since), "Show them", f"/charge-points?state=disconnected&site={first.site_id}",
    )  # fmt: skip


def _need(one: OpenProblem, formats: Formats) -> Need:
    page = f"/charge-points/{one.charge_point_id}"
    glyph, hue, rest, said, step, href = _words(one, page)
    return Need(glyph, hue, one.name, page, rest, said, formats.live_since(one.since), step, href)


def _words(one: OpenProblem, page: str) -> tuple[str, str, str, str, str, str]:
    connector = one.detail.get("connector")
    match ProblemKind(one.kind):
        case ProblemKind.DISCONNECTED:
            said = "Charges that run go on by themselves; nobody can start one."
            return "disconnected", "ink", " has no contact", said, "Show steps", page
        case ProblemKind.FAULTED:
            fault = error_words(one.detail.get("error"), one.detail.get("info")) or "fault"
            return "error", "red", f": {fault} on connector {connector}", _fault_said(one), "Open", page
        case ProblemKind.NO_ENERGY:
            said = "The car should draw power by now. Ask the driver; if it charges, the meter is broken."
            href = f"/charges/{one.detail.get('charge')}"
            return "paused", "amber", f": the meter of connector {connector} does not count", said, "See charge", href
        case ProblemKind.LOW_SUCCESS:
            worked, tried = one.detail.get("worked"), one.detail.get("tried")
            said = "Over the last 24 hours. Its charges say why each failed."
            return "failed", "red", f": {worked} of {tried} starts worked", said, "See charges", f"{page}/charges"


def _fault_said(one: OpenProblem) -> str:
    others = "Its other connectors may still work." if one.connectors > 1 else "Nobody can charge there."
    if one.tries:
        return f"It was restarted by itself, and the fault is still there. It needs a technician. {others}"
    return f"A restart helps often. {others}"
