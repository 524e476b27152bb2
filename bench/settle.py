"""What paying for finished charges costs: price, sale, fees and VAT, each charge in a transaction of its own.

`./dev bench settle [--charges N]`. A PostgreSQL of its own, with fsync, in a temporary folder. Charges are made by the
verbs that charge points and programs use, and wait with their cables in; then a day passes, and the worker closes and
settles them. Beside it stands what as many bare commits of one row take in the same run.
"""

import argparse
import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta
from time import perf_counter

import uvloop
from bench.readings import make_directory
from bench.rig.processes import cost_of, tree
from bench.rig.table import keep, show
from tests.operations.market import Market, open_market
from tests.operations.story import NOON, Box, begin_story

from wattline.database.connection import Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.database.migrate import migrate
from wattline.operations import timers
from wattline.operations.ledger_verify import verify

AT_ONCE = 8


async def measure(charges: int) -> None:
    directory = make_directory()
    postgres = EmbeddedPostgres(directory)
    url = await postgres.start()
    try:
        await migrate(url)
        database = await Database.open(url)
        market = await open_market(await begin_story(database), funds_minor=10**12)
        await market.take_fee(None, "2")
        await market.take_fee(market.story.viewer.operator_id, "3")
        await prepare(market, charges)
        rows = [await floor(database, charges, postgres.pid), await settle(market, charges, postgres.pid)]
        show("Settling", rows)
        print(keep("settle", {"settling": rows}))
        verdict = await verify(database)
        print(f"books: {verdict.journals} journals, {verdict.transfers} transfers, wrong: {len(verdict.wrong)}")
        await database.close()
    finally:
        await postgres.stop()
        shutil.rmtree(directory)


async def prepare(market: Market, charges: int) -> None:
    """Let charges run and stop, eight at a time, their cables still in."""
    boxes = [await market.story.new_box(1, price_group_id=market.price_group_id) for _ in range(charges)]
    waiting = iter(boxes)

    async def work() -> None:
        for box in waiting:
            await one(market, box)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def one(market: Market, box: Box) -> None:
    """Let one charge run for an hour, in a story of its own so that nobody shares its clock."""
    story = replace(market.story)
    charge = await Market(story, market.price_group_id).buy(connector_id=box.connectors[1])
    answer = await story.begin(charge.id_tag, box=box, meter_wh=0)
    await story.rows("update connector_live set cable_plugged_in = true where connector_id = $1", box.connectors[1])
    for minute in range(5, 60, 5):
        story.later(minutes=5)
        await story.measure(minute * 180, answer.ocpp_transaction_id, box=box)
    await story.end(answer.ocpp_transaction_id, 10_800, box=box)


async def settle(market: Market, charges: int, postgres_pid: int) -> dict[str, object]:
    tomorrow = market.story.now + timedelta(hours=26)
    before, began = cpu_of(postgres_pid), perf_counter()
    while await timers.run_due(market.story.database, now=tomorrow):
        pass
    seconds, server_cpu = perf_counter() - began, cpu_of(postgres_pid) - before
    [row] = await market.story.rows("select count(*) as settled from charge_payment where state = 'settled'")
    assert row["settled"] == charges
    return figures("close and settle", charges, seconds, server_cpu)


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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--charges", type=int, default=10_000)
    uvloop.run(measure(parser.parse_args().charges))
