"""People who log in, and their passwords."""

from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.refusals import AlreadyTaken, Invalid
from wattline.operations.passwords import (
    NOBODY,
    PASSWORD_LENGTH_MAX,
    PASSWORD_LENGTH_MIN,
    hash_password,
    verify_password,
)


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
    """Make a user and return their id. Raises AlreadyTaken when the e-mail address has an account."""
    _must_be_usable(new.email, password)
    password_hash = await hash_password(password)
    async with database.begin() as tx:
        user_id: int | None = await tx.fetchval(
            """insert into users (operator_id, email, email_key, display_name, password_hash, role, locale, time_zone,
                 created_at, updated_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
               on conflict (email_key) do nothing returning id""",
            new.operator_id, new.email.strip(), email_key(new.email), new.display_name, password_hash, new.role,
            new.locale, new.time_zone, now,
        )  # fmt: skip
    if user_id is None:
        raise AlreadyTaken(f"{new.email} has an account already.")
    return user_id


async def check_password(database: Database, email: str, password: str) -> User | None:
    """Return the user with this e-mail address and password, or None; unknown and blocked users take as long."""
    async with database.read() as connection:
        row = await connection.fetchrow("select * from users where email_key = $1", email_key(email))
    right = await verify_password(row["password_hash"] if row else NOBODY, password)
    if row is None or row["blocked_at"] is not None or not right:
        return None
    return User(**{name: row[name] for name in User.__dataclass_fields__})


async def set_password(database: Database, email: str, *, password: str, now: datetime) -> bool:
    """Give a user another password and end their sessions; False when nobody has this e-mail address."""
    _must_be_usable(email, password)
    password_hash = await hash_password(password)
    async with database.begin() as tx:
        user_id = await tx.fetchval(
            "update users set password_hash = $2, updated_at = $3 where email_key = $1 returning id",
            email_key(email), password_hash, now,
        )  # fmt: skip
        await tx.execute("delete from web_session where user_id = $1", user_id)
    return user_id is not None


def email_key(email: str) -> str:
    """Reduce an e-mail address to what accounts are told apart by."""
    return email.strip().lower()


def _must_be_usable(email: str, password: str) -> None:
    name, _, host = email.strip().rpartition("@")
    if not name or not host or any(character.isspace() for character in email.strip()):
        raise Invalid("email", f"'{email}' is not an e-mail address.")
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise Invalid("password", f"must have {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters.")
