"""What paying for finished charges costs: price, sale, fees and VAT, each charge in a transaction of its own.

`./dev bench settle [--charges N] [--teams N]`. A PostgreSQL of its own, with fsync, in a temporary folder. Charges are
made by the verbs that charge points and programs use, and wait with their cables in; then a day passes, and the worker
closes and settles them: first all of one seller and one payer, who wait for each other, then of many. Beside it stands
what as many bare commits of one row take in the same run. The project's figure is that of `--charges 10000`.
"""

import argparse
import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle
from time import perf_counter, process_time

import uvloop
from bench.readings import make_directory
from bench.rig.processes import cost_of, tree
from bench.rig.table import keep, show
from tests.operations.market import Market, open_market
from tests.operations.story import NOON, Box, Story, begin_story

from wattline.database.connection import Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.database.migrate import migrate
from wattline.operations import timers
from wattline.operations.ledger_verify import verify

AT_ONCE = 8
SOCKETS_A_BOX = 10


@dataclass(frozen=True)
class Socket:
    """Where one charge is going to be, and in which market."""

    market: Market
    box: Box
    number: int


async def measure(charges: int, teams: int) -> None:
    directory = make_directory()
    postgres = EmbeddedPostgres(directory)
    url = await postgres.start()
    try:
        await migrate(url)
        database = await Database.open(url)
        market = await open_market(await begin_story(database), funds_minor=10**12)
        await market.take_fee(None, "2")
        await market.take_fee(market.story.viewer.operator_id, "3")
        rows = [await floor(database, charges, postgres.pid)]
        rows.append(await settle("one seller, one payer", [market], charges, postgres.pid))
        markets = [await another_market(market, number) for number in range(teams)]
        rows.append(await settle(f"{teams} sellers, {teams} payers", markets, charges, postgres.pid))
        show("Closing and settling", rows)
        print(keep("settle", {"settling": rows}))
        verdict = await verify(database)
        print(f"books: {verdict.journals} journals, {verdict.transfers} transfers, wrong: {len(verdict.wrong)}")
        await database.close()
    finally:
        await postgres.stop()
        shutil.rmtree(directory)


async def another_market(market: Market, number: int) -> Market:
    """Let another team sell, and another one pay."""
    story = market.story
    seller, payer = [await new_team(story, f"{word} {number}") for word in ("Seller", "Payer")]
    return await open_market(replace(story, team_id=seller, neighbour_team_id=payer), funds_minor=10**12)


async def new_team(story: Story, name: str) -> int:
    [row] = await story.rows(ADD_TEAM, story.viewer.operator_id, name, NOON)
    return int(row["id"])


async def settle(what: str, markets: Sequence[Market], charges: int, postgres_pid: int) -> dict[str, object]:
    database = markets[0].story.database
    await prepare(markets, charges)
    # What a server has done on its own by the time that it has so many charges.
    async with database.begin() as tx:
        await tx.execute("set local role none; analyze")
    tomorrow = markets[0].story.now + timedelta(hours=26)
    settled_before = await settled(database)
    python_before, before, began = process_time(), cpu_of(postgres_pid), perf_counter()
    while await timers.run_due(database, now=tomorrow):
        pass
    seconds, python = perf_counter() - began, process_time() - python_before
    row = figures(what, charges, seconds, cpu_of(postgres_pid) - before)
    assert await settled(database) - settled_before == charges
    return row | {"Python CPU ms each": round(python / charges * 1_000, 2)}


async def settled(database: Database) -> int:
    async with database.read() as connection:
        return int(await connection.fetchval("select count(*) from charge_payment where state = 'settled'"))


async def prepare(markets: Sequence[Market], charges: int) -> None:
    """Let charges run and stop, eight at a time, their cables still in."""
    waiting = iter(await make_sockets(markets, charges))

    async def work() -> None:
        for socket in waiting:
            await one(socket)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def make_sockets(markets: Sequence[Market], charges: int) -> list[Socket]:
    """Set up boxes for so many charges, and go round among them, so that none has many charges at the same moment."""
    sockets, turns = list[Socket](), cycle(markets)
    while len(sockets) < charges:
        market = next(turns)
        box = await market.story.new_box(*range(1, SOCKETS_A_BOX + 1), price_group_id=market.price_group_id)
        sockets += [Socket(market, box, number) for number in box.connectors]
    return sorted(sockets[:charges], key=lambda socket: socket.number)


async def one(socket: Socket) -> None:
    """Let one charge run for an hour, in a story of its own so that nobody shares its clock."""
    box, number, connector_id = socket.box, socket.number, socket.box.connectors[socket.number]
    story = replace(socket.market.story)
    charge = await Market(story, socket.market.price_group_id).buy(connector_id=connector_id)
    answer = await story.begin(charge.id_tag, box=box, connector=number, meter_wh=0)
    await story.rows("update connector_live set cable_plugged_in = true where connector_id = $1", connector_id)
    began, transaction = story.now, answer.ocpp_transaction_id
    story.later(minutes=60)
    readings = [
        story.reading(
            minute * 180, transaction_id=transaction, connector=number, box=box, at=began + timedelta(minutes=minute)
        )
        for minute in range(5, 60, 5)
    ]
    await story.record(*readings)
    await story.end(transaction, 10_800, box=box)


async def floor(database: Database, charges: int, postgres_pid: int) -> dict[str, object]:
    before, began = cpu_of(postgres_pid), perf_counter()
    for number in range(charges):
        async with database.begin() as tx:
            await tx.execute("insert into rate_window values ($1, $2, 1)", f"floor {number}", NOON)
    seconds = perf_counter() - began
    return figures("bare commits of one row", charges, seconds, cpu_of(postgres_pid) - before)


def cpu_of(postgres_pid: int) -> float:
    return sum(cost_of(pid).cpu_s for pid in tree(postgres_pid))


def figures(what: str, charges: int, seconds: float, server_cpu: float) -> dict[str, object]:
    return {
        "what": what,
        "charges": charges,
        "seconds": round(seconds, 2),
        "seconds for 10,000": round(seconds / charges * 10_000, 1),
        "ms each": round(seconds / charges * 1_000, 2),
        "PostgreSQL CPU ms each": round(server_cpu / charges * 1_000, 2),
    }


ADD_TEAM = """
insert into team (operator_id, name, type, join_code, created_at, updated_at)
values ($1, $2, 'professional', $2, $3, $3) returning id
"""

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--charges", type=int, default=2_000)
    parser.add_argument("--teams", type=int, default=50)
    asked = parser.parse_args()
    uvloop.run(measure(asked.charges, asked.teams))
