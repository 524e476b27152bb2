"""The bus: who listens hears, and after PostgreSQL was away everybody looks again."""

import asyncio

import asyncpg

from wattline.database.bus import TEXTS_WAITING_MAX, Bus, InProcessBus, PostgresBus, Subscription


async def next_of(texts: Subscription) -> str:
    async with asyncio.timeout(60):
        return await anext(texts)


async def hears_only_its_channel(bus: Bus) -> None:
    async with bus.subscribe("facts") as texts, bus.subscribe("gateway_a"):
        await bus.publish("gateway_a", "for another")
        await bus.publish("facts", "first")
        await bus.publish("facts", "second")
        assert [await next_of(texts), await next_of(texts)] == ["first", "second"]


async def test_a_listener_hears_its_channel_in_process() -> None:
    await hears_only_its_channel(InProcessBus())


async def test_a_listener_hears_its_channel_through_postgresql(database_url: str) -> None:
    async with PostgresBus(database_url) as bus:
        await hears_only_its_channel(bus)


async def test_a_text_sent_inside_a_transaction_is_heard_when_it_commits(database_url: str) -> None:
    other = await asyncpg.connect(database_url)
    async with PostgresBus(database_url) as bus, bus.subscribe("facts") as texts:
        async with other.transaction():
            await other.execute("select pg_notify('facts', 'committed')")
        assert await next_of(texts) == "committed"
    await other.close()


async def test_a_lost_connection_comes_back_and_says_look_at_everything(database_url: str) -> None:
    other = await asyncpg.connect(database_url)
    async with PostgresBus(database_url) as bus, bus.subscribe("facts") as texts:
        await other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> $1",
            other.get_server_pid(),
        )
        assert await next_of(texts) == ""
        await bus.publish("facts", "again")
        assert await next_of(texts) == "again"
    await other.close()


async def test_what_nobody_reads_melts_into_one_look_at_everything() -> None:
    bus = InProcessBus()
    async with bus.subscribe("facts") as texts:
        for number in range(TEXTS_WAITING_MAX + 1):
            await bus.publish("facts", str(number))
        await bus.publish("facts", "after")
        assert [await next_of(texts), await next_of(texts)] == ["", "after"]
