"""Migrations run once, under a lock, and a database of a newer Wattline is left alone."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.conftest import administer, url_of
from wattline.database.migrate import ADVISORY_LOCK, DatabaseTooNew, migrate, newest_revision


@pytest.fixture
async def empty_url(postgres_url: str) -> AsyncIterator[str]:
    """The URL of a database without a single table."""
    await administer(postgres_url, "create database empty")
    yield url_of(postgres_url, "empty")
    await administer(postgres_url, "drop database empty with (force)")


async def applied(url: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("select version_num from alembic_version")
    finally:
        await connection.close()


async def test_an_empty_database_gets_the_newest_schema_and_then_nothing_more(empty_url: str) -> None:
    assert await migrate(empty_url) is True
    assert await applied(empty_url) == newest_revision()
    assert await migrate(empty_url) is False


async def test_two_servers_that_start_at_once_migrate_once(empty_url: str) -> None:
    assert sorted(await asyncio.gather(migrate(empty_url), migrate(empty_url))) == [False, True]


async def test_a_server_waits_for_another_one_that_migrates(empty_url: str) -> None:
    other = await asyncpg.connect(empty_url)
    await other.execute("select pg_advisory_lock($1)", ADVISORY_LOCK)
    waiting = asyncio.create_task(migrate(empty_url))
    while not await other.fetchval("select count(*) from pg_locks where locktype = 'advisory' and not granted"):
        assert not waiting.done()
    await other.close()
    assert await waiting is True


async def test_a_database_of_a_newer_wattline_is_left_alone(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("update alembic_version set version_num = '9999'")
    await connection.close()
    with pytest.raises(DatabaseTooNew, match=r"at migration 9999.*start the newer Wattline"):
        await migrate(database_url)


def test_a_current_database_costs_no_import_of_alembic(database_url: str) -> None:
    program = (
        "import asyncio, sys; from wattline.database.migrate import migrate;"
        "print(asyncio.run(migrate(sys.argv[1])), 'alembic' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, database_url], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False", "False"]
