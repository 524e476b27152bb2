"""Hourly prices from a file: what is wrong is told line by line, and clocks may change."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.price_terms import TariffStep
from wattline.domain.refusals import Invalid
from wattline.domain.tariff_hours import FILE_BYTES_MAX, TariffFileRefused, must_follow_each_other, read_tariff_file

DENMARK = "Europe/Copenhagen"
HOUR = timedelta(hours=1)


def problems(content: str | bytes) -> list[tuple[int, str]]:
    """What is wrong with a file."""
    sent = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(TariffFileRefused) as caught:
        read_tariff_file(sent, time_zone=DENMARK)
    return [(each.line, each.words) for each in caught.value.problems]


def test_a_heading_semicolons_and_decimal_commas_are_read() -> None:
    content = "\ufefftime;price\n2026-11-20T14:00;0,32\n2026-11-20 15:00;0,28\n".encode()
    assert read_tariff_file(content, time_zone=DENMARK) == [
        TariffStep(datetime(2026, 11, 20, 13, tzinfo=UTC), Decimal("0.32")),
        TariffStep(datetime(2026, 11, 20, 14, tzinfo=UTC), Decimal("0.28")),
    ]


def test_the_hour_that_comes_twice_stands_there_twice() -> None:
    content = b"2026-10-25T01:00,1\n2026-10-25T02:00,2\n2026-10-25T02:00,3\n2026-10-25T03:00,4"
    steps = read_tariff_file(content, time_zone=DENMARK)
    assert [step.from_at.hour for step in steps] == [23, 0, 1, 2]


def test_the_hour_that_clocks_leave_out_is_told() -> None:
    assert problems("2026-03-29T01:00,1\n2026-03-29T02:00,1\n2026-03-29T03:00,1") == [
        (2, "2026-03-29T02:00 does not exist: clocks go forward there.")
    ]
    assert len(read_tariff_file(b"2026-03-29T01:00,1\n2026-03-29T03:00,1", time_zone=DENMARK)) == 2


def test_every_line_that_is_wrong_is_told() -> None:
    told = problems(
        "time,price\n2026-11-20T14:00,0.3\nnoon,0.3\n2026-11-20T15:30,0.3\n2026-11-20T16:00,free\n2026-11-20T17:00,-1\n"
        "2026-11-20T14:00,0.4\n2026-11-20T18:00,=A1*2\n2026-11-20T19:00\n2026-11-20T20:00,NaN"
    )
    assert [line for line, _ in told] == [3, 4, 5, 6, 7, 8, 9, 10]
    words = " ".join(words for _, words in told)
    for sentence in ("“noon” is not a time", "does not begin an hour", "“free” is not a price", "must be from 0 to",
                     "has the hour of line 2 again", "holds a formula", "is not an hour and a price"):  # fmt: skip
        assert sentence in words, sentence


@pytest.mark.parametrize("time", ["0001-01-01T00:00+14:00", "9999-12-31T23:00-14:00", "0001-01-01T00:00"])
def test_a_time_at_the_end_of_all_calendars_is_told(time: str) -> None:
    assert problems(f"{time},1") == [(1, f"{time} is not a time that a price can have.")]


def test_a_hole_is_told_with_its_weekday_and_hour() -> None:
    assert problems("2026-11-20T14:00,1\n2026-11-20T16:00,1") == [
        (1, "after it there is no price for Friday 2026-11-20 at 15:00 local time.")
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "It has no prices."),
        (b"time,price\n", "It has no prices."),
        ("tid,prisstørrelse\n2026-11-20T14:00,1".encode("latin-1"), "not a text in UTF-8"),
        ("2026-11-20T14:00,1".encode("utf-16"), "not a text in UTF-8"),
        (b"PK\x03\x04\0\0", "not a text in UTF-8"),
        (b"1" * (FILE_BYTES_MAX + 1), "larger than 2 MB"),
    ],
)
def test_files_that_are_none_are_told_as_a_whole(content: bytes, words: str) -> None:
    ((line, said),) = problems(content)
    assert line == 0
    assert words in said


@given(st.binary(max_size=200))
def test_whatever_is_in_a_file_it_is_read_or_refused(content: bytes) -> None:
    with suppress(TariffFileRefused):
        must_follow_each_other(read_tariff_file(content, time_zone=DENMARK), time_zone=DENMARK)


@given(st.integers(0, 8760), st.integers(1, 100), st.booleans())
def test_hours_of_any_season_are_read_as_they_were_written(first: int, count: int, local: bool) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + first * HOUR
    # Of the hour that comes twice, only both together say which is which.
    local = local and start != datetime(2026, 10, 25, 1, tzinfo=UTC)
    written = [TariffStep(start + number * HOUR, Decimal(number)) for number in range(count)]
    clock = [step.from_at.astimezone(ZoneInfo(DENMARK)).replace(tzinfo=None) for step in written]
    shown = clock if local else [step.from_at for step in written]
    lines = "\n".join(f"{at.isoformat()};{step.price}" for at, step in zip(shown, written, strict=True))
    assert read_tariff_file(lines.encode(), time_zone=DENMARK) == written


def test_hours_of_programs_are_looked_at_alike() -> None:
    at = datetime(2026, 11, 20, 13, tzinfo=UTC)
    for steps, words in (
        ([], "from 1 to"),
        ([TariffStep(at, Decimal(1)), TariffStep(at, Decimal(2))], "comes twice"),
        ([TariffStep(at, Decimal(1)), TariffStep(at + 2 * HOUR, Decimal(2))], "Friday 2026-11-20 at 15:00"),
        ([TariffStep(at + HOUR / 2, Decimal(1))], "does not begin an hour"),
        ([TariffStep(at, Decimal("0.1234567"))], "6 digits"),
    ):
        with pytest.raises(Invalid, match=words):
            must_follow_each_other(steps, time_zone=DENMARK)
