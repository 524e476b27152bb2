"""What the overview draws: figures of today, energy over the day, sites with their connectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from wattline.domain.day_so_far import HOUR, Day, change_percent, running_totals, total_until
from wattline.domain.success_rate import success_percent
from wattline.portal.states import GROUPS, PLUG_WORDS, Group, point_look
from wattline.portal.timeline import Mark
from wattline.queries.portal_overview import SITES_SHOWN, Hour, SiteNow, by_state
from wattline.web.drawing import STRIP_WIDTH, Strip, round_top
from wattline.web.formats import Formats

LEFT, RIGHT, TOP, BOTTOM = 2.0, 464.0, 18.0, 158.0
# In the order in which a site's bar shows them.
GROUNDS = ("charging", "waiting", "busy", "available", "error", "gone", "off")

FAILURE_WORDS: Mapping[str, str] = {
    "start-expired": "The car never began",
    "start-expired-no-contact": "No contact while starting",
    "start-no-contact": "No contact while starting",
    "start-refused": "The charge point refused",
    "start-error": "The charge point did not understand",
    "start-no-answer": "The charge point did not answer",
    "start-unknown": "Contact was lost while starting",
    "another-charge-began": "Another charge began first",
    "": "No reason known",
}


@dataclass(frozen=True, slots=True)
class Days:
    """The hours of today and of the same weekday a week before; `until_before` is this time of that day."""

    today: Day
    before: Day
    hours: Sequence[Hour]
    hours_before: Sequence[Hour]
    until_before: datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and how it compares."""

    label: str
    value: Markup | str
    compared: str


@dataclass(frozen=True, slots=True)
class DayPlot:
    """Energy since midnight, today and a week before."""

    path: str
    area: str
    past: str
    levels: Sequence[Mark]
    ticks: Sequence[Mark]
    label: str
    end: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Today:
    """Figures, the curve, and how many starts worked."""

    weekday: str
    figures: Sequence[Figure]
    plot: DayPlot | None
    success: float | None
    success_before: float | None
    starts: int
    starts_ok: int
    none_yet: bool = field(default=False)


@dataclass(frozen=True, slots=True)
class WallRow:
    """A site: its connectors by state as one bar, and its power."""

    name: str
    href: str
    strips: list[Strip]
    said: str
    power_w: int
    connectors: int


def today_of(days: Days, formats: Formats) -> Today:
    """Compare today with a week ago, up to the same time."""
    energy, energy_before = _energy(days)
    charges = sum(hour.charges for hour in days.hours)
    charges_before = _until(days, {hour.at: hour.charges for hour in days.hours_before})
    starts, worked = sum(hour.starts for hour in days.hours), sum(hour.starts_ok for hour in days.hours)
    tried_before = sum(hour.starts for hour in days.hours_before)
    worked_before = sum(hour.starts_ok for hour in days.hours_before)
    weekday = formats.day(days.before.start).split(" ", 1)[0]
    return Today(
        weekday=weekday,
        figures=[
            Figure("Energy", formats.energy(energy, 0, "n-28"), _compared(energy, energy_before, formats)),
            Figure("Charges", Markup('<span class="n n-28">{}</span>').format(formats.number(charges)),
                   _counted(charges - charges_before, formats)),
        ],
        plot=_plot(days, weekday, formats),
        success=success_percent(tried=starts, worked=worked),
        success_before=success_percent(tried=tried_before, worked=worked_before),
        starts=starts,
        starts_ok=worked,
        none_yet=not days.hours and not days.hours_before,
    )  # fmt: skip


def _energy(days: Days) -> tuple[int, int]:
    before = {hour.at: hour.energy_wh for hour in days.hours_before}
    return sum(hour.energy_wh for hour in days.hours), _until(days, before)


def _until(days: Days, values: Mapping[datetime, int]) -> int:
    return total_until(values, days.before.hours, days.until_before)


def _compared(now: float, before: float, formats: Formats) -> str:
    percent = change_percent(now, before)
    if percent is None:
        return "nothing to compare with"
    return f"{formats.number(abs(percent), 1)} % {'more' if percent >= 0 else 'less'}"


