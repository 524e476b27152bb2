"""Making an account by oneself: asked for on a page, made with the link of a letter.

Nobody learns on the page whether an address has an account: the answer is the same, and a letter tells its owner. The
account is made only when somebody opens the link and types the password again: an address that a stranger signed up
never becomes an account with the stranger's password.
"""

from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.naming import checked_name
from wattline.domain.refusals import NotReady
from wattline.operations import audit
from wattline.operations.account_letters import known_letter, sign_up_letter
from wattline.operations.mails import write_letter
from wattline.operations.passwords import hash_password, verify_password
from wattline.operations.tickets import Purpose, Ticket, issue_ticket, look_at_ticket, take_ticket
from wattline.operations.users import (
    NewUser,
    User,
    as_themselves,
    email_key,
    insert_user,
    must_be_address,
    must_be_password,
)

LINK_SPENT = "This link was used already, or is older than 24 hours. Sign up again to get another."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """What somebody who wants an account fills in. `operator_id` None: they come because they were invited."""

    operator_id: int | None
    email: str
    display_name: str
    password: str
    locale: str = "en"
    time_zone: str = "Europe/Copenhagen"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOperator:
    """An operator at which anybody may make an account."""

    id: int
    name: str
    identifier: str
    terms_url: str | None


async def open_operators(connection: Connection) -> list[OpenOperator]:
    """List the operators at which anybody may sign up."""
    rows = await connection.fetch(
        "select id, name, identifier, terms_url from operator where sign_up_open order by name, id limit 100"
    )
    return [OpenOperator(**dict(row)) for row in rows]


async def ask_for_account(
    database: Database, wish: SignUp, *, token: str, url: str, pepper: bytes, may_write: bool, now: datetime
) -> None:
    """Write a letter: with the link that finishes the account, or saying that there is one. Raises Invalid.

    `url` is where people find the Portal; with `may_write` False the mailbox had enough letters and gets none. The same
    work is done whatever is known of the address.
    """
    must_be_address(wish.email)
    must_be_password(wish.password)
    name, email = checked_name(wish.display_name), wish.email.strip()
    password_hash = await hash_password(wish.password)
    async with database.begin() as tx:
        known = await tx.fetchval("select operator_id from users where email_key = $1", email_key(email))
        operator_id = await _operator_for(tx, wish, now=now)
        if not may_write:
            return
        if known is not None:
            await write_letter(tx, known_letter(known, email, f"{url}/login"), now=now)
        elif operator_id is not None:
            data = {
                "operator_id": operator_id, "email": email, "name": name, "password_hash": password_hash,
                "locale": wish.locale, "time_zone": wish.time_zone, "terms_accepted_at": now.isoformat(),
            }  # fmt: skip
            await issue_ticket(tx, Purpose.SIGN_UP, token, data=data, pepper=pepper, now=now)
            letter = sign_up_letter(operator_id, email, f"{url}/sign-up/finish?ticket={token}")
            await write_letter(tx, letter, now=now)


async def waiting_account(connection: Connection, token: str, *, pepper: bytes, now: datetime) -> str:
    """Return the address whose account waits for its link to be opened. Raises NotReady."""
    ticket = await look_at_ticket(connection, Purpose.SIGN_UP, token, pepper=pepper, now=now)
    if ticket is None:
        raise NotReady(LINK_SPENT)
    return str(ticket.data["email"])


async def finish_account(database: Database, token: str, password: str, *, pepper: bytes, now: datetime) -> User | None:
    """Make the account with the link's token and the password typed again; None when that is another password.

    Raises NotReady when the link is spent, AlreadyTaken when the address got an account meanwhile.
    """
    async with database.read() as connection:
        ticket = await look_at_ticket(connection, Purpose.SIGN_UP, token, pepper=pepper, now=now)
    if ticket is None:
        raise NotReady(LINK_SPENT)
    if not await verify_password(ticket.data["password_hash"], password):
        return None
    async with database.begin() as tx:
        if await take_ticket(tx, Purpose.SIGN_UP, token, pepper=pepper, now=now) is None:
            raise NotReady(LINK_SPENT)
        user = await _make(tx, ticket, now=now)
        await audit.note(tx, as_themselves(user), "sign-up", "user", user.id, now=now)
    return user


async def _make(tx: Transaction, ticket: Ticket, *, now: datetime) -> User:
    new = NewUser(
        operator_id=ticket.data["operator_id"],
        email=ticket.data["email"],
        display_name=ticket.data["name"],
        role="Driver",
        locale=ticket.data["locale"],
        time_zone=ticket.data["time_zone"],
    )
    accepted_at = datetime.fromisoformat(ticket.data["terms_accepted_at"])
    user_id = await insert_user(
        tx, new, password_hash=ticket.data["password_hash"], now=now, terms_accepted_at=accepted_at
    )
    return User(
        id=user_id, operator_id=new.operator_id, email=new.email, display_name=new.display_name, role=new.role,
        locale=new.locale, time_zone=new.time_zone,
    )  # fmt: skip


async def _operator_for(tx: Transaction, wish: SignUp, *, now: datetime) -> int | None:
    found: int | None = await tx.fetchval(FIND_OPERATOR, wish.operator_id, email_key(wish.email), now)
    return found


# Somebody who was invited gets an account even where sign-up is closed.
FIND_OPERATOR = """
select operator_id from (
  select id as operator_id, 1 as place from operator where id = $1 and sign_up_open
  union all
  select operator_id, 2 from invitation
  where email_key = $2 and used_at is null and revoked_at is null and expires_at > $3
) found order by place limit 1
"""
