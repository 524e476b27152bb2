"""People, keys, secrets and reference data."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag

from wattline.database.connection import Database
from wattline.domain.refusals import AlreadyTaken, Invalid, TokenRefused, Unknown
from wattline.domain.roles import Role
from wattline.operations import reference_data
from wattline.operations.api_keys import NewApiKey, create_api_key, edit_api_key, revoke_api_key
from wattline.operations.api_tokens import TokenPair, find_credential, issue_tokens
from wattline.operations.operators import create_operator, viewer_of_operator
from wattline.operations.rate_limits import add_requests
from wattline.operations.secrets import box_password, box_password_hmac, seal, secret_hash, token_hash, unseal
from wattline.operations.sessions import close_session, find_session, open_session, use_session
from wattline.operations.users import NewUser, check_password, create_user, set_password

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PEPPER = b"pepper of the tests"
PASSWORD = "correct horse battery"
IDLE = timedelta(hours=12)


@pytest.fixture
async def operator_id(database: Database) -> int:
    """An operator."""
    return await create_operator(database, "Havnelys", identifier="havnelys", now=NOW)


def somebody(operator_id: int, **more: str) -> NewUser:
    return NewUser(operator_id=operator_id, email="Boss@Havnelys.example", display_name="Operations manager", **more)


async def test_a_password_is_checked_and_kept_as_argon2id(database: Database, operator_id: int) -> None:
    user_id = await create_user(database, somebody(operator_id), password=PASSWORD, now=NOW)
    user = await check_password(database, " boss@havnelys.example", PASSWORD)
    assert user is not None
    assert (user.id, user.role) == (user_id, "Admin")
    assert await check_password(database, "boss@havnelys.example", "wrong password") is None
    assert await check_password(database, "nobody@havnelys.example", PASSWORD) is None
    assert await check_password(database, "boss@havnelys.example", "x" * 100_000) is None
    async with database.read() as connection:
        kept = await connection.fetchval("select password_hash from users")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_blocked_user_does_not_come_in(database: Database, operator_id: int) -> None:
    await create_user(database, somebody(operator_id), password=PASSWORD, now=NOW)
    async with database.begin() as tx:
        await tx.execute("update users set blocked_at = $1", NOW)
    assert await check_password(database, "boss@havnelys.example", PASSWORD) is None


async def test_an_e_mail_address_has_one_account(database: Database, operator_id: int) -> None:
    await create_user(database, somebody(operator_id), password=PASSWORD, now=NOW)
    with pytest.raises(AlreadyTaken):
        await create_user(database, somebody(operator_id), password=PASSWORD, now=NOW)
    for email, password in (("nobody", PASSWORD), ("a b@c", PASSWORD), ("a@b", "short")):
        new = NewUser(operator_id=operator_id, email=email, display_name="x")
        with pytest.raises(Invalid):
            await create_user(database, new, password=password, now=NOW)


async def test_a_new_password_ends_open_sessions(database: Database, operator_id: int) -> None:
    user_id = await create_user(database, somebody(operator_id), password=PASSWORD, now=NOW)
    await begin_session(database, user_id)
    session = await find_session(database, "cookie", pepper=PEPPER, idle=IDLE, now=NOW)
    assert session is not None
    assert session.viewer.operator_ids == (operator_id,)
    assert await set_password(database, "boss@havnelys.example", password="another one", now=NOW)
    assert await find_session(database, "cookie", pepper=PEPPER, idle=IDLE, now=NOW) is None
    assert not await set_password(database, "nobody@havnelys.example", password="another one", now=NOW)


async def test_a_session_ends_by_itself_and_when_it_is_closed(database: Database, operator_id: int) -> None:
    user_id = await create_user(database, somebody(operator_id, role="SupportAgent"), password=PASSWORD, now=NOW)
    await begin_session(database, user_id)
    session = await find_session(database, "cookie", pepper=PEPPER, idle=IDLE, now=NOW + timedelta(minutes=59))
    assert session is not None
    assert (session.viewer.role, session.viewer.scopes) == (Role.SUPPORT_AGENT, frozenset())
    assert await find_session(database, "other", pepper=PEPPER, idle=IDLE, now=NOW) is None
    assert await find_session(database, "cookie", pepper=PEPPER, idle=IDLE, now=NOW + timedelta(hours=1)) is None
    await close_session(database, "cookie", pepper=PEPPER)
    assert await find_session(database, "cookie", pepper=PEPPER, idle=IDLE, now=NOW) is None


async def test_a_session_lasts_while_it_is_used_but_never_longer_than_it_may(
    database: Database, operator_id: int
) -> None:
    user_id = await create_user(database, somebody(operator_id), password=PASSWORD, now=NOW)
    await begin_session(database, user_id)
    short = timedelta(minutes=15)
    for minutes in (14, 28, 42, 56):
        at = NOW + timedelta(minutes=minutes)
        assert await use_session(database, "cookie", pepper=PEPPER, idle=short, now=at) is not None
    # Looking whether it is still open is no use of it.
    at = NOW + timedelta(minutes=58)
    assert await find_session(database, "cookie", pepper=PEPPER, idle=timedelta(minutes=2.5), now=at) is not None
    at = NOW + timedelta(minutes=59)
    assert await use_session(database, "cookie", pepper=PEPPER, idle=timedelta(minutes=2.5), now=at) is None
    assert await use_session(database, "cookie", pepper=PEPPER, idle=short, now=NOW + timedelta(hours=1)) is None


async def begin_session(database: Database, user_id: int) -> None:
    await open_session(
        database, user_id, token="cookie", csrf_token="csrf", pepper=PEPPER, lasts=timedelta(hours=1), address=None,
        user_agent=None, now=NOW,
    )  # fmt: skip


def test_secrets_of_one_kind_never_stand_in_for_another() -> None:
    hashes = {
        box_password_hmac(b"same", PEPPER), token_hash("same", PEPPER), secret_hash("same", PEPPER),
        token_hash("same", b"other pepper"),
    }  # fmt: skip
    assert len(hashes) == 4
    assert box_password(bytes(range(20))) == "000102030405060708090a0b0c0d0e0f10111213"


def test_what_is_sealed_opens_with_the_same_pepper_only() -> None:
    sealed = seal("a secret", pepper=PEPPER, nonce=bytes(12))
    assert b"secret" not in sealed
    assert unseal(sealed, pepper=PEPPER) == "a secret"
    with pytest.raises(InvalidTag):
        unseal(sealed, pepper=b"other pepper")
    with pytest.raises(InvalidTag):
        unseal(sealed[:-1] + b"x", pepper=PEPPER)


async def test_a_keys_rights_change_at_once_and_end_with_it(database: Database, operator_id: int) -> None:
    boss = await viewer_of_operator(database, operator_id, name="command line")
    key = NewApiKey(name="Terminal", scopes=["charges:read"])
    key_id = await create_api_key(
        database, key, client_id="id", client_secret="s", pepper=PEPPER, asked_by=boss, now=NOW
    )
    await issue_tokens(database, "id", "s", new=TokenPair(access="a", refresh="r"), pepper=PEPPER, now=NOW)
    await edit_api_key(database, key_id, NewApiKey(name="T", scopes=["teams:write"]), asked_by=boss, now=NOW)
    credential = await find_credential(database, "a", pepper=PEPPER, now=NOW)
    assert (credential.name, credential.scopes) == ("T", ("teams:write",))
    await revoke_api_key(database, key_id, asked_by=boss, now=NOW)
    with pytest.raises(TokenRefused):
        await find_credential(database, "a", pepper=PEPPER, now=NOW)
    with pytest.raises(Unknown):
        await revoke_api_key(database, key_id, asked_by=boss, now=NOW)


async def test_a_key_sees_only_teams_of_its_own_operator(database: Database, operator_id: int) -> None:
    boss = await viewer_of_operator(database, operator_id, name="command line")
    for wrong in (NewApiKey(name="x", team_ids=[99]), NewApiKey(name="x", operator_ids=[99])):
        with pytest.raises(Unknown):
            await create_api_key(
                database, wrong, client_id="id", client_secret="s", pepper=PEPPER, asked_by=boss, now=NOW
            )
    for wrong in (NewApiKey(name="x", rate_limit=0), NewApiKey(name="x", rate_limit_interval_seconds=0)):
        with pytest.raises(Invalid):
            await create_api_key(
                database, wrong, client_id="id", client_secret="s", pepper=PEPPER, asked_by=boss, now=NOW
            )


async def test_requests_of_all_processes_add_up_until_the_block_is_over(database: Database) -> None:
    minute = timedelta(minutes=1)
    assert await add_requests(database, "key", 3, lasts=minute, now=NOW) == (NOW, 3)
    assert await add_requests(database, "key", 4, lasts=minute, now=NOW + minute / 2) == (NOW, 7)
    assert await add_requests(database, "key", 1, lasts=minute, now=NOW + minute) == (NOW + minute, 1)


async def test_reference_data_is_brought_up_to_date_and_then_left_alone(database: Database) -> None:
    await reference_data.seed(database, now=NOW)
    async with database.begin() as tx:
        await tx.execute("update brand set name = 'Old name' where identifier = 'zaptec'")
        await tx.execute("delete from currency where identifier = 'DKK'")
    later = NOW + timedelta(days=1)
    await reference_data.seed(database, now=later)
    async with database.read() as connection:
        changed = await connection.fetch("select name, updated_at from brand where updated_at > $1", NOW)
        assert [tuple(row) for row in changed] == [("Zaptec", later)]
        assert await connection.fetchval("select count(*) from currency where identifier = 'DKK'") == 1
        assert await connection.fetchval("select count(*) from model where updated_at > $1", NOW) == 0


async def test_an_operators_short_name_is_its_own(database: Database, operator_id: int) -> None:
    with pytest.raises(AlreadyTaken):
        await create_operator(database, "Other", identifier="havnelys", now=NOW)
    child = await create_operator(database, "Child", identifier="child", parent_operator_id=operator_id, now=NOW)
    main = await viewer_of_operator(database, operator_id, name="x")
    assert main.operator_ids == (operator_id, child)
    with pytest.raises(Unknown):
        await viewer_of_operator(database, 99, name="x")