def _counted(more: int, formats: Formats) -> str:
    if not more:
        return "as many"
    return f"{formats.number(abs(more))} {'more' if more > 0 else 'fewer'}"


def _plot(days: Days, weekday: str, formats: Formats) -> DayPlot | None:
    """Draw both days from midnight on, in kWh; None when there is nothing of either."""
    past = [0, *running_totals({hour.at: hour.energy_wh for hour in days.hours_before}, days.before.hours)]
    passed = [hour for hour in days.today.hours if hour <= formats.now]
    now = [0, *running_totals({hour.at: hour.energy_wh for hour in days.hours}, passed)]
    top_wh = max(*past, *now)
    if not top_wh:
        return None
    unit = 1_000_000 if top_wh > 5_000_000 else 1_000
    top, levels = round_top(top_wh / unit) if top_wh / unit <= 5000 else (top_wh / unit, [top_wh / unit])
    width = (RIGHT - LEFT) / len(days.today.hours)

    def y(wh: float) -> float:
        return BOTTOM - wh / unit / top * (BOTTOM - TOP)

    xs = [LEFT + width * number for number in range(len(now))]
    xs[-1] = LEFT + width * ((formats.now - days.today.start) / HOUR)
    path = "M" + "L".join(f"{x:.1f} {y(wh):.1f}" for x, wh in zip(xs, now, strict=True))
    step = (RIGHT - LEFT) / max(len(past) - 1, 1)
    dotted = "M" + "L".join(f"{LEFT + step * number:.1f} {y(wh):.1f}" for number, wh in enumerate(past))
    name = "MWh" if unit == 1_000_000 else "kWh"
    energy, before = _energy(days)
    return DayPlot(
        path=path,
        area=f"{path}L{xs[-1]:.1f} {BOTTOM}L{LEFT} {BOTTOM}Z",
        past=dotted,
        levels=[Mark(f"{y(level * unit):.1f}", f"{formats.number(level)} {name}") for level in levels],
        ticks=[Mark(f"{LEFT + width * hour:.1f}", f"{hour:02}") for hour in range(0, 25, 6)],
        label=f"Energy since midnight: {formats.number(energy / 1000)} kWh by {formats.minute(formats.now)}; "
        f"last {weekday} {formats.number(before / 1000)} kWh at the same time.",
        end=(f"{xs[-1]:.1f}", f"{y(now[-1]):.1f}"),
    )


def wall_of(sites: Sequence[SiteNow]) -> list[WallRow]:
    """Draw the sites with the most power, the rest as a count."""
    return [_row(site) for site in sites[:SITES_SHOWN]]


def _row(site: SiteNow) -> WallRow:
    counts: dict[str, int] = {}
    for state, count in site.states.items():
        ground = point_look(state)[1].ground
        counts[ground] = counts.get(ground, 0) + count
    x, strips, said = 0.0, [], []
    for ground in (each for each in GROUNDS if each in counts):
        width = counts[ground] / site.connectors * STRIP_WIDTH
        strips.append(Strip(f"{x:.1f}", f"{width + 0.2:.1f}", ground))
        said.append(f"{counts[ground]} {PLUG_WORDS[ground]}")
        x += width
    href = f"/charge-points?site={site.id}" if site.id else "/charge-points"
    return WallRow(site.name or "Without a site", href, strips, ", ".join(said), site.power_w, site.connectors)


def states_shown(sites: Sequence[SiteNow]) -> list[tuple[Group, int]]:
    """Count connectors by the groups of the list's filters, those that are empty left out."""
    counts = by_state(sites)
    shown = [(group, sum(counts.get(state, 0) for state in group.states)) for group in GROUPS]
    return [(group, count) for group, count in shown if count]


def failures_shown(failures: Sequence[tuple[str, int]]) -> list[tuple[str, int, str]]:
    """Say why starts failed: in words, how often, and how wide the bar is."""
    most = max((count for _, count in failures), default=1)
    return [(FAILURE_WORDS.get(code, code), count, f"{100 * count / most:.1f}") for code, count in failures]
