"""The outbox: facts come with their change, in an order in which no reader can miss one."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from wattline.database import outbox
from wattline.database.connection import Database
from wattline.domain.facts import ChargeMoved, Fact, SiteCreated

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def moved(charge_id: int) -> Fact:
    return ChargeMoved(
        entity_id=charge_id, operator_ids=(1, 2), team_ids=(3,), charge_point_id=4, detail={"to": "charging"}
    )


async def read(database: Database, subscriber: str = "reader", limit: int = 10) -> list[str]:
    async with database.begin() as tx:
        rows = await outbox.read_new(tx, subscriber, limit=limit)
        if rows:
            await outbox.advance(tx, subscriber, rows[-1])
    return [row.entity_id for row in rows]


async def test_a_fact_is_read_as_it_was_told(database: Database) -> None:
    async with database.begin() as tx:
        await outbox.add(tx, [moved(7), SiteCreated(entity_id=8, operator_ids=(1,), team_ids=())], now=NOON)
    async with database.begin() as tx:
        first, second = await outbox.read_new(tx, "reader", limit=10)
    assert (first.kind, first.event_type, first.entity_type, first.change) == (
        "ChargeMoved", "charges", "charge", "updated",
    )  # fmt: skip
    assert (first.entity_id, first.at, first.charge_point_id, first.detail) == ("7", NOON, 4, {"to": "charging"})
    assert (list(first.operator_ids), list(first.team_ids)) == ([1, 2], [3])
    assert (second.entity_id, second.detail, list(second.team_ids)) == ("8", None, [])


async def test_each_subscriber_reads_at_its_own_pace(database: Database) -> None:
    for number in range(5):
        async with database.begin() as tx:
            await outbox.add(tx, [moved(number)], now=NOON)
    assert await read(database, limit=2) == ["0", "1"]
    assert await read(database) == ["2", "3", "4"]
    assert await read(database) == []
    assert await read(database, "another") == ["0", "1", "2", "3", "4"]


async def test_a_slow_transaction_is_waited_for_so_that_none_is_skipped(database: Database) -> None:
    async with database.begin() as slow:
        await outbox.add(slow, [moved(1)], now=NOON)
        async with database.begin() as quick:
            await outbox.add(quick, [moved(2)], now=NOON)
        assert await read(database) == []
    assert await read(database) == ["1", "2"]


async def test_readers_are_woken_once_per_transaction_and_only_when_there_is_news(
    database: Database, database_url: str
) -> None:
    woken: asyncio.Queue[str] = asyncio.Queue()
    ears = await asyncpg.connect(database_url)
    await ears.add_listener(outbox.CHANNEL, lambda *news: woken.put_nowait(news[-1]))
    async with database.begin() as tx:
        await outbox.add(tx, [], now=NOON)
    async with database.begin() as tx:
        await outbox.add(tx, [moved(1)], now=NOON)
        await outbox.add(tx, [moved(2), moved(3)], now=NOON)
    assert await asyncio.wait_for(woken.get(), 60) == ""
    await ears.fetchval("select 1")
    assert woken.empty()
    await ears.close()


async def test_nobody_is_woken_for_what_was_rolled_back(database_url: str) -> None:
    woken: asyncio.Queue[str] = asyncio.Queue()
    ears = await asyncpg.connect(database_url)
    await ears.add_listener(outbox.CHANNEL, lambda *news: woken.put_nowait(news[-1]))
    one_connection = await Database.open(database_url, connections_max=1)
    with pytest.raises(ZeroDivisionError):
        await break_off(one_connection)
    async with one_connection.begin() as tx:
        await tx.execute("select pg_notify($1, 'after it')", outbox.CHANNEL)
    assert await asyncio.wait_for(woken.get(), 60) == "after it"
    await one_connection.close()
    await ears.close()


async def test_what_is_rolled_back_never_happened(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await break_off(database)
    assert await read(database) == []


async def break_off(database: Database) -> None:
    async with database.begin() as tx:
        await outbox.add(tx, [moved(1)], now=NOON)
        raise ZeroDivisionError
