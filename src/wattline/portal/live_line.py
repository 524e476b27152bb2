"""Lines under page heads that stay current: what they are drawn from, and how often it is asked for anew."""

from datetime import datetime, timedelta
from functools import partial

from markupsafe import Markup

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, hub_of, seen_by
from wattline.portal.power_line import STEP, STEPS, PowerLine, power_line
from wattline.queries import portal_power
from wattline.queries.portal_power import PowerPoint, network_power_now

KEEP_SUMS = timedelta(minutes=1)
NETWORK = "Power of all charge points, last 24 hours"


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
