"""A painted week is kept as periods, comes back as it was painted, and never has a hole."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.refusals import Invalid
from wattline.domain.tariff import Week, week_of
from wattline.domain.tariff_week import must_be_whole, periods_of

EVERY = [(day, hour) for day in range(7) for hour in range(24)]
FEW_PRICES = st.sampled_from([Decimal("0.1"), Decimal("0.25"), Decimal(0)])


def flat(price: str = "0.3") -> dict[tuple[int, int], Decimal]:
    return dict.fromkeys(EVERY, Decimal(price))


def test_one_price_is_one_period() -> None:
    (period,) = periods_of(flat())
    assert (period.first, period.last, period.start_hour, period.end_hour) == ("MONDAY", "SUNDAY", 0, 24)


def test_day_night_and_weekend_are_as_few_periods_as_one_would_write() -> None:
    week = {(day, hour): Decimal(2 if 6 <= hour < 22 and day < 5 else 1) for day, hour in EVERY}
    said = [(each.first, each.last, each.start_hour, each.end_hour) for each in periods_of(week)]
    assert said == [
        ("MONDAY", "FRIDAY", 0, 6), ("MONDAY", "FRIDAY", 6, 22), ("MONDAY", "FRIDAY", 22, 24),
        ("SATURDAY", "SUNDAY", 0, 24),
    ]  # fmt: skip


@given(st.dictionaries(st.sampled_from(EVERY), FEW_PRICES, max_size=7 * 24))
def test_what_was_painted_comes_back(week: Week) -> None:
    assert week_of(periods_of(week)) == week


@given(st.sets(st.sampled_from(EVERY), min_size=1))
def test_a_week_with_a_hole_is_never_taken(missing: set[tuple[int, int]]) -> None:
    week = {at: price for at, price in flat().items() if at not in missing}
    with pytest.raises(Invalid, match="An hour without a price is not free"):
        must_be_whole(week)


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ([(5, 6), (5, 7)], "has no price on Saturday from 06:00 to 08:00. An"),
        ([(day, 23) for day in range(5)], "on Monday to Friday from 23:00 to 24:00. An"),
        ([(0, 0), (2, 5)], "on Monday from 00:00 to 01:00, on Wednesday from 05:00 to 06:00. An"),
        ([(0, hour) for hour in (1, 3, 5, 7, 9)], "from 05:00 to 06:00 and 2 more times. An"),
    ],
)
def test_the_sentence_says_which_weekdays_and_hours(missing: list[tuple[int, int]], words: str) -> None:
    week = flat()
    for at in missing:
        del week[at]
    with pytest.raises(Invalid) as caught:
        must_be_whole(week)
    assert words in caught.value.problem


def test_prices_below_zero_are_no_week() -> None:
    with pytest.raises(Invalid, match="price"):
        periods_of(flat("-0.1"))


def test_a_whole_week_is_whole() -> None:
    must_be_whole(flat("0"))
