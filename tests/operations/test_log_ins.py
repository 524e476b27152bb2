"""What happens once happens once, also when two come at the same moment."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.doors.accounts import code_of
from wattline.database.connection import Database
from wattline.domain.refusals import NotReady
from wattline.operations.clean_up import forget_expired
from wattline.operations.one_time_codes import keep_waiting_secret, second_factor_of, turn_on, use_code
from wattline.operations.operators import create_operator
from wattline.operations.password_changes import reset_password
from wattline.operations.tickets import Purpose, issue_ticket, look_at_ticket, take_ticket
from wattline.operations.users import NewUser, User, create_user, find_user, set_password

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PEPPER, SECRET = b"pepper of the tests", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
async def user(database: Database) -> User:
    """Somebody with an account."""
    operator_id = await create_operator(database, "Havnelys", identifier="havnelys", now=NOW)
    new = NewUser(operator_id=operator_id, email="boss@havnelys.example", display_name="Operations manager")
    user_id = await create_user(database, new, password="correct horse battery", now=NOW)
    async with database.read() as connection:
        found = await find_user(connection, user_id)
    assert found is not None
    return found


async def test_of_many_who_type_the_same_code_at_once_one_comes_in(database: Database, user: User) -> None:
    await keep_waiting_secret(
        database, SECRET, user=user, token="t", nonce=b"n" * 12, pepper=PEPPER, now=NOW - timedelta(minutes=5)
    )
    await turn_on(
        database, code_of(SECRET, NOW), recovery_codes=["aaaaa11111"], nonce=b"m" * 12, user=user, session_id=1,
        token="t", pepper=PEPPER, now=NOW,
    )  # fmt: skip
    later = NOW + timedelta(minutes=1)
    for code in (code_of(SECRET, later), "aaaaa-11111"):
        tries = [use_code(database, code, user=user, pepper=PEPPER, now=later) for _ in range(5)]
        assert sorted(await asyncio.gather(*tries)) == [False, False, False, False, True]
    assert await set_password(database, user.email, password="another one", now=later)
    async with database.read() as connection:
        assert (await second_factor_of(connection, user.id)).since == NOW
        sealed = await connection.fetchval("select secret_sealed from one_time_code")
        hashes = await connection.fetchval("select array_agg(code_hash) from recovery_code")
    assert SECRET.encode() not in sealed
    assert b"aaaaa11111" not in hashes
    # Telephone and paper gone: whoever runs the server helps.
    assert await set_password(database, user.email, password="another one", forget_codes=True, now=later)
    async with database.read() as connection:
        assert (await second_factor_of(connection, user.id)).since is None
        assert await connection.fetchval("select count(*) from audit where deed = 'set-password'") == 2


async def test_a_link_opened_twice_at_once_changes_the_password_once(database: Database, user: User) -> None:
    async with database.begin() as tx:
        await issue_ticket(tx, Purpose.RESET, "token", user_id=user.id, pepper=PEPPER, now=NOW)
    tries = [reset_password(database, "token", f"password {n}", pepper=PEPPER, now=NOW) for n in range(4)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(end) for end in ends].count(NotReady) == 3


async def test_a_ticket_stands_in_for_no_other_and_is_swept_out(database: Database, user: User) -> None:
    async with database.begin() as tx:
        await issue_ticket(tx, Purpose.SIGN_UP, "token", pepper=PEPPER, now=NOW)
        assert await take_ticket(tx, Purpose.RESET, "token", pepper=PEPPER, now=NOW) is None
        assert await take_ticket(tx, Purpose.SIGN_UP, "token", pepper=b"another", now=NOW) is None
        assert await look_at_ticket(tx, Purpose.SIGN_UP, "token", pepper=PEPPER, now=NOW) is not None
    await forget_expired(database, now=NOW + timedelta(days=2))
    async with database.read() as connection:
        assert await connection.fetchval("select count(*) from ticket") == 0
