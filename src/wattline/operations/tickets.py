"""Tickets: what opens one thing once, for a while. Whoever has the token may; the database keeps only its hash.

Links in letters are tickets, and so are a passkey's challenge, a log-in that waits for its code, and a way out to an
identity provider. Each has a purpose of its own, so that none stands in for another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from asyncpg import Record

from wattline.database.connection import Connection, Transaction
from wattline.operations.secrets import token_hash


class Purpose(StrEnum):
    """What a ticket is for."""

    SIGN_UP = "sign-up"
    RESET = "reset"
    NEW_EMAIL = "new-email"
    SECOND_FACTOR = "second-factor"
    PASSKEY_LOG_IN = "passkey-log-in"
    PASSKEY_ADD = "passkey-add"
    ONE_TIME_CODE = "one-time-code"
    SINGLE_SIGN_ON = "single-sign-on"


LASTS = {
    Purpose.SIGN_UP: timedelta(hours=24),
    Purpose.RESET: timedelta(hours=1),
    Purpose.NEW_EMAIL: timedelta(hours=24),
    Purpose.SECOND_FACTOR: timedelta(minutes=10),
    Purpose.PASSKEY_LOG_IN: timedelta(minutes=5),
    Purpose.PASSKEY_ADD: timedelta(minutes=5),
    Purpose.ONE_TIME_CODE: timedelta(minutes=30),
    Purpose.SINGLE_SIGN_ON: timedelta(minutes=10),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket that is still good."""

    user_id: int | None
    data: Mapping[str, Any]


async def issue_ticket(
    tx: Transaction,
    purpose: Purpose,
    token: str,
    *,
    user_id: int | None = None,
    data: Mapping[str, object] | None = None,
    pepper: bytes,
    now: datetime,
) -> None:
    """Write a ticket. `token` is a random text made by the caller."""
    await tx.execute(
        """insert into ticket (token_hash, purpose, user_id, data, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6)""",
        token_hash(token, pepper), purpose, user_id, dict(data or {}), now, now + LASTS[purpose],
    )  # fmt: skip


async def look_at_ticket(
    connection: Connection, purpose: Purpose, token: str, *, pepper: bytes, now: datetime
) -> Ticket | None:
    """Read a ticket without using it up; None when it is unknown, used or over."""
    return _ticket(await connection.fetchrow(LOOK, token_hash(token, pepper), purpose, now))


async def take_ticket(tx: Transaction, purpose: Purpose, token: str, *, pepper: bytes, now: datetime) -> Ticket | None:
    """Use a ticket up; None when it is unknown, used or over. Of two who come at once only one gets it."""
    return _ticket(await tx.fetchrow(TAKE, token_hash(token, pepper), purpose, now))


async def tear_tickets(tx: Transaction, user_id: int, *purposes: Purpose) -> None:
    """Make a person's other tickets of these purposes worthless."""
    await tx.execute("delete from ticket where user_id = $1 and purpose = any($2)", user_id, list(purposes))


def _ticket(row: Record | None) -> Ticket | None:
    return None if row is None else Ticket(user_id=row["user_id"], data=row["data"])


LOOK = "select user_id, data from ticket where token_hash = $1 and purpose = $2 and expires_at > $3"
TAKE = "delete from ticket where token_hash = $1 and purpose = $2 and expires_at > $3 returning user_id, data"
