"""A week as people paint it, 7 days of 24 prices, and as it is kept: the fewest periods that say the same."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from wattline.domain.refusals import Invalid
from wattline.domain.tariff import DAYS_A_WEEK, HOURS_A_DAY, RecurringPeriod, Week, Weekday

DAYS = tuple(Weekday)
# Whoever forgot more than this sees it at once in the grid.
HOLES_TOLD = 3

Values = Mapping[tuple[int, int], Decimal | None]


class Stretch(NamedTuple):
    """Hours of the day, the end not included, that have the same price on days that follow each other."""

    first: int
    last: int
    start_hour: int
    end_hour: int
    price: Decimal | None


def periods_of(week: Week) -> tuple[RecurringPeriod, ...]:
    """Return the periods that say what a painted week says. Raises Invalid for prices nobody can mean."""
    periods = tuple(
        RecurringPeriod(DAYS[each.first], DAYS[each.last], each.start_hour, each.end_hour, each.price)
        for each in _stretches(week)
        if each.price is not None
    )
    for period in periods:
        period.must_be_possible()
    return periods


def must_be_whole(week: Week) -> None:
    """Refuse a week with hours that have no price. Raises Invalid, which says on which weekdays and at which hours."""
    every = ((day, hour) for day in range(DAYS_A_WEEK) for hour in range(HOURS_A_DAY))
    holes = [when_words(each) for each in _stretches({at: None for at in every if at not in week})]
    if holes:
        more = f" and {len(holes) - HOLES_TOLD} more times" if len(holes) > HOLES_TOLD else ""
        raise Invalid(
            "week",
            f"has no price on {', on '.join(holes[:HOLES_TOLD])}{more}. An hour without a price is not free: write 0 "
            "where it is to be.",
        )


def when_words(stretch: Stretch) -> str:
    """Say when: `Monday to Friday from 06:00 to 24:00`."""
    days = DAYS[stretch.first].capitalize()
    if stretch.last != stretch.first:
        days += f" to {DAYS[stretch.last].capitalize()}"
    return f"{days} from {stretch.start_hour:02}:00 to {stretch.end_hour:02}:00"


def _stretches(values: Values) -> list[Stretch]:
    """Put hours together that follow each other and have one price, then days that have the same such hours."""
    found: list[Stretch] = []
    for day in range(DAYS_A_WEEK):
        for start, end, price in _runs(day, values):
            yesterday = Stretch(0, day - 1, start, end, price)
            for number, each in enumerate(found):
                if each[1:] == yesterday[1:]:
                    found[number] = each._replace(last=day)
                    break
            else:
                found.append(Stretch(day, day, start, end, price))
    return found


def _runs(day: int, values: Values) -> Iterable[tuple[int, int, Decimal | None]]:
    start = 0
    for hour in range(1, HOURS_A_DAY + 1):
        ends = hour == HOURS_A_DAY or not _same(values, (day, hour), (day, start))
        if ends:
            if (day, start) in values:
                yield start, hour, values[day, start]
            start = hour


def _same(values: Values, one: tuple[int, int], other: tuple[int, int]) -> bool:
    return (one in values) == (other in values) and values.get(one) == values.get(other)
