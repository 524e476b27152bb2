"""The second factor: codes of an app, each good once, and recovery codes.

The app's secret is sealed; recovery codes are random and long, so their keyed hashes are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.one_time_code import step_of, tidy_recovery_code
from wattline.domain.refusals import Invalid, NotReady
from wattline.operations import audit
from wattline.operations.account_letters import notice_letter
from wattline.operations.account_sessions import close_others
from wattline.operations.login_tries import count_code, forget_codes
from wattline.operations.mails import write_letter
from wattline.operations.secrets import seal, secret_hash, unseal
from wattline.operations.tickets import Purpose, issue_ticket, look_at_ticket, take_ticket
from wattline.operations.users import User, as_themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """Whether somebody's log-in asks for a code, since when, and how many recovery codes are left."""

    since: datetime | None
    recovery_codes: int


async def second_factor_of(connection: Connection, user_id: int) -> SecondFactor:
    """Look it up."""
    row = await connection.fetchrow(
        """select (select created_at from one_time_code where user_id = $1) as since,
             (select count(*) from recovery_code where user_id = $1 and used_at is null) as recovery_codes""",
        user_id,
    )
    assert row is not None
    return SecondFactor(since=row["since"], recovery_codes=row["recovery_codes"])


async def keep_waiting_secret(
    database: Database, secret: str, *, user: User, token: str, nonce: bytes, pepper: bytes, now: datetime
) -> None:
    """Remember the secret shown on the page until its first code proves that the app has it."""
    data = {"sealed": seal(secret, pepper=pepper, nonce=nonce).hex()}
    async with database.begin() as tx:
        await issue_ticket(tx, Purpose.ONE_TIME_CODE, token, user_id=user.id, data=data, pepper=pepper, now=now)


async def waiting_secret(database: Database, *, user: User, token: str, pepper: bytes, now: datetime) -> str:
    """Return the secret that waits for its first code. Raises NotReady when it waited too long."""
    async with database.read() as connection:
        ticket = await look_at_ticket(connection, Purpose.ONE_TIME_CODE, token, pepper=pepper, now=now)
    if ticket is None or ticket.user_id != user.id:
        raise NotReady("The page was open for too long. Begin again with a new QR code.")
    return unseal(bytes.fromhex(ticket.data["sealed"]), pepper=pepper)


async def turn_on(
    database: Database,
    code: str,
    *,
    recovery_codes: Sequence[str],
    nonce: bytes,
    user: User,
    session_id: int,
    token: str,
    pepper: bytes,
    now: datetime,
) -> None:
    """Ask for a code at every log-in from now on, after a first one proved that the app has the secret.

    Ends the other sessions: they began without a code. Raises Invalid, NotReady.
    """
    secret = await waiting_secret(database, user=user, token=token, pepper=pepper, now=now)
    step = step_of(code, secret, after=0, now=now)
    if step is None:
        raise Invalid("code", "is not the one the app shows now. Is the telephone's clock right?")
    async with database.begin() as tx:
        if await take_ticket(tx, Purpose.ONE_TIME_CODE, token, pepper=pepper, now=now) is None:
            raise NotReady("This was done already, in another tab.")
        await tx.execute(TURN_ON, user.id, seal(secret, pepper=pepper, nonce=nonce), step, now)
        await _write_recovery_codes(tx, user.id, recovery_codes, pepper=pepper)
        await close_others(tx, user.id, keep=session_id)
        await write_letter(tx, notice_letter(user, "Logging in now asks for a code", now=now), now=now)
        await audit.note(tx, as_themselves(user), "turn-on-codes", "user", user.id, now=now)


async def turn_off(database: Database, *, user: User, now: datetime) -> None:
    """Ask for no code any more."""
    async with database.begin() as tx:
        await tx.execute("delete from one_time_code where user_id = $1", user.id)
        await tx.execute("delete from recovery_code where user_id = $1", user.id)
        await write_letter(tx, notice_letter(user, "Logging in asks for no code any more", now=now), now=now)
        await audit.note(tx, as_themselves(user), "turn-off-codes", "user", user.id, now=now)


async def renew_recovery_codes(
    database: Database, recovery_codes: Sequence[str], *, user: User, pepper: bytes, now: datetime
) -> None:
    """Replace all recovery codes; the old ones count no more. Raises NotReady without a second factor."""
    async with database.begin() as tx:
        if not await tx.fetchval("select true from one_time_code where user_id = $1 for update", user.id):
            raise NotReady("Set up an app for codes first.")
        await _write_recovery_codes(tx, user.id, recovery_codes, pepper=pepper)
        await audit.note(tx, as_themselves(user), "renew-recovery-codes", "user", user.id, now=now)


async def use_code(database: Database, code: str, *, user: User, pepper: bytes, now: datetime) -> bool:
    """Tell whether this is a code of the app, or a recovery code, that was not used before; it is used now.

    Raises TooManyTries.
    """
    await count_code(database, user.id, now=now)
    async with database.begin() as tx:
        row = await tx.fetchrow("select * from one_time_code where user_id = $1 for update", user.id)
        if row is None:
            return False
        secret = unseal(row["secret_sealed"], pepper=pepper)
        step = step_of(code, secret, after=row["last_step"], now=now)
        if step is not None:
            await tx.execute("update one_time_code set last_step = $2 where user_id = $1", user.id, step)
        elif not await _use_recovery_code(tx, code, user, pepper=pepper, now=now):
            await audit.note(tx, as_themselves(user), "wrong-code", "user", user.id, now=now)
            return False
        await forget_codes(tx, user.id)
    return True


async def _use_recovery_code(tx: Transaction, code: str, user: User, *, pepper: bytes, now: datetime) -> bool:
    hashed = secret_hash(tidy_recovery_code(code), pepper)
    used = await tx.fetchval(USE_RECOVERY_CODE, user.id, hashed, now)
    if used is None:
        return False
    await write_letter(tx, notice_letter(user, "A recovery code was used to log in", now=now), now=now)
    await audit.note(tx, as_themselves(user), "use-recovery-code", "user", user.id, now=now)
    return True


async def _write_recovery_codes(tx: Transaction, user_id: int, codes: Sequence[str], *, pepper: bytes) -> None:
    await tx.execute("delete from recovery_code where user_id = $1", user_id)
    hashes = [secret_hash(tidy_recovery_code(code), pepper) for code in codes]
    await tx.execute(
        "insert into recovery_code (user_id, code_hash) select $1, h from unnest($2::bytea[]) h", user_id, hashes
    )


TURN_ON = """
insert into one_time_code (user_id, secret_sealed, last_step, created_at) values ($1, $2, $3, $4)
on conflict (user_id) do update set secret_sealed = $2, last_step = $3, created_at = $4
"""

USE_RECOVERY_CODE = """
update recovery_code set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null returning true
"""
