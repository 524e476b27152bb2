"""The passcode of a wallet: four digits, entered twice, and a lock against guessing."""

from datetime import UTC, datetime, timedelta

import pytest

from wattline.domain.passcode import (
    Guard,
    PasscodeLocked,
    PasscodeResetNeeded,
    WrongPasscode,
    after_try,
    checked_digits,
    must_be_open,
    refusal_after,
)
from wattline.domain.refusals import Invalid

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def guard_after(failures: int, *, now: datetime = NOON) -> Guard:
    guard = Guard()
    for _ in range(failures):
        guard = after_try(guard, right=False, now=now)
    return guard


def test_four_digits_entered_twice_are_taken() -> None:
    assert checked_digits("0042", "0042") == "0042"


@pytest.mark.parametrize("digits", ["", "123", "12345", "12a4", " 123", "１２３４", "²²²²"])
def test_anything_but_four_plain_digits_is_refused(digits: str) -> None:
    with pytest.raises(Invalid, match="4 digits"):
        checked_digits(digits, digits)


def test_two_different_entries_are_refused() -> None:
    with pytest.raises(Invalid, match="not the same"):
        checked_digits("1234", "1243")


def test_a_wrong_one_says_how_many_tries_are_left() -> None:
    refusal = refusal_after(guard_after(2))
    assert isinstance(refusal, WrongPasscode)
    assert refusal.tries_left == 3


def test_a_right_one_forgets_the_wrong_ones() -> None:
    assert after_try(guard_after(4), right=True, now=NOON) == Guard()


def test_five_wrong_ones_lock_for_15_minutes() -> None:
    guard = guard_after(5)
    assert isinstance(refusal_after(guard), PasscodeLocked)
    with pytest.raises(PasscodeLocked):
        must_be_open(guard, now=NOON + timedelta(minutes=14, seconds=59))
    must_be_open(guard, now=NOON + timedelta(minutes=15))


def test_the_sixth_wrong_one_does_not_lock_at_once_again() -> None:
    assert isinstance(refusal_after(guard_after(6)), WrongPasscode)


def test_ten_wrong_ones_need_a_reset_however_long_one_waits() -> None:
    guard = guard_after(10)
    assert isinstance(refusal_after(guard), PasscodeResetNeeded)
    with pytest.raises(PasscodeResetNeeded):
        must_be_open(guard, now=NOON + timedelta(days=30))
