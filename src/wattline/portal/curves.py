"""The power curve of a charge from its first moment to its last, though readings only come in between."""

from collections.abc import Sequence
from datetime import datetime

from wattline.queries.portal_power import PowerPoint


def whole_curve(
    points: Sequence[PowerPoint],
    *,
    started_at: datetime | None,
    stopped_at: datetime | None,
    power_w: int | None,
    now: datetime,
) -> list[PowerPoint]:
    """Let a curve rise from zero when the charge began, and end at zero when it stopped or at what flows now."""
    if started_at is None:
        return list(points)
    end = PowerPoint(stopped_at, 0) if stopped_at else PowerPoint(now, power_w or 0)
    first, last = (points[0].at, points[-1].at) if points else (end.at, started_at)
    curve = [PowerPoint(started_at, 0)] if started_at < first else []
    curve += points
    return [*curve, end] if end.at > last else curve
