"""When a charge point is public in the week, and private else: as its owner wrote it, in the time of its site."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wattline.domain.refusals import Invalid
from wattline.domain.tariff import DAYS_A_WEEK

MINUTES_A_DAY = 24 * 60
# Whoever needs more than this means a calendar, not a week.
SPANS_MAX = 21


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` to `end` on a weekday (Monday is 0), in minutes of the day; not after `start` ends the next day."""

    weekday: int
    start: int
    end: int

    @property
    def minutes(self) -> int:
        """How long it lasts: from a time to the same time is a whole day."""
        return (self.end - self.start) % MINUTES_A_DAY or MINUTES_A_DAY


def checked_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order. Raises Invalid for what is no time of a week."""
    found = tuple(sorted(set(spans)))
    if len(found) > SPANS_MAX:
        raise Invalid("hours", f"are more than {SPANS_MAX} spans of a week.")
    for span in found:
        in_day = 0 <= span.start < MINUTES_A_DAY and 0 <= span.end <= MINUTES_A_DAY
        if not in_day or not 0 <= span.weekday < DAYS_A_WEEK:
            raise Invalid("hours", "must be times of the day, such as 08:00 to 18:00.")
    return found


def is_public(spans: Iterable[Span], at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether any of the hours holds at a moment."""
    return any(begins <= at < ends for begins, ends in _times(spans, at, zone))


def next_turn(spans: Sequence[Span], at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when public and private change next after a moment; None when they never do."""
    now_public = is_public(spans, at, zone)
    edges = sorted({edge for pair in _times(spans, at, zone) for edge in pair if edge > at})
    return next((edge for edge in edges if is_public(spans, edge, zone) is not now_public), None)


def _times(spans: Iterable[Span], at: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Write out the hours of the days around a moment: clocks that change are heeded on each day of its own."""
    today = at.astimezone(zone).date()
    days = [today + timedelta(days=days) for days in range(-1, DAYS_A_WEEK + 2)]
    return [
        (_moment(day, span.start, zone), _moment(day, span.start + span.minutes, zone))
        for span in spans
        for day in days
        if day.weekday() == span.weekday
    ]


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    on, of_day = divmod(minute, MINUTES_A_DAY)
    local = datetime.combine(day + timedelta(days=on), time(of_day // 60, of_day % 60), zone)
    return local.astimezone(UTC)
