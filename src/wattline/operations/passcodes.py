"""Setting and checking the passcode of a person's wallet.

The digits are mixed with the server's pepper before argon2id: a stolen database alone cannot be tried against all ten
thousand codes. Tries are counted in the transaction that looks at them, so that many at once do not get past the lock.
"""

import hmac
from datetime import datetime

from wattline.database.connection import Database, Transaction
from wattline.domain.passcode import (
    Guard,
    NoPasscode,
    after_try,
    checked_digits,
    must_be_open,
    refusal_after,
)
from wattline.domain.refusals import Refusal
from wattline.operations.passwords import hash_password, verify_password


async def set_passcode(
    database: Database,
    user_id: int,
    *,
    first: str,
    second: str,
    old: str | None = None,
    pepper: bytes,
    now: datetime,
) -> None:
    """Give a wallet its passcode, entered twice. Changing one needs the old one; after a reset there is none.

    Raises Invalid, or what `use_passcode` raises about the old one.
    """
    hashed = await hashed_passcode(user_id, checked_digits(first, second), pepper)
    if await has_passcode(database, user_id):
        await use_passcode(database, user_id, old or "", pepper=pepper, now=now)
    async with database.begin() as tx:
        await tx.execute(SET, user_id, hashed, now)


async def hashed_passcode(user_id: int, digits: str, pepper: bytes) -> str:
    """Hash four digits as we keep them."""
    return await hash_password(_mixed(digits, user_id, pepper))


async def has_passcode(database: Database, user_id: int) -> bool:
    """Tell whether this person's wallet is guarded already."""
    async with database.read() as connection:
        found = await connection.fetchval("select true from passcode where user_id = $1", user_id)
    return bool(found)


async def use_passcode(database: Database, user_id: int, digits: str, *, pepper: bytes, now: datetime) -> None:
    """Let somebody use their wallet. Raises NoPasscode, WrongPasscode, PasscodeLocked or PasscodeResetNeeded."""
    async with database.begin() as tx:
        refusal = await _try(tx, user_id, digits, pepper, now)
    # The count of wrong tries is committed before the refusal is raised.
    if refusal is not None:
        raise refusal


async def _try(tx: Transaction, user_id: int, digits: str, pepper: bytes, now: datetime) -> Refusal | None:
    row = await tx.fetchrow("select * from passcode where user_id = $1 for update", user_id)
    if row is None:
        return NoPasscode()
    guard = Guard(failures=row["failures"], locked_until=row["locked_until"], reset_needed=row["reset_needed"])
    try:
        must_be_open(guard, now=now)
    except Refusal as closed:
        return closed
    right = await verify_password(row["hash"], _mixed(digits, user_id, pepper))
    guard = after_try(guard, right=right, now=now)
    await tx.execute(COUNT, user_id, guard.failures, guard.locked_until, guard.reset_needed)
    return None if right else refusal_after(guard)


def _mixed(digits: str, user_id: int, pepper: bytes) -> str:
    return hmac.digest(pepper, f"passcode\0{user_id}\0{digits}".encode(), "sha256").hex()


SET = """
insert into passcode (user_id, hash, set_at) values ($1, $2, $3)
on conflict (user_id) do update set hash = $2, set_at = $3, failures = 0, locked_until = null, reset_needed = false
"""

COUNT = "update passcode set failures = $2, locked_until = $3, reset_needed = $4 where user_id = $1"
