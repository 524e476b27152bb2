"""The program works with fewer rights than the owner of the database, where there is a role for that."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.conftest import administer, url_of
from wattline.database.connection import Database
from wattline.database.migrate import migrate
from wattline.database.roles import as_owner

HOSTED = f"wattline_hosted_{os.getpid()}"
WHO = "select current_user"
BOOKED = ("ledger_journal", "ledger_transfer", "ledger_entry", "ledger_failed")


async def test_verbs_and_questions_work_as_wattline_app(database: Database) -> None:
    async with database.begin() as tx:
        assert await tx.fetchval(WHO) == "wattline_app"
    async with database.read() as connection:
        assert await connection.fetchval(WHO) == "wattline_app"


@pytest.mark.parametrize("table", BOOKED)
async def test_wattline_app_may_add_to_what_was_booked_and_nothing_else(database: Database, table: str) -> None:
    async with database.read() as connection:
        granted = {
            right: await connection.fetchval("select has_table_privilege($1, $2)", table, right)
            for right in ("select", "insert", "update", "delete", "truncate")
        }
    assert granted == {"select": True, "insert": True, "update": False, "delete": False, "truncate": False}


async def test_it_may_change_everything_else(database: Database) -> None:
    async with database.read() as connection:
        forbidden = await connection.fetch(
            """select relname from pg_class
               where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> all($1)
                 and not has_table_privilege(oid, 'select, insert, update, delete')
                 and relname not like 'ledger%' and relname <> 'alembic_version'""",
            BOOKED,
        )
    assert forbidden == []


async def test_tables_are_made_by_the_owner_and_only_until_the_commit(database: Database) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.begin() as tx:
            await tx.execute("create table thing (id bigint)")
    async with database.begin() as tx:
        await as_owner(tx)
        await tx.execute("create table thing (id bigint)")
    async with database.begin() as tx:
        assert await tx.fetchval(WHO) == "wattline_app"
        await tx.execute("insert into thing values (1)")


async def test_an_owner_who_may_make_no_roles_works_as_it_is_behind_the_triggers(postgres_url: str) -> None:
    async with hosted(postgres_url) as database:
        async with database.begin() as tx:
            assert await tx.fetchval(WHO) == HOSTED
        with pytest.raises(asyncpg.RestrictViolationError, match="only ever added to"):
            async with database.begin() as tx:
                await tx.execute("delete from ledger_entry")


@pytest.mark.usefixtures("template_name")  # whose migration made the role
async def test_an_administrator_can_lend_the_role_to_such_an_owner(postgres_url: str) -> None:
    async with hosted(postgres_url, "grant wattline_app to {name}") as database:
        async with database.begin() as tx:
            assert await tx.fetchval(WHO) == "wattline_app"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.begin() as tx:
                await tx.execute("delete from ledger_entry")


@asynccontextmanager
async def hosted(postgres_url: str, *more: str) -> AsyncIterator[Database]:
    """Lend a database as others rent it out: its owner may do what it likes in it, and nothing outside."""
    for statement in ("create role {name} login", "create database {name} owner {name}", *more):
        await administer(postgres_url, statement.format(name=HOSTED))
    parts = urlsplit(url_of(postgres_url, HOSTED))
    url = urlunsplit(parts._replace(netloc=f"{HOSTED}@{parts.netloc.rpartition('@')[2]}"))
    try:
        await migrate(url)
        database = await Database.open(url)
        yield database
        await database.close()
    finally:
        await administer(postgres_url, f"drop database {HOSTED} with (force)")
        await administer(postgres_url, f"drop role {HOSTED}")
