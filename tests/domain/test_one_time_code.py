"""Codes of an app: those of RFC 6238, how long they are good, and that each counts once."""

import base64
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from wattline.domain.one_time_code import address_for_app, step_at, step_of, tidy_recovery_code, written

# RFC 6238, appendix B: the secret of its SHA-1 column, and the last six digits of its codes.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert step_of(code, SECRET, after=0, now=now) == step_at(now) == seconds // 30


def test_a_code_counts_once_and_for_a_minute_and_a_half() -> None:
    now = datetime(2026, 11, 20, 12, 0, 10, tzinfo=UTC)
    code = pyotp.HOTP(SECRET).at(step_at(now))
    for seconds, good in ((-41, False), (-30, True), (0, True), (30, True), (51, False)):
        assert (step_of(code, SECRET, after=0, now=now + timedelta(seconds=seconds)) is not None) == good
    assert step_of(code, SECRET, after=step_at(now), now=now) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12 34", "-28708"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert step_of(typed, SECRET, after=0, now=datetime.fromtimestamp(59, UTC)) is None


def test_blanks_and_capitals_do_no_harm() -> None:
    assert step_of(" 287 082 ", SECRET, after=0, now=datetime.fromtimestamp(59, UTC)) == 1
    assert tidy_recovery_code(" ABCDE-12345 ") == "abcde12345"
    assert written("abcde12345") == "abcde-12345"


def test_the_app_is_told_where_the_codes_are_for() -> None:
    address = address_for_app(SECRET, email="a@b.example", server="portal.example")
    assert address.startswith("otpauth://totp/Wattline%20portal.example:a%40b.example?")
