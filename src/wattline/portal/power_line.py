"""The line under a page head: the power of what the page is about, over the last day, ending now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from markupsafe import Markup

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, hub_of, seen_by
from wattline.queries import portal_power
from wattline.queries.portal_power import PowerPoint, network_power_now
from wattline.web.drawing import Line, line

# Steps as the worker rolls them up (operations/power_rollup.py).
STEP = timedelta(minutes=10)
STEPS = 144
KEEP_SUMS = timedelta(minutes=1)
NETWORK = "Power of all charge points, last 24 hours"


@dataclass(frozen=True, slots=True)
class PowerLine:
    """A drawn line and the power at its end."""

    line: Line
    now_w: int


def line_parts(drawn: PowerLine, label: str, now_said: Markup, *, now: datetime) -> dict[str, Part]:
    """Keep a line current: its figure at once, its drawing every minute and when its end has moved enough to see."""
    shape = f"{int(now.timestamp()) // 60} {drawn.line.end // 5}"
    html = render("part_line.jinja", drawn=drawn, label=label, now=now_said, css="")
    return {"line": Part(html, flash=False, key=shape), "line-now": Part(now_said)}


class BoxLine:
    """The line of one box on a page that stays open: the readings of its day are asked for once a minute."""

    def __init__(self, charge_point_id: int) -> None:
        self._charge_point_id = charge_point_id
        self._asked_at: datetime | None = None
        self._points: list[PowerPoint] = []

    async def drawn(self, connection: Connection, now_w: int, *, now: datetime) -> PowerLine:
        """Draw it as it is now."""
        if self._asked_at is None or not timedelta(0) <= now - self._asked_at < KEEP_SUMS:
            start = now - STEP * STEPS
            self._points = await portal_power.box_power(connection, self._charge_point_id, start=start, until=now)
            self._asked_at = now
        return power_line(self._points, now_w, now=now)


class KeptSums:
    """The sums of a day of steps, per group of viewers who see the same; a minute old at most.

    With 10,000 charge points a day has half a million steps: adding them up takes longer than all the rest of a page.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[object, object], tuple[datetime, list[PowerPoint]]] = {}

    async def network_power(self, connection: Connection, viewer: Viewer, *, now: datetime) -> list[PowerPoint]:
        """Sum the steps of the last day, or take the sums made a moment ago."""
        key = (viewer.operator_ids, viewer.team_ids)
        made_at, points = self._kept.get(key, (None, []))
        if made_at is None or not timedelta(0) <= now - made_at < KEEP_SUMS:
            points = await portal_power.network_power(connection, viewer, start=now - STEP * STEPS, until=now)
            self._kept = {k: kept for k, kept in self._kept.items() if now - kept[0] < KEEP_SUMS}
            self._kept[key] = (now, points)
        return points


async def network_line(asked: Asked, connection: Connection, *, now: datetime) -> PowerLine:
    """Draw the power of everything the viewer sees."""
    viewer = asked.session.viewer
    kept: KeptSums = asked.request.app.state.setdefault("power_sums", KeptSums())
    points = await kept.network_power(connection, viewer, now=now)
    now_w = await hub_of(asked).share(("power", *seen_by(viewer)), partial(network_power_now, viewer=viewer))
    return power_line(points, now_w, now=now)


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
