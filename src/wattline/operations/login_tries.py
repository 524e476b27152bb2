"""Tries to log in are counted, by e-mail and by address, so that nobody can guess passwords at leisure."""

import hashlib
from datetime import datetime, timedelta

from wattline.database.connection import Database, Transaction
from wattline.domain.refusals import Refusal
from wattline.operations.users import email_key

# Somebody who mistypes needs a handful of tries; an office behind one address needs more.
WINDOW = timedelta(minutes=10)
TRIES_PER_EMAIL, TRIES_PER_ADDRESS = 8, 40


class TooManyTries(Refusal):
    """Somebody guesses, or has forgotten. `wait` is how long until the next try counts."""

    code = "TOO_MANY_TRIES"

    def __init__(self, wait: timedelta) -> None:
        minutes = int(wait.total_seconds() // 60) + 1
        super().__init__(f"Too many tries. Wait {minutes} min, then try again.")
        self.wait = wait


async def count_try(database: Database, *, email: str, address: str, now: datetime) -> None:
    """Count one try, before the password is looked at; raise TooManyTries when e-mail or address had enough."""
    marks = [(_by_email(email), TRIES_PER_EMAIL), (f"login:address:{address}", TRIES_PER_ADDRESS)]
    async with database.begin() as tx:
        waits = [await _count(tx, subject, limit, now=now) for subject, limit in sorted(marks)]
    if wait := max((wait for wait in waits if wait is not None), default=None):
        raise TooManyTries(wait)


async def forget_tries(database: Database, *, email: str) -> None:
    """Let somebody who got in begin to count anew."""
    async with database.begin() as tx:
        await tx.execute("delete from rate_window where subject = $1", _by_email(email))


def _by_email(email: str) -> str:
    return "login:email:" + hashlib.sha256(email_key(email).encode()).hexdigest()


async def _count(tx: Transaction, subject: str, limit: int, *, now: datetime) -> timedelta | None:
    row = await tx.fetchrow(
        """
        insert into rate_window as w (subject, started_at, used) values ($1, $2, 1)
        on conflict (subject) do update set
          used = case when w.started_at <= $3 then 1 else w.used + 1 end,
          started_at = case when w.started_at <= $3 then $2 else w.started_at end
        returning used, started_at
        """,
        subject, now, now - WINDOW,
    )  # fmt: skip
    assert row is not None
    wait: timedelta = row["started_at"] + WINDOW - now
    return wait if row["used"] > limit else None
