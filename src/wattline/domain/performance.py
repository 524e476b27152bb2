"""States of connectors over a period, for statistics: in all, by the day and by the month (UTC)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from wattline.domain.uptime import NOTHING, Stretch, time_in_states


@dataclass(frozen=True, slots=True)
class Share:
    """How long a state lasted, and its percentage of what was measured."""

    state: str
    length: timedelta
    percent: float


def shares(lengths: Mapping[str, timedelta]) -> list[Share]:
    """Tell the share of each state, the longest first."""
    total = sum(lengths.values(), NOTHING)
    ordered = sorted(lengths.items(), key=lambda item: (-item[1], item[0]))
    return [Share(state, length, 100 * (length / total)) for state, length in ordered if length > NOTHING]


def by_day(timeline: Iterable[Stretch]) -> dict[datetime, dict[str, timedelta]]:
    """Cut a timeline at every midnight (UTC), and add up each day's states."""
    pieces: dict[datetime, list[Stretch]] = {}
    for stretch in timeline:
        start = stretch.start
        while start < stretch.end:
            day = datetime.combine(start.astimezone(UTC).date(), time(), UTC)
            end = min(stretch.end, day + timedelta(days=1))
            pieces.setdefault(day, []).append(Stretch(start, end, stretch.state))
            start = end
    return {day: time_in_states(pieces[day]) for day in sorted(pieces)}


def by_month(days: Mapping[datetime, Mapping[str, timedelta]]) -> dict[datetime, dict[str, timedelta]]:
    """Add days up to months."""
    months: dict[datetime, dict[str, timedelta]] = {}
    for day, lengths in days.items():
        month = months.setdefault(day.replace(day=1), {})
        for state, length in lengths.items():
            month[state] = month.get(state, NOTHING) + length
    return months
