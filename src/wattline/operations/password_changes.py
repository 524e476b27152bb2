"""Changing a password: with the one in use, or with the link of a letter when it is forgotten."""

from datetime import datetime

from wattline.database.connection import Database, Transaction
from wattline.domain.refusals import NotReady
from wattline.operations import audit
from wattline.operations.account_letters import notice_letter, reset_letter
from wattline.operations.account_sessions import close_others
from wattline.operations.mails import write_letter
from wattline.operations.passwords import hash_password
from wattline.operations.tickets import Purpose, issue_ticket, look_at_ticket, take_ticket, tear_tickets
from wattline.operations.users import User, as_themselves, find_user, must_be_password, user_called

LINK_SPENT = "This link was used already, or is older than an hour. Ask for another on the log-in page."
CHANGED = "Your password was changed"


async def ask_for_reset(
    database: Database, email: str, *, token: str, url: str, pepper: bytes, may_write: bool, now: datetime
) -> None:
    """Write a letter with a link when the address has an account; the caller learns nothing of that."""
    async with database.begin() as tx:
        user = await user_called(tx, email)
        if user is None or not may_write:
            return
        await issue_ticket(tx, Purpose.RESET, token, user_id=user.id, pepper=pepper, now=now)
        await write_letter(tx, reset_letter(user, f"{url}/reset?ticket={token}"), now=now)
        await audit.note(tx, as_themselves(user), "ask-password-reset", "user", user.id, now=now)


async def must_open_reset(database: Database, token: str, *, pepper: bytes, now: datetime) -> None:
    """Raise NotReady unless the link of a letter is still good."""
    async with database.read() as connection:
        if await look_at_ticket(connection, Purpose.RESET, token, pepper=pepper, now=now) is None:
            raise NotReady(LINK_SPENT)


async def reset_password(database: Database, token: str, password: str, *, pepper: bytes, now: datetime) -> User:
    """Replace a forgotten password and end every session. A second factor stays. Raises Invalid, NotReady."""
    must_be_password(password)
    password_hash = await hash_password(password)
    async with database.begin() as tx:
        ticket = await take_ticket(tx, Purpose.RESET, token, pepper=pepper, now=now)
        user = None if ticket is None or ticket.user_id is None else await find_user(tx, ticket.user_id)
        if user is None:
            raise NotReady(LINK_SPENT)
        await _replace(tx, user, password_hash, keep=None, deed="reset-password", now=now)
    return user


async def change_password(database: Database, password: str, *, user: User, session_id: int, now: datetime) -> None:
    """Give oneself another password, or a first one, and end all other sessions. Raises Invalid."""
    must_be_password(password)
    password_hash = await hash_password(password)
    async with database.begin() as tx:
        await _replace(tx, user, password_hash, keep=session_id, deed="change-password", now=now)


async def _replace(
    tx: Transaction, user: User, password_hash: str, *, keep: int | None, deed: str, now: datetime
) -> None:
    await tx.execute("update users set password_hash = $2, updated_at = $3 where id = $1", user.id, password_hash, now)
    await close_others(tx, user.id, keep=keep)
    # Half-way log-ins know the old password; other links were perhaps asked for by whoever it is kept from.
    await tear_tickets(tx, user.id, Purpose.RESET, Purpose.SECOND_FACTOR, Purpose.NEW_EMAIL)
    await write_letter(tx, notice_letter(user, CHANGED, now=now), now=now)
    await audit.note(tx, as_themselves(user), deed, "user", user.id, now=now)
