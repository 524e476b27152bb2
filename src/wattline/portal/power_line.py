"""The line under a page head: the power of what the page is about, over the last day, ending now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.queries.portal_power import PowerPoint
from wattline.web.drawing import Line, line

# Steps as the worker rolls them up (operations/power_rollup.py).
STEP = timedelta(minutes=10)
STEPS = 144


@dataclass(frozen=True, slots=True)
class PowerLine:
    """A drawn line and the power at its end."""

    line: Line
    now_w: int


def power_line(points: Sequence[PowerPoint], now_w: int, *, now: datetime) -> PowerLine:
    """Draw points of ten minutes each; a step without readings is zero, the last value is what flows now."""
    by_age = {int((now - point.at) / STEP): point.power_w for point in points}
    values: list[float | None] = [by_age.get(age) for age in range(STEPS - 1, 0, -1)]
    return PowerLine(line([*values, now_w]), now_w)


def charge_line(points: Sequence[PowerPoint], *, margin: timedelta, ended: bool) -> PowerLine:
    """Draw one charge from a little before its first reading to a little after its last one."""
    if not points:
        return PowerLine(line([]), 0)
    start, end = points[0].at - margin, points[-1].at + (margin if ended else timedelta(0))
    slots: list[float | None] = [None] * STEPS
    span = max((end - start).total_seconds(), 1.0)
    for point in points:
        slots[min(int((point.at - start).total_seconds() / span * STEPS), STEPS - 1)] = point.power_w
    return PowerLine(line(_bridged(slots)), points[-1].power_w)


def _bridged(slots: list[float | None]) -> list[float | None]:
    """Carry the last known value over the gaps between readings, but not beyond the first and the last."""
    known = [number for number, value in enumerate(slots) if value is not None]
    carried: float | None = None
    for number in range(known[0], known[-1] + 1):
        carried = slots[number] if slots[number] is not None else carried
        slots[number] = carried
    return slots
