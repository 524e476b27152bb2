"""Energy over time: how much of a charge's energy fell into each hour, quarter or five minutes."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from wattline.domain import meter

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Point(NamedTuple):
    """A value in Wh at a time."""

    at: datetime
    wh: int


def energy_curve(start: Point, register: Sequence[Point], end: Point, *, power_limit: int) -> list[Point]:
    """Turn register values into energy since the start, which only grows and ends with the charge's energy.

    `start` has the register's first value, `end` the energy in all. Registers are read with the same care as for the
    charge itself (domain/meter.py); values from before the start or after the end are left out.
    """
    reading = meter.begun(at=start.at, meter_wh=start.wh)
    curve = [Point(start.at, 0)]
    for at, wh in register:
        if start.at < at < end.at:
            reading = meter.advance(reading, at, wh, power_limit)
            curve.append(Point(at, min(reading.energy_wh, end.wh)))
    curve.append(Point(max(end.at, curve[-1].at), max(end.wh, 0)))
    return curve


def per_period(curve: Sequence[Point], *, period: timedelta) -> list[Point]:
    """Share the energy of a curve out over periods of the clock; `at` is a period's begin, `wh` what fell into it.

    Between two points the energy is taken to flow evenly. Every period from the first to the last is there, those
    without energy too, and together they have all of it, to the Wh.
    """
    ends = [Point(at, round(wh)) for at, wh in _at_borders(curve, period)]
    return [Point(after.at - period, after.wh - before.wh) for before, after in pairwise(ends)]


def _at_borders(curve: Sequence[Point], period: timedelta) -> Iterator[tuple[datetime, float]]:
    border = _begin_of_period(curve[0].at, period)
    yield border, 0
    border += period
    for before, after in pairwise(curve):
        while border <= after.at:
            share = (border - before.at) / (after.at - before.at) if after.at > before.at else 1
            yield border, before.wh + (after.wh - before.wh) * share
            border += period
    if border - period < curve[-1].at:
        yield border, curve[-1].wh


def _begin_of_period(at: datetime, period: timedelta) -> datetime:
    return at - (at - _EPOCH) % period
