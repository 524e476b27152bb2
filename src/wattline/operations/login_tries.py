"""Tries are counted, by what is guessed at and by address, so that nobody can guess at leisure or flood a mailbox."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.database.connection import Database, Transaction
from wattline.domain.refusals import Refusal
from wattline.operations.users import email_key


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in so long."""

    subject: str
    times: int
    window: timedelta


# Somebody who mistypes needs a handful of tries; an office behind one address needs more.
WINDOW = timedelta(minutes=10)
TRIES_PER_EMAIL, TRIES_PER_ADDRESS = 8, 40
# A code of six digits changes every 30 s and three of them are good at once: ten tries an hour find one in 4 years.
CODES_PER_PERSON, CODES_WINDOW = 10, timedelta(hours=1)
# Letters that a stranger can have us write: enough for somebody who did not find the first two.
LETTERS_PER_EMAIL, LETTERS_PER_ADDRESS, LETTERS_WINDOW = 3, 30, timedelta(hours=1)


class TooManyTries(Refusal):
    """Somebody guesses, or has forgotten. `wait` is how long until the next try counts."""

    code = "TOO_MANY_TRIES"

    def __init__(self, wait: timedelta) -> None:
        minutes = int(wait.total_seconds() // 60) + 1
        super().__init__(f"Too many tries. Wait {minutes} min, then try again.")
        self.wait = wait


async def count_try(database: Database, *, email: str, address: str, now: datetime) -> None:
    """Count one try, before the password is looked at; raise TooManyTries when e-mail or address had enough."""
    limits = [
        Limit(_by_email("login", email), TRIES_PER_EMAIL, WINDOW),
        Limit(f"login:address:{address}", TRIES_PER_ADDRESS, WINDOW),
    ]
    await _must_be_within(database, limits, now=now)


async def count_visit(database: Database, *, address: str, now: datetime) -> None:
    """Count one try to log in without a password: a passkey, or the way back from an identity provider."""
    await _must_be_within(database, [Limit(f"login:address:{address}", TRIES_PER_ADDRESS, WINDOW)], now=now)


async def count_code(database: Database, user_id: int, *, now: datetime) -> None:
    """Count one code of a person who knew the password; raise TooManyTries when it is enough."""
    await _must_be_within(database, [Limit(f"code:user:{user_id}", CODES_PER_PERSON, CODES_WINDOW)], now=now)


async def count_letter(database: Database, *, email: str, address: str, now: datetime) -> bool:
    """Count a letter that a stranger asks for; False when this mailbox had enough, which the stranger is not told.

    Raises TooManyTries when the stranger's address asked for too many.
    """
    await _must_be_within(database, [Limit(f"letter:address:{address}", LETTERS_PER_ADDRESS, LETTERS_WINDOW)], now=now)
    async with database.begin() as tx:
        limit = Limit(_by_email("letter", email), LETTERS_PER_EMAIL, LETTERS_WINDOW)
        return await _count(tx, limit, now=now) is None


async def forget_tries(database: Database, *, email: str) -> None:
    """Let somebody who got in begin to count anew."""
    async with database.begin() as tx:
        await tx.execute("delete from rate_window where subject = $1", _by_email("login", email))


async def forget_codes(tx: Transaction, user_id: int) -> None:
    """Let somebody who had the right code begin to count anew."""
    await tx.execute("delete from rate_window where subject = $1", f"code:user:{user_id}")


async def _must_be_within(database: Database, limits: list[Limit], *, now: datetime) -> None:
    async with database.begin() as tx:
        # In one order, or two who lock them crosswise would wait for each other.
        in_order = sorted(limits, key=lambda each: each.subject)
        waits = [await _count(tx, limit, now=now) for limit in in_order]
    if wait := max((wait for wait in waits if wait is not None), default=None):
        raise TooManyTries(wait)


def _by_email(what: str, email: str) -> str:
    return f"{what}:email:" + hashlib.sha256(email_key(email).encode()).hexdigest()


async def _count(tx: Transaction, limit: Limit, *, now: datetime) -> timedelta | None:
    row = await tx.fetchrow(COUNT, limit.subject, now, now - limit.window)
    assert row is not None
    wait: timedelta = row["started_at"] + limit.window - now
    return wait if row["used"] > limit.times else None


COUNT = """
insert into rate_window as w (subject, started_at, used) values ($1, $2, 1)
on conflict (subject) do update set
  used = case when w.started_at <= $3 then 1 else w.used + 1 end,
  started_at = case when w.started_at <= $3 then $2 else w.started_at end
returning used, started_at
"""
