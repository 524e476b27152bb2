"""Settling while connections die: whoever was in the middle begins again, and no charge is paid twice or not at all."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import asyncpg

from tests.operations.market import Market, open_market
from tests.operations.story import Box, Story
from wattline.database.connection import AWAY
from wattline.operations import timers

CHARGES = 24
DEATHS = 12


async def test_connections_that_die_in_the_middle_of_settling_lose_and_double_nothing(
    story: Story, database_url: str
) -> None:
    market = await open_market(story, funds_minor=1_000_000)
    await market.take_fee(None, "2")
    await market.take_fee(story.viewer.operator_id, "3")
    boxes = [await story.new_box(1, price_group_id=market.price_group_id) for _ in range(CHARGES)]
    for box in boxes:
        await stand_with_the_cable_in(market, box)
    later = replace(story, now=story.now + timedelta(hours=26))
    deaths = list[int]()
    killer = asyncio.create_task(kill_connections(database_url, deaths))
    while await unsettled(story):
        with suppress(ExceptionGroup, asyncpg.InterfaceError, *AWAY):
            await timers.run_due(story.database, now=later.now)
    killer.cancel()
    assert deaths
    assert await market.has("team", story.neighbour_team_id) == 1_000_000 - CHARGES * 500
    assert await market.has("team", story.team_id) == CHARGES * (500 - 10 - 15)
    assert await market.held("team", story.neighbour_team_id) == 0
    assert len(await market.movements()) == 3 * CHARGES
    assert await market.books_are_right()


async def stand_with_the_cable_in(market: Market, box: Box) -> None:
    """Sell 10 kWh, paid for when the cable comes out or a day has passed."""
    story = market.story
    charge = await market.buy(connector_id=box.connectors[1])
    answer = await story.begin(charge.id_tag, box=box, meter_wh=0)
    await story.rows("update connector_live set cable_plugged_in = true where connector_id = $1", box.connectors[1])
    await story.end(answer.ocpp_transaction_id, 10_000, box=box)


async def unsettled(story: Story) -> bool:
    while True:
        with suppress(asyncpg.InterfaceError, *AWAY):
            return bool(await story.rows("select from charge_payment where state = 'held'"))


async def kill_connections(database_url: str, deaths: list[int]) -> None:
    """End those that are in the middle of a transaction, one after the other."""
    connection = await asyncpg.connect(database_url)
    try:
        while len(deaths) < DEATHS:
            deaths += [row["pid"] for row in await connection.fetch(KILL_ONE)]
    finally:
        await connection.close()


KILL_ONE = """
select pid, pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
  and (query like '%ledger%' or query like '%wallet_transaction%') and xact_start is not null
order by random() limit 1
"""
