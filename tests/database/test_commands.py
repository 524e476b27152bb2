"""A command row wakes the gateway that holds the box's socket, when the transaction commits."""

import asyncio
from datetime import UTC, datetime, timedelta

from wattline.database import commands
from wattline.database.bus import PostgresBus
from wattline.database.connection import Database, Transaction

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def box(tx: Transaction) -> int:
    await tx.execute(
        "insert into operator (id, name, identifier, created_at) values (1, 'Default', 'default', $1)", NOON
    )
    await tx.execute(
        "insert into team (id, operator_id, name, type, join_code, created_at, updated_at) "
        "values (1, 1, 'Default', 'operator', 'AAAA', $1, $1)",
        NOON,
    )
    await tx.execute(
        "insert into charge_point (id, operator_id, team_id, identity, identity_key, created_at, updated_at) "
        "values (7, 1, 1, 'BOX', 'box', $1, $1)",
        NOON,
    )
    return 7


async def add_reset(tx: Transaction) -> int:
    return await commands.add(
        tx,
        charge_point_id=7,
        operator_id=1,
        action="Reset",
        payload={"type": "Soft"},
        purpose="reboot",
        asked_by="somebody",
        deadline_at=NOON + timedelta(seconds=30),
        now=NOON,
    )


async def test_the_gateway_with_the_socket_hears_of_the_command(database: Database, database_url: str) -> None:
    async with PostgresBus(database_url) as bus, bus.subscribe(commands.channel_of("g1")) as texts:
        async with database.begin() as tx:
            await box(tx)
            await tx.execute("insert into lease values (7, 'g1', 1, $1)", NOON)
            assert await commands.has_contact(tx, 7)
            await add_reset(tx)
        async with asyncio.timeout(60):
            assert await anext(texts) == "call 7"


async def test_without_contact_the_command_fails_at_once(database: Database) -> None:
    async with database.begin() as tx:
        await box(tx)
        assert not await commands.has_contact(tx, 7)
        await add_reset(tx)
        assert await tx.fetchval("select outcome from command") == "no-contact"
