"""Codes that an app shows for 30 seconds (RFC 6238), and the ones on paper for the day the telephone is gone."""

import hmac
from datetime import datetime, timedelta

import pyotp

STEP = timedelta(seconds=30)
DIGITS = 6
# RFC 6238 section 5.2: one step either way for clocks that differ and people who type.
STEPS_AROUND = 1
RECOVERY_CODES = 10
# Without letters that look like digits: they are copied by hand.
RECOVERY_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
RECOVERY_LENGTH = 10


def step_at(now: datetime) -> int:
    """Number the 30 seconds that run."""
    return int(now.timestamp() // STEP.total_seconds())


def step_of(code: str, secret: str, *, after: int, now: datetime) -> int | None:
    """Find the step a code belongs to, if it is good now; steps up to `after` are spent and count no more."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    codes, here = pyotp.HOTP(secret), step_at(now)
    steps = [here + difference for difference in range(-STEPS_AROUND, STEPS_AROUND + 1)]
    # Every step is compared, so that the time it takes tells nothing.
    fitting = [step for step in steps if hmac.compare_digest(codes.at(step), typed)]
    return next((step for step in fitting if step > after), None)


def address_for_app(secret: str, *, email: str, server: str) -> str:
    """Write what an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=f"Wattline {server}")


def tidy_recovery_code(typed: str) -> str:
    """Read a recovery code as people type it: with or without blanks, dashes and capitals."""
    return "".join(letter for letter in typed.lower() if letter.isalnum())


def written(recovery_code: str) -> str:
    """Write a recovery code in two groups."""
    return f"{recovery_code[:5]}-{recovery_code[5:]}"
