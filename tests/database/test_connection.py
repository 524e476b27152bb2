"""Transactions keep or undo whole, JSON comes back as it went in, and an old server is refused."""

import asyncio
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from wattline.database.connection import Database, DatabaseTooOld, refuse_old_server, until_back, wake
from wattline.database.roles import as_owner


async def count(database: Database) -> Any:
    async with database.read() as connection:
        return await connection.fetchval("select count(*) from thing")


@pytest.fixture
async def thing(database: Database) -> Database:
    """A database with one small table of our own."""
    async with database.begin() as tx:
        await as_owner(tx)
        await tx.execute("create table thing (id bigint, value jsonb)")
    return database


async def test_a_finished_block_is_committed(thing: Database) -> None:
    async with thing.begin() as tx:
        await tx.execute("insert into thing values (1)")
    assert await count(thing) == 1


async def test_an_exception_undoes_the_whole_block(thing: Database) -> None:
    with pytest.raises(ValueError, match="no"):
        await insert_and_fail(thing)
    assert await count(thing) == 0


async def insert_and_fail(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute("insert into thing values (1)")
        raise ValueError("no")


async def test_a_cancelled_block_is_undone_and_its_connection_is_usable_again(thing: Database) -> None:
    inserted = asyncio.Event()

    async def insert_and_wait() -> None:
        async with thing.begin() as tx:
            await tx.execute("insert into thing values (1)")
            inserted.set()
            await tx.execute("select pg_sleep(30)")

    task = asyncio.create_task(insert_and_wait())
    await inserted.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await count(thing) == 0


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None, "ü ☃"], "b": {}}, [], "text", 7, True, None])
async def test_jsonb_gives_back_what_it_took(thing: Database, value: object) -> None:
    async with thing.begin() as tx:
        assert await tx.fetchval("select $1::jsonb", value) == value
        assert await tx.fetchval("select $1::json", value) == value
        await tx.copy_records_to_table("thing", records=[(1, value)], columns=["id", "value"])
        assert await tx.fetchval("select value from thing") == value


async def test_jsonb_takes_what_msgspec_can_write(database: Database) -> None:
    async with database.read() as connection:
        assert await connection.fetchval("select $1::jsonb", {"price": Decimal("1.10")}) == {"price": "1.10"}


async def test_a_wait_for_a_lock_ends(thing: Database) -> None:
    async with thing.begin() as first, thing.begin() as second:
        await first.execute("lock table thing")
        await second.execute("set local lock_timeout = '50ms'")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await second.execute("insert into thing values (1)")


async def test_sessions_have_limits(database: Database) -> None:
    async with database.read() as pooled, database.dedicated() as alone:
        settings = ("lock_timeout", "statement_timeout", "timezone")
        assert [await pooled.fetchval(f"show {name}") for name in settings] == ["10s", "30s", "UTC"]
        assert [await alone.fetchval(f"show {name}") for name in settings] == ["10s", "0", "UTC"]


async def test_a_dedicated_connection_listens(database: Database) -> None:
    heard: asyncio.Queue[object] = asyncio.Queue()
    async with database.dedicated() as connection:
        await connection.add_listener("news", lambda *told: heard.put_nowait(told[-1]))
        async with database.begin() as tx:
            await tx.execute("select pg_notify('news', 'hello')")
        assert await asyncio.wait_for(heard.get(), 5) == "hello"


async def test_a_statement_alone_is_committed_and_wakes_those_who_wait(thing: Database) -> None:
    heard: asyncio.Queue[object] = asyncio.Queue()
    async with thing.dedicated() as connection:
        await connection.add_listener("news", lambda *told: heard.put_nowait(told[-1]))
        async with thing.statement() as tx:
            await tx.execute("insert into thing values (1)")
            wake(tx, "news", "hello")
        assert await asyncio.wait_for(heard.get(), 5) == "hello"
    assert await count(thing) == 1


async def test_trying_again_ends_at_the_deadline_and_only_repeats_when_postgresql_is_away() -> None:
    attempts: list[str] = []

    async def away() -> None:
        attempts.append("away")
        raise asyncpg.CannotConnectNowError("starting up")

    async def wrong() -> None:
        attempts.append("wrong")
        raise asyncpg.InvalidPasswordError("no")

    with pytest.raises(asyncpg.CannotConnectNowError):
        await until_back(away, seconds_max=0.1)
    assert attempts.count("away") > 1
    with pytest.raises(asyncpg.InvalidPasswordError):
        await until_back(wrong)
    assert attempts.count("wrong") == 1


async def test_nobody_there_is_said_within_the_deadline(postgres_url: str) -> None:
    with pytest.raises(asyncpg.InvalidCatalogNameError, match="nowhere"):
        await Database.open(postgres_url.replace("/wattline?", "/nowhere?").replace("/postgres?", "/nowhere?"))


def test_postgresql_older_than_15_is_refused_with_what_to_do() -> None:
    refuse_old_server(15)
    with pytest.raises(
        DatabaseTooOld, match=r"needs PostgreSQL 15 or newer, but .* version 14.*leave DATABASE_URL unset"
    ):
        refuse_old_server(14)
