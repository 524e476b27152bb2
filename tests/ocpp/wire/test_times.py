"""Times: read in every way the field writes them, written in one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.wire.ocpp.deviations import Code
from wattline.wire.ocpp.times import format_time, parse_time, whole_second, write_exactly

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at", "oddity"),
    [
        ("2026-11-20T12:00:00Z", NOON, None),
        ("2026-11-20T12:00:00.250Z", NOON + timedelta(milliseconds=250), None),
        ("2026-11-20T14:00:00+02:00", NOON, None),
        ("2026-11-20T07:00:00-05:00", NOON, None),
        ("2026-11-20T14:00:00+02", NOON, Code.TIME_FORMAT),
        ("2026-11-20T14:00:00+0200", NOON, Code.TIME_FORMAT),
        ("2026-11-20T06:30:00-5:30", NOON, Code.TIME_FORMAT),
        ("2026-11-20T12:00:00.1234567Z", NOON + timedelta(microseconds=123_456), Code.TIME_FORMAT),
        ("2026-11-20T12:00:00,5Z", NOON + timedelta(milliseconds=500), Code.TIME_FORMAT),
        ("2026-11-20 12:00:00Z", NOON, Code.TIME_FORMAT),
        ("2026-11-20t12:00:00z", NOON, Code.TIME_FORMAT),
        ("2026-11-20 12:00:00 UTC", NOON, Code.TIME_FORMAT),
        ("20261120T120000Z", NOON, Code.TIME_FORMAT),
        ("2026-11-20T12:00Z", NOON, Code.TIME_FORMAT),
        (" 2026-11-20T12:00:00Z ", NOON, None),
        ("2026-11-20T12:00:00", NOON, Code.TIME_WITHOUT_ZONE),
        ("2026-11-20T12:00:00.5", NOON + timedelta(milliseconds=500), Code.TIME_WITHOUT_ZONE),
        ("1795176000", NOON, Code.TIME_FORMAT),
        ("1795176000250", NOON + timedelta(milliseconds=250), Code.TIME_FORMAT),
        ("2026-11-19T24:00:00Z", NOON - timedelta(hours=12), None),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC), None),
    ],
)
def test_f7_times_are_read_as_they_are_written(text: str, at: datetime, oddity: Code | None) -> None:
    read = parse_time(text)
    assert read is not None
    assert (read.at, read.oddity) == (at, oddity)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "now", "123", "2026-11-20", "٢٠٢٦-11-20T12:00:00Z"),
        *("2026-13-01T00:00:00Z", "2026-11-20T12:61:00Z", "2026-11-20T12:00:61Z", "2026-11-20T12:00:00+99:00"),
        *("2026-11-20T12:00:00" + " " * 99 + "Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_f7_what_is_no_time_is_not_guessed(text: str) -> None:
    assert parse_time(text) is None


def test_f8_we_write_z_and_whole_seconds() -> None:
    local = datetime(2026, 11, 20, 13, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert format_time(local) == "2026-11-20T12:00:00Z"
    assert whole_second(local) == NOON
    assert write_exactly(local) == "2026-11-20T12:00:00.999999Z"


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_we_write_exactly_is_read_exactly(at: datetime) -> None:
    read = parse_time(write_exactly(at))
    assert read is not None
    assert (read.at, read.oddity) == (at, None)


@given(st.text())
def test_any_text_is_a_time_or_none(text: str) -> None:
    read = parse_time(text)
    assert read is None or read.at.tzinfo is UTC
