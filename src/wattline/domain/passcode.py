"""The four digits that guard a person's wallet. Ten thousand codes are few: only the lock protects them.

Five wrong ones in a row lock it for 15 minutes, ten until it is set anew (domains section 1.3).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wattline.domain.refusals import Invalid, Refusal

DIGITS = 4
FAILURES_TO_LOCK = 5
FAILURES_TO_RESET = 10
LOCKED_FOR = timedelta(minutes=15)


class PasscodeLocked(Refusal):
    """Too many wrong ones: not even the right one counts now."""

    code = "PASSCODE_LOCKED"

    def __init__(self, until: datetime) -> None:
        super().__init__("Too many wrong passcodes. Wait 15 minutes, then try again.")
        self.until = until


class PasscodeResetNeeded(Refusal):
    """Ten wrong ones: somebody is guessing."""

    code = "PASSCODE_RESET_NEEDED"

    def __init__(self) -> None:
        super().__init__("Too many wrong passcodes. Set a new passcode with the link we send by e-mail.")


class WrongPasscode(Refusal):
    """Not these digits; `tries_left` before the next lock."""

    code = "WRONG_PASSCODE"

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"That is not the passcode. Tries left before the wallet is locked: {tries_left}.")
        self.tries_left = tries_left


class NoPasscode(Refusal):
    """The wallet was never given one, so it cannot be used."""

    code = "PASSCODE_NOT_SET"

    def __init__(self) -> None:
        super().__init__("Set a passcode for the wallet first: four digits, entered twice.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """How many wrong ones there were since the last right one, and what follows from it."""

    failures: int = 0
    locked_until: datetime | None = None
    reset_needed: bool = False


def checked_digits(first: str, second: str) -> str:
    """Take a new passcode, entered twice. Raises Invalid."""
    if len(first) != DIGITS or not (first.isascii() and first.isdigit()):
        raise Invalid("passcode", "must be exactly 4 digits")
    if first != second:
        raise Invalid("passcodeAgain", "is not the same as the first one")
    return first


def must_be_open(guard: Guard, *, now: datetime) -> None:
    """Refuse before the digits are even looked at: a locked wallet tells nobody whether they are right."""
    if guard.reset_needed:
        raise PasscodeResetNeeded
    if guard.locked_until is not None and now < guard.locked_until:
        raise PasscodeLocked(guard.locked_until)


def after_try(guard: Guard, *, right: bool, now: datetime) -> Guard:
    """Count a try that was looked at."""
    if right:
        return Guard()
    failures = guard.failures + 1
    locks = failures % FAILURES_TO_LOCK == 0
    return replace(
        guard,
        failures=failures,
        locked_until=now + LOCKED_FOR if locks else None,
        reset_needed=failures >= FAILURES_TO_RESET,
    )


def refusal_after(guard: Guard) -> Refusal:
    """Say what a wrong try led to."""
    if guard.reset_needed:
        return PasscodeResetNeeded()
    if guard.locked_until is not None:
        return PasscodeLocked(guard.locked_until)
    return WrongPasscode(FAILURES_TO_LOCK - guard.failures % FAILURES_TO_LOCK)
