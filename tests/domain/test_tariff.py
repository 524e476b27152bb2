"""Tariffs: every hour of every day has one price, also on the days on which clocks change."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.refusals import Invalid
from wattline.domain.tariff import (
    PeriodGroup,
    RecurringPeriod,
    TariffHasHole,
    Weekday,
    hourly_prices,
    must_not_overlap,
    week_of,
)

DENMARK = "Europe/Copenhagen"


def period(first: str, last: str, start: int, end: int, amount: str) -> RecurringPeriod:
    return RecurringPeriod(Weekday(first), Weekday(last), start, end, Decimal(amount))


NIGHT = period("MONDAY", "SUNDAY", 0, 6, "1.00")
DAY = period("MONDAY", "FRIDAY", 6, 24, "3.00")
WEEKEND = period("SATURDAY", "SUNDAY", 6, 24, "2.00")
WHOLE_YEAR = PeriodGroup(date(2026, 1, 1), date(2026, 12, 31), (NIGHT, DAY, WEEKEND))


def test_hours_have_the_price_of_their_local_time() -> None:
    steps = hourly_prices([WHOLE_YEAR], date(2026, 11, 20), date(2026, 11, 20), time_zone=DENMARK)
    assert steps[0].from_at == datetime(2026, 11, 19, 23, tzinfo=UTC)
    assert [step.price for step in steps] == [Decimal("1.00")] * 6 + [Decimal("3.00")] * 18


def test_the_day_clocks_go_forward_has_23_hours() -> None:
    steps = hourly_prices([WHOLE_YEAR], date(2026, 3, 29), date(2026, 3, 29), time_zone=DENMARK)
    assert [step.price for step in steps] == [Decimal("1.00")] * 5 + [Decimal("2.00")] * 18
    # Summer time: six in the morning is four o'clock UTC.
    assert steps[5].from_at == datetime(2026, 3, 29, 4, tzinfo=UTC)


def test_the_day_clocks_go_back_has_25_hours() -> None:
    steps = hourly_prices([WHOLE_YEAR], date(2026, 10, 25), date(2026, 10, 25), time_zone=DENMARK)
    assert [step.price for step in steps] == [Decimal("1.00")] * 7 + [Decimal("2.00")] * 18


@pytest.mark.parametrize("time_zone", [DENMARK, "Europe/Lisbon", "Asia/Kolkata", "America/St_Johns", "UTC"])
def test_days_follow_each_other_without_gap_or_overlap(time_zone: str) -> None:
    steps = hourly_prices([WHOLE_YEAR], date(2026, 3, 1), date(2026, 11, 30), time_zone=time_zone)
    assert {after.from_at - before.from_at for before, after in pairwise(steps)} == {timedelta(hours=1)}


def test_a_period_from_friday_to_monday_goes_over_the_weekend() -> None:
    week = week_of([period("FRIDAY", "MONDAY", 8, 9, "1")])
    assert sorted(weekday for weekday, _ in week) == [0, 4, 5, 6]


def test_two_periods_cannot_have_the_same_hour() -> None:
    with pytest.raises(Invalid, match="overlaps another period of the tariff on Wednesday at 08:00"):
        week_of([period("MONDAY", "FRIDAY", 8, 12, "1"), period("WEDNESDAY", "WEDNESDAY", 6, 9, "2")])


def test_periods_may_touch() -> None:
    assert len(week_of([period("MONDAY", "MONDAY", 0, 12, "1"), period("MONDAY", "MONDAY", 12, 24, "2")])) == 24


def test_an_hour_without_a_price_is_refused_and_not_free() -> None:
    without_evening = PeriodGroup(date(2026, 1, 1), date(2026, 12, 31), (NIGHT, WEEKEND))
    with pytest.raises(TariffHasHole, match="Friday 2026-11-20 at 06:00 local time"):
        hourly_prices([without_evening], date(2026, 11, 20), date(2026, 11, 20), time_zone=DENMARK)


def test_a_day_that_no_group_covers_is_a_hole_too() -> None:
    with pytest.raises(TariffHasHole, match="2027-01-01 at 00:00"):
        hourly_prices([WHOLE_YEAR], date(2026, 12, 31), date(2027, 1, 1), time_zone=DENMARK)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (24, 25), (5, 5), (6, 5), (0, 25)])
def test_hours_that_no_day_has_are_refused(start: int, end: int) -> None:
    with pytest.raises(Invalid):
        week_of([period("MONDAY", "MONDAY", start, end, "1")])


def test_groups_of_dates_must_not_share_a_day_or_end_before_they_begin() -> None:
    summer = PeriodGroup(date(2026, 4, 1), date(2026, 9, 30))
    must_not_overlap([summer, PeriodGroup(date(2026, 10, 1), date(2026, 12, 31))])
    with pytest.raises(Invalid, match="counts on 2026-09-30"):
        must_not_overlap([summer, PeriodGroup(date(2026, 9, 30), date(2026, 12, 31))])
    with pytest.raises(Invalid, match="before activeFrom"):
        must_not_overlap([PeriodGroup(date(2026, 4, 2), date(2026, 4, 1))])


@pytest.mark.parametrize("last", [date(2026, 1, 1), date(2036, 1, 1)])
def test_prices_are_made_for_a_time_that_makes_sense(last: date) -> None:
    with pytest.raises(Invalid, match="end"):
        hourly_prices([WHOLE_YEAR], date(2026, 11, 20), last, time_zone=DENMARK)


@given(st.lists(st.integers(0, 23), min_size=1, max_size=6, unique=True).map(sorted))
def test_a_day_cut_into_periods_has_every_hour_once(borders: list[int]) -> None:
    hours = [0, *[border for border in borders if border], 24]
    week = week_of(period("MONDAY", "SUNDAY", start, end, str(start)) for start, end in pairwise(hours))
    assert len(week) == 7 * 24
