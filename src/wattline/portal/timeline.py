"""One time axis for a charge: its states and its power, so that cause and effect line up. Pure drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.portal.states import CHARGE
from wattline.queries.portal_charge import ChargeMove, ChargePage
from wattline.queries.portal_power import PowerPoint
from wattline.web.drawing import Axis, round_top
from wattline.web.formats import Formats

WIDTH, LEFT, RIGHT = 1132.0, 70.0, 1118.0
STATE_TOP, STATE_BOTTOM = 20.0, 40.0
POWER_TOP, POWER_BOTTOM = 80.0, 184.0
# A word needs about this much room per letter, and some beside it.
LETTER, BESIDE = 6.6, 14.0
MARGIN = timedelta(minutes=2)

WORDS = {"releasing": "Plugged in", "stopped": "Stopped", "completed": "Completed", "released": "Unplugged"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """One state along the axis; a word that does not fit inside stands above, when there is room there."""

    x: str
    width: str
    ground: str
    word: str
    above: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled place along x or y."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything the template draws."""

    stretches: list[Stretch]
    ticks: list[Mark]
    levels: list[Mark]
    path: str
    area: str
    peak: tuple[str, str, str] | None
    label: str


def timeline(
    charge: ChargePage, moves: Sequence[ChargeMove], points: Sequence[PowerPoint], formats: Formats
) -> Timeline | None:
    """Draw a charge from when it was asked for until it was over, or until now. None before its first move."""
    if not moves:
        return None
    over = charge.completed_at or charge.stopped_at
    last = max([moves[-1].at, *(point.at for point in points[-1:])]) if over else formats.now
    margin = max((last - moves[0].at) * 0.04, timedelta(seconds=10))
    start, end = formats.local(moves[0].at - margin), formats.local(last + (margin * 2 if over else margin))
    axis = Axis(start, end, LEFT, RIGHT)
    path, area, peak, levels = _power(points, axis)
    return Timeline(
        stretches=_stretches(charge, moves, axis, until=end if over else formats.local(formats.now)),
        ticks=[Mark(f"{axis.x(tick):.1f}", tick.strftime("%H:%M")) for tick in axis.ticks()],
        levels=levels,
        path=path,
        area=area,
        peak=peak,
        label=_label(moves, formats),
    )


def _stretches(charge: ChargePage, moves: Sequence[ChargeMove], axis: Axis, *, until: datetime) -> list[Stretch]:
    stretches: list[Stretch] = []
    above_until = LEFT
    for number, move in enumerate(moves):
        left = axis.x(move.at)
        right = axis.x(moves[number + 1].at if number + 1 < len(moves) else until)
        if right - left < 1.0 and number + 1 < len(moves):
            continue
        key = "failed" if charge.failed_at and move.to_state in ("stopped", "completed") else move.to_state
        word = WORDS.get(key, CHARGE[key].word if key in CHARGE else key)
        room = len(word) * LETTER + BESIDE
        fits = right - left >= room
        above = not fits and left >= above_until and left + room <= RIGHT
        if above:
            above_until = left + room
        ground = CHARGE[key].ground if key in CHARGE else "off"
        shown = word if fits or above else ""
        stretches.append(Stretch(f"{left:.1f}", f"{max(right - left - 1, 1):.1f}", ground, shown, above))
    return stretches


def _power(points: Sequence[PowerPoint], axis: Axis) -> tuple[str, str, tuple[str, str, str] | None, list[Mark]]:
    if not points:
        return "", "", None, []
    highest = max(points, key=lambda point: point.power_w)
    top, values = round_top(max(highest.power_w / 1000, 1.0))

    def y(kilowatts: float) -> float:
        return POWER_BOTTOM - kilowatts / top * (POWER_BOTTOM - POWER_TOP)

    levels = [Mark(f"{y(value):.1f}", f"{value:g}") for value in values]
    corners = [f"{axis.x(point.at):.1f} {y(point.power_w / 1000):.1f}" for point in points]
    path = "M" + "L".join(corners)
    first, last = axis.x(points[0].at), axis.x(points[-1].at)
    area = f"{path}L{last:.1f} {POWER_BOTTOM:.1f}L{first:.1f} {POWER_BOTTOM:.1f}Z"
    peak_x = min(max(axis.x(highest.at), LEFT + 24), RIGHT - 40)
    peak = (f"{peak_x:.1f}", f"{y(highest.power_w / 1000) - 7:.1f}", f"{highest.power_w / 1000:.0f} kW")
    return path, area, peak if highest.power_w else None, levels


def _label(moves: Sequence[ChargeMove], formats: Formats) -> str:
    said = [
        f"{CHARGE[move.to_state].word.lower()} {formats.minute(move.at)}" for move in moves if move.to_state in CHARGE
    ]
    return f"States over time: {', '.join(said)}."
