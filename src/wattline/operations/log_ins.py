"""Coming in: a session for somebody who proved who they are, a step in between where a code is asked for.

Every way in ends in `let_in`, which makes a new session and ends the one the browser had: a session that was planted
beforehand is worth nothing (fixation).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.database.connection import Connection, Database
from wattline.operations import audit
from wattline.operations.secrets import token_hash
from wattline.operations.sessions import open_session
from wattline.operations.tickets import Purpose, issue_ticket, look_at_ticket
from wattline.operations.users import User, as_themselves, email_key, find_user, user_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Who knocks: address, what the browser calls itself, and the session it had so far."""

    address: str
    user_agent: str
    token_before: str


async def let_in(
    database: Database,
    user: User,
    *,
    how: str,
    browser: Browser,
    token: str,
    csrf_token: str,
    pepper: bytes,
    lasts: timedelta,
    now: datetime,
) -> None:
    """Begin a session under a new token. `how` names what proved who they are: password, code, passkey …"""
    async with database.begin() as tx:
        await tx.execute("delete from web_session where token_hash = $1", token_hash(browser.token_before, pepper))
        detail = {"how": how, "address": browser.address}
        await audit.note(tx, as_themselves(user), "log-in", "user", user.id, now=now, detail=detail)
    await open_session(
        database, user.id, token=token, csrf_token=csrf_token, pepper=pepper, lasts=lasts, address=browser.address,
        user_agent=browser.user_agent, now=now,
    )  # fmt: skip


async def note_refused(database: Database, email: str, *, address: str, now: datetime) -> None:
    """Keep that somebody tried a wrong password, when there is such an account."""
    async with database.begin() as tx:
        row = await tx.fetchrow("select * from users where email_key = $1", email_key(email))
        if row is not None:
            detail = {"address": address}
            await audit.note(
                tx, as_themselves(user_in(row)), "wrong-password", "user", row["id"], now=now, detail=detail
            )


async def needs_code(connection: Connection, user: User) -> bool:
    """Tell whether the password alone is not enough for this person."""
    return bool(await connection.fetchval("select true from one_time_code where user_id = $1", user.id))


async def begin_second_step(
    database: Database, user: User, *, wish: str, token: str, pepper: bytes, now: datetime
) -> None:
    """Remember who knew the password, while they look for their code. `wish` is where they wanted to go."""
    async with database.begin() as tx:
        await issue_ticket(
            tx, Purpose.SECOND_FACTOR, token, user_id=user.id, data={"wish": wish}, pepper=pepper, now=now
        )


async def second_step(database: Database, token: str, *, pepper: bytes, now: datetime) -> tuple[User, str] | None:
    """Return who is half-way in and where they wanted to go; None when that was too long ago."""
    async with database.read() as connection:
        ticket = await look_at_ticket(connection, Purpose.SECOND_FACTOR, token, pepper=pepper, now=now)
        user = None if ticket is None or ticket.user_id is None else await find_user(connection, ticket.user_id)
    return None if ticket is None or user is None else (user, str(ticket.data["wish"]))
