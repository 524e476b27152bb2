"""People who log in, and their passwords."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import AlreadyTaken, Invalid
from wattline.operations import audit
from wattline.operations.passwords import (
    NOBODY,
    PASSWORD_LENGTH_MAX,
    PASSWORD_LENGTH_MIN,
    hash_password,
    verify_password,
)

# RFC 5321, section 4.5.3.1.3: a path of 256 octets, brackets and all.
EMAIL_LENGTH_MAX = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """Somebody who may log in. `role` is Admin, OperationsManager, Bookkeeper, SupportAgent or Driver."""

    operator_id: int
    email: str
    display_name: str
    role: str = "Admin"
    locale: str = "en"
    time_zone: str = "Europe/Copenhagen"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may log in, as the Portal needs to know them."""

    id: int
    operator_id: int
    email: str
    display_name: str
    role: str
    locale: str
    time_zone: str


async def create_user(database: Database, new: NewUser, *, password: str, now: datetime) -> int:
    """Make a user, from the command line, and return their id. Raises AlreadyTaken when the address has an account."""
    must_be_address(new.email)
    must_be_password(password)
    password_hash = await hash_password(password)
    async with database.begin() as tx:
        user_id = await insert_user(tx, new, password_hash=password_hash, now=now)
        detail = {"email": new.email.strip(), "role": new.role}
        await audit.note(tx, _command_line(new.operator_id), "create", "user", user_id, now=now, detail=detail)
    return user_id


async def insert_user(
    tx: Transaction,
    new: NewUser,
    *,
    password_hash: str | None,
    now: datetime,
    terms_accepted_at: datetime | None = None,
) -> int:
    """Write the row of somebody whose e-mail address is known to be theirs. Raises AlreadyTaken."""
    user_id: int | None = await tx.fetchval(
        """insert into users (operator_id, email, email_key, display_name, password_hash, role, locale, time_zone,
             created_at, updated_at, email_verified_at, terms_accepted_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9, $10)
           on conflict (email_key) do nothing returning id""",
        new.operator_id, new.email.strip(), email_key(new.email), new.display_name, password_hash, new.role,
        new.locale, new.time_zone, now, terms_accepted_at,
    )  # fmt: skip
    if user_id is None:
        raise AlreadyTaken(f"{new.email} has an account already.")
    return user_id


async def check_password(database: Database, email: str, password: str) -> User | None:
    """Return the user with this e-mail address and password, or None; unknown and blocked users take as long."""
    async with database.read() as connection:
        row = await connection.fetchrow("select * from users where email_key = $1", email_key(email))
    # Somebody without a password takes as long as somebody who is not there.
    right = await verify_password((row["password_hash"] if row else None) or NOBODY, password)
    if row is None or row["password_hash"] is None or row["blocked_at"] is not None or not right:
        return None
    return user_in(row)


async def find_user(connection: Connection, user_id: int) -> User | None:
    """Return somebody who may log in; None when there is no such user or they are blocked."""
    row = await connection.fetchrow("select * from users where id = $1 and blocked_at is null", user_id)
    return None if row is None else user_in(row)


async def user_called(connection: Connection, email: str) -> User | None:
    """Return somebody who may log in by their e-mail address."""
    row = await connection.fetchrow("select * from users where email_key = $1 and blocked_at is null", email_key(email))
    return None if row is None else user_in(row)


def user_in(row: Record) -> User:
    """Read a user out of a row of users."""
    return User(**{name: row[name] for name in User.__dataclass_fields__})


def as_themselves(user: User) -> Viewer:
    """Make the eyes of somebody who does something to their own account."""
    return Viewer(
        name=user.display_name, operator_id=user.operator_id, operator_ids=(user.operator_id,), team_ids=(),
        scopes=frozenset(), user_id=user.id,
    )  # fmt: skip


async def set_password(
    database: Database, email: str, *, password: str, forget_codes: bool = False, now: datetime
) -> bool:
    """Give a user another password, from the command line, and end their sessions; False when there is no such user.

    `forget_codes`: their telephone and recovery codes are gone too, so ask for no code until they set one up again.
    """
    must_be_password(password)
    password_hash = await hash_password(password)
    async with database.begin() as tx:
        row = await tx.fetchrow(
            "update users set password_hash = $2, updated_at = $3 where email_key = $1 returning *",
            email_key(email), password_hash, now,
        )  # fmt: skip
        if row is None:
            return False
        await tx.execute("delete from web_session where user_id = $1", row["id"])
        if forget_codes:
            await tx.execute("delete from one_time_code where user_id = $1", row["id"])
            await tx.execute("delete from recovery_code where user_id = $1", row["id"])
        detail = {"codes forgotten": forget_codes}
        await audit.note(
            tx, _command_line(row["operator_id"]), "set-password", "user", row["id"], now=now, detail=detail
        )
    return True


def _command_line(operator_id: int) -> Viewer:
    return Viewer(name="command line", operator_id=operator_id, operator_ids=(operator_id,))


def email_key(email: str) -> str:
    """Reduce an e-mail address to what accounts are told apart by."""
    return email.strip().lower()


def must_be_address(email: str) -> None:
    """Raise Invalid unless this can be one e-mail address, and can only be taken for itself."""
    address = email.strip()
    name, _, host = address.rpartition("@")
    # The Kelvin sign in small letters is a k: its owner would pass for whoever has the address with a k.
    passes_for_another = email_key(address).isascii() and not address.isascii()
    one = bool(name and host) and "@" not in name and len(address) <= EMAIL_LENGTH_MAX
    if not one or passes_for_another or any(map(_is_odd, address)):
        raise Invalid("email", f"'{address[:80]}' is not an e-mail address.")


def _is_odd(character: str) -> bool:
    return character.isspace() or not character.isprintable() or character in '<>,;"()'


def must_be_password(password: str) -> None:
    """Raise Invalid unless this can be a password."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise Invalid("password", f"must have {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters.")
