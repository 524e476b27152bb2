"""The sessions of one person, as they see them: which there are, ending them, and proving again who one is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.refusals import Unknown
from wattline.operations import audit
from wattline.operations.secrets import token_hash
from wattline.operations.users import User, as_themselves

# What opens an account to others is changed only shortly after its owner proved who they are.
FRESH_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One browser in which somebody is logged in."""

    id: int
    address: str | None
    user_agent: str | None
    created_at: datetime
    seen_at: datetime


async def sessions_of(connection: Connection, user_id: int, *, idle: timedelta, now: datetime) -> list[OpenSession]:
    """List where somebody is logged in, the last used first."""
    rows = await connection.fetch(
        """select id, address, user_agent, created_at, seen_at from web_session
           where user_id = $1 and expires_at > $2 and seen_at > $3 order by seen_at desc, id desc limit 100""",
        user_id, now, now - idle,
    )  # fmt: skip
    return [OpenSession(**dict(row)) for row in rows]


async def end_session(database: Database, session_id: int, *, user: User, now: datetime) -> None:
    """Log one browser out. Raises Unknown when it is not one of theirs."""
    async with database.begin() as tx:
        gone = await tx.fetchval(
            "delete from web_session where id = $1 and user_id = $2 returning id", session_id, user.id
        )
        if gone is None:
            raise Unknown("session", session_id)
        await audit.note(tx, as_themselves(user), "end-session", "user", user.id, now=now)


async def end_other_sessions(database: Database, keep: int, *, user: User, now: datetime) -> None:
    """Log every browser out but this one."""
    async with database.begin() as tx:
        await close_others(tx, user.id, keep=keep)
        await audit.note(tx, as_themselves(user), "end-other-sessions", "user", user.id, now=now)


async def close_others(tx: Transaction, user_id: int, *, keep: int | None = None) -> None:
    """End a person's sessions, all or all but one."""
    await tx.execute("delete from web_session where user_id = $1 and id is distinct from $2", user_id, keep)


async def renew_session(
    database: Database, session_id: int, *, token: str, csrf_token: str, pepper: bytes, now: datetime
) -> None:
    """Go on under another token, once somebody has proven again who they are: the old one is worth nothing any more."""
    async with database.begin() as tx:
        await tx.execute(
            "update web_session set token_hash = $2, csrf_token = $3, proven_at = $4 where id = $1",
            session_id, token_hash(token, pepper), csrf_token, now,
        )  # fmt: skip
