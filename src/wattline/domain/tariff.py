"""Hourly tariffs: a price for every hour of the week, in local time, for every day of the year.

A tariff has groups of dates, and each group has periods that come back every week. A moment without a price is a hole:
it is refused, because nobody meant it to be free.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from wattline.domain.price_terms import TariffStep
from wattline.domain.refusals import Invalid, Refusal
from wattline.domain.rounding import as_stored

HOURS_A_DAY = 24
DAYS_A_WEEK = 7
# Three years of hours: more than anybody plans, and little enough to write at once.
DAYS_MAX = 1100

_HOUR = timedelta(hours=1)
# A kWh for more than this in any currency is a typing mistake.
PRICE_MAX = Decimal(10_000_000)


class Weekday(StrEnum):
    """Days as the Partner API spells them, in order."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"

    @property
    def number(self) -> int:
        """0 for Monday, as datetime counts."""
        return list(Weekday).index(self)


class TariffHasHole(Refusal):
    """Some hour has no price."""

    code = "TARIFF_HAS_HOLE"

    def __init__(self, day: date, hour: int) -> None:
        super().__init__(
            f"The tariff has no price for {day:%A} {day.isoformat()} at {hour:02}:00 local time. "
            "Give every hour of every day a price; an hour without one is not free."
        )
        self.day, self.hour = day, hour


def must_be_price(price: Decimal) -> None:
    """Refuse what cannot be the price of a kWh. Raises Invalid."""
    if not price.is_finite() or not 0 <= price <= PRICE_MAX:
        raise Invalid("price", f"must be from 0 to {PRICE_MAX}.")
    if price != as_stored(price):
        raise Invalid("price", "must not have more than 6 digits behind the point.")


class RecurringPeriod(NamedTuple):
    """A price from `start_hour` until `end_hour` (24 is midnight) on each weekday from `first` to `last`."""

    first: Weekday
    last: Weekday
    start_hour: int
    end_hour: int
    price: Decimal

    def must_be_possible(self) -> None:
        """Refuse hours that no day has."""
        if not 0 <= self.start_hour < HOURS_A_DAY:
            raise Invalid("startHour", "must be from 0 to 23.")
        if not self.start_hour < self.end_hour <= HOURS_A_DAY:
            raise Invalid("endHour", "must be later than startHour, and at most 24, which is midnight.")
        must_be_price(self.price)

    @property
    def weekdays(self) -> list[int]:
        """The days it is for; from Friday to Monday goes over the weekend."""
        length = (self.last.number - self.first.number) % DAYS_A_WEEK + 1
        return [(self.first.number + step) % DAYS_A_WEEK for step in range(length)]


@dataclass(frozen=True, slots=True)
class PeriodGroup:
    """Periods that count from one date to another, both included."""

    active_from: date
    active_to: date
    periods: tuple[RecurringPeriod, ...] = ()

    def covers(self, day: date) -> bool:
        """Tell whether it counts on a day."""
        return self.active_from <= day <= self.active_to


Week = Mapping[tuple[int, int], Decimal]


def week_of(periods: Iterable[RecurringPeriod]) -> Week:
    """Return the price of each weekday and hour. Raises Invalid where two periods want the same hour."""
    week: dict[tuple[int, int], Decimal] = {}
    for period in periods:
        period.must_be_possible()
        for weekday in period.weekdays:
            for hour in range(period.start_hour, period.end_hour):
                if (weekday, hour) in week:
                    name = list(Weekday)[weekday].capitalize()
                    raise Invalid("startHour", f"overlaps another period of the tariff on {name} at {hour:02}:00.")
                week[weekday, hour] = period.price
    return week


def must_be_in_order(active_from: date, active_to: date) -> None:
    """Refuse dates that end before they begin. Raises Invalid."""
    if active_to < active_from:
        raise Invalid("activeTo", "must not be before activeFrom.")


def must_not_overlap(groups: Sequence[PeriodGroup]) -> None:
    """Refuse groups that end before they begin, or that share a date."""
    for group in groups:
        must_be_in_order(group.active_from, group.active_to)
    ordered = sorted(groups, key=lambda group: group.active_from)
    for before, after in pairwise(ordered):
        if after.active_from <= before.active_to:
            raise Invalid(
                "activeFrom", f"another period group of the tariff counts on {after.active_from.isoformat()}."
            )


def hourly_prices(groups: Sequence[PeriodGroup], first: date, last: date, *, time_zone: str) -> list[TariffStep]:
    """Return the price of every hour from the first day to the last, both included, in local time.

    The day on which clocks go forward has 23 hours; on the one they go back, the repeated hour has its price twice.
    Raises TariffHasHole, Invalid.
    """
    if not timedelta() <= last - first < timedelta(days=DAYS_MAX):
        raise Invalid("end", f"must not be before start, and at most {DAYS_MAX} days after it.")
    return [step for day in _days(groups, first, last, time_zone) for step in day]


def prices_until_hole(groups: Sequence[PeriodGroup], first: date, last: date, *, time_zone: str) -> list[TariffStep]:
    """Return prices as `hourly_prices` does, but only of the days in front of the first one with a hole."""
    steps: list[TariffStep] = []
    with suppress(TariffHasHole):
        for day in _days(groups, first, last, time_zone):
            steps += day
    return steps


def _days(groups: Sequence[PeriodGroup], first: date, last: date, time_zone: str) -> Iterator[list[TariffStep]]:
    zone = ZoneInfo(time_zone)
    weeks = [(group, week_of(group.periods)) for group in groups]
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        yield list(_day(day, _week_on(day, weeks), zone))


def _week_on(day: date, weeks: Sequence[tuple[PeriodGroup, Week]]) -> Week:
    return next((week for group, week in weeks if group.covers(day)), {})


def _day(day: date, week: Week, zone: ZoneInfo) -> Iterator[TariffStep]:
    at, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    while at < end:
        hour = at.astimezone(zone).hour
        price = week.get((day.weekday(), hour))
        if price is None:
            raise TariffHasHole(day, hour)
        yield TariffStep(at, price)
        at += _HOUR


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
