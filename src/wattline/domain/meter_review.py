"""The energy of a whole charge, once all its readings are there, and what was odd about them.

While the charge ran, each value was judged by those before it (domain/meter.py). Now those after it count as evidence
too: a spike is one that falls back, a start of 0 a placeholder when what followed was small beside it, and kilowatt-
hours labelled Wh show in the power measured meanwhile. The order of arrival and repeats make no difference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from wattline.domain.meter import ROUNDING_WH, Meter, advance, begun, possible_wh

# No car takes more in one go. A closing register that leaps further than this is another register.
BATTERY_WH = 150_000

# A placeholder is followed by an odometer far beyond anything the charge can have taken.
PLACEHOLDER_TIMES = 10

# Power readings say something about the unit of a register only when they add up to this much.
EVIDENCE_WH = 1_000


class Oddity(StrEnum):
    """What an operator should know before trusting the energy of a charge."""

    REGISTER_CHANGED = "register-changed"
    CLOSING_REGISTER_LEFT_OUT = "closing-register-left-out"
    REGISTER_IN_KWH = "register-in-kwh"
    FASTER_THAN_POSSIBLE = "faster-than-possible"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of the energy register, and the power measured with it."""

    at: datetime
    energy_wh: int | None
    power_w: int | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """The meter at the end of the charge, and what was odd."""

    meter: Meter
    oddities: tuple[Oddity, ...]


def review(
    *, started_at: datetime, start_wh: int, readings: Iterable[Reading], stop: Reading, power_limit: int
) -> Review:
    """Compute a charge's energy from its opening register, its readings and its closing register.

    Readings from before the start or after the stop belong elsewhere and are left out.
    """
    ordered = sorted({r for r in readings if started_at <= r.at <= stop.at}, key=_by_time)
    values = _without_spikes([(r.at, r.energy_wh) for r in ordered if r.energy_wh is not None])
    meter = begun(at=started_at, meter_wh=_opening(started_at, start_wh, values, stop, power_limit))
    for at, energy_wh in values:
        meter = advance(meter, at, energy_wh, power_limit)
    closed = _close(meter, start_wh, stop, power_limit)
    scaled = _scaled_by_power(closed, ordered)
    return Review(scaled, tuple(_oddities(started_at, start_wh, stop, closed, scaled, power_limit)))


def _by_time(reading: Reading) -> tuple[datetime, int, int]:
    # Values with one time are taken from low to high, so that the order of arrival cannot matter.
    return reading.at, reading.energy_wh or 0, reading.power_w or 0


def _without_spikes(values: Sequence[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    """Leave out every value that is higher than the next, when the next goes on from the one before."""
    kept: list[tuple[datetime, int]] = []
    for index, (at, value) in enumerate(values):
        before = kept[-1][1] if kept else None
        after = values[index + 1][1] if index + 1 < len(values) else None
        if before is None or after is None or not before <= after < value - ROUNDING_WH:
            kept.append((at, value))
    return kept


def _opening(
    started_at: datetime, start_wh: int, values: Sequence[tuple[datetime, int]], stop: Reading, power_limit: int
) -> int:
    """Return the opening register, or the first reading when an opening of 0 was only a placeholder (T7)."""
    if start_wh != 0 or not values:
        return start_wh
    first_at, first = values[0]
    gained = max(values[-1][1], stop.energy_wh or 0) - first
    placeholder = first > possible_wh(power_limit, started_at, first_at) and first > PLACEHOLDER_TIMES * gained >= 0
    return first if placeholder else start_wh


def _close(meter: Meter, start_wh: int, stop: Reading, power_limit: int) -> Meter:
    """Take the closing register. Nothing comes after it that could confirm it, so it must fit something known."""
    if stop.energy_wh is None:
        return meter
    if _rounded_past(meter, start_wh, stop.energy_wh):
        return Meter(start_wh, stop.energy_wh, stop.at, stop.energy_wh - start_wh)
    closed = advance(meter, stop.at, stop.energy_wh, power_limit)
    if closed.doubt_wh is None:
        return closed
    since_start = stop.energy_wh - start_wh
    most = meter.energy_wh + possible_wh(power_limit, meter.last_at, stop.at)
    if meter.energy_wh - ROUNDING_WH <= since_start <= most:
        # The readings were on another register; the opening and the closing one are on the same.
        return Meter(start_wh, stop.energy_wh, stop.at, max(meter.energy_wh, since_start))
    gain = stop.energy_wh - meter.last_wh
    if gain >= 0 and meter.energy_wh + gain <= BATTERY_WH:
        return Meter(meter.start_wh, stop.energy_wh, stop.at, meter.energy_wh + gain)
    return closed


def _rounded_past(meter: Meter, start_wh: int, stop_wh: int) -> bool:
    """Tell whether readings in whole kWh ran ahead of a closing register that knows the Wh (T8)."""
    same_register = meter.start_wh == start_wh <= stop_wh
    rounded = meter.last_wh % ROUNDING_WH == 0 and stop_wh % ROUNDING_WH != 0
    return same_register and rounded and 0 < meter.last_wh - stop_wh < ROUNDING_WH


def _scaled_by_power(meter: Meter, readings: Sequence[Reading]) -> Meter:
    """Read the register as kWh when the power says that about a thousand times more flowed (T8)."""
    measured_wh = sum(
        (after.at - before.at).total_seconds() * (before.power_w + after.power_w) / 7_200
        for before, after in pairwise(r for r in readings if r.power_w is not None)
        if before.power_w is not None and after.power_w is not None
    )
    if measured_wh < EVIDENCE_WH or not 500 <= measured_wh / max(1, meter.energy_wh) <= 2_000:
        return meter
    return meter._replace(
        start_wh=meter.start_wh * 1_000, last_wh=meter.last_wh * 1_000, energy_wh=meter.energy_wh * 1_000
    )


def _oddities(
    started_at: datetime, start_wh: int, stop: Reading, closed: Meter, scaled: Meter, power_limit: int
) -> Iterable[Oddity]:
    if scaled is not closed:
        yield Oddity.REGISTER_IN_KWH
    if closed.start_wh != start_wh:
        yield Oddity.REGISTER_CHANGED
    if closed.doubt_wh is not None:
        yield Oddity.CLOSING_REGISTER_LEFT_OUT
    if scaled.energy_wh > possible_wh(power_limit, started_at, stop.at):
        yield Oddity.FASTER_THAN_POSSIBLE
