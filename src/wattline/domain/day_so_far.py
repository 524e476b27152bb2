"""Today against the same weekday of last week, up to the same time of the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of somebody's calendar; with a change of clocks it has 23 or 25 hours."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> list[datetime]:
        """The beginnings of its hours."""
        return [self.start + HOUR * number for number in range(round((self.end - self.start) / HOUR))]


def day_of(day: date, zone: tzinfo) -> Day:
    """Return a day, in UTC so that lengths add up."""
    from_midnight = datetime.combine(day, time(), zone)
    to_midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    return Day(from_midnight.astimezone(UTC), to_midnight.astimezone(UTC))


def running_totals(values: Mapping[datetime, int], hours: Sequence[datetime]) -> list[int]:
    """Add hourly values up from midnight; an hour without one adds nothing."""
    totals, total = [], 0
    for hour in hours:
        total += values.get(hour, 0)
        totals.append(total)
    return totals


def total_until(values: Mapping[datetime, int], hours: Sequence[datetime], until: datetime) -> int:
    """Add up what came before a moment; of the hour it lies in, as much as has passed."""
    total = 0.0
    for hour in hours:
        passed = min(max((until - hour) / HOUR, 0.0), 1.0)
        total += values.get(hour, 0) * passed
    return round(total)


def change_percent(now: float, before: float) -> float | None:
    """Tell how much more, in percent; None when there was nothing before."""
    return None if before <= 0 else 100 * (now - before) / before
