"""The chart of a tariff's coming week: whole days on the tariff's own clocks, also where these change."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.portal.tariff_plot import TOP, first_day, last_day, tariff_plot
from wattline.web.formats import Formats

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
HOUR = timedelta(hours=1)


def hours_of(now: datetime, *prices: str) -> list[tuple[datetime, Decimal]]:
    begin, end = first_day(now, COPENHAGEN), last_day(now, COPENHAGEN)
    return [(begin + number * HOUR, Decimal(prices[number % len(prices)])) for number in range((end - begin) // HOUR)]


@pytest.mark.parametrize(
    ("now", "count", "said"),
    [
        (datetime(2026, 11, 20, 13, tzinfo=UTC), 168, set()),
        (datetime(2026, 10, 23, 13, tzinfo=UTC), 169, {"25 hours: clocks go back"}),
        (datetime(2026, 3, 27, 13, tzinfo=UTC), 167, {"23 hours: clocks go forward"}),
    ],
)
def test_days_on_which_clocks_change_are_as_long_as_they_are(now: datetime, count: int, said: set[str]) -> None:
    hours = hours_of(now, "0.20", "0.55")
    assert len(hours) == count
    plot = tariff_plot(hours, COPENHAGEN, "eur", Formats.of("en-DK", "UTC", now=now))
    assert plot is not None
    assert {day.clocks for day in plot.days} - {""} == said
    assert len(plot.paths) == 1
    assert "from 0,20 to 0,55 EUR" in plot.label


def test_hours_nobody_knows_are_left_out() -> None:
    now = datetime(2026, 11, 20, 13, tzinfo=UTC)
    hours = hours_of(now, "0.20")
    formats = Formats.of("en-DK", "UTC", now=now)
    plot = tariff_plot(hours[:10] + hours[20:], COPENHAGEN, "eur", formats)
    assert plot is not None
    assert len(plot.paths) == 2
    assert tariff_plot([], COPENHAGEN, "eur", formats) is None


@given(st.lists(st.decimals(0, 10_000_000, places=6), min_size=1, max_size=24))
def test_no_price_stands_above_the_chart(prices: list[Decimal]) -> None:
    now = datetime(2026, 11, 20, 13, tzinfo=UTC)
    formats = Formats.of("en-DK", "UTC", now=now)
    plot = tariff_plot(hours_of(now, *map(str, prices)), COPENHAGEN, "eur", formats)
    assert plot is not None
    heights = [float(step.partition("H")[0]) for path in plot.paths for step in path.split("V")[1:]]
    assert min(heights) >= TOP - 0.1
    assert len(plot.levels) <= 6
