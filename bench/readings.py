"""What a stored meter value costs: CPU of this process and of PostgreSQL, per reading, by batch size.

`./dev bench readings [--charges N] [--readings N]`. A PostgreSQL of its own, with fsync, in a temporary
folder; every charge has its own box; times move on by a minute between two readings of a charge.
"""

import argparse
import asyncio
import itertools
import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import uvloop
from tests.operations.story import NOON, Story, begin_story

from wattline.database import partitions
from wattline.database.connection import Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.database.migrate import migrate
from wattline.operations.readings import NewReading, record_readings

BATCHES = (1, 12, 100)
TICKS = os.sysconf("SC_CLK_TCK")

SAMPLED = [
    {"value": "0", "context": "Sample.Periodic", "measurand": measurand, "location": "Outlet", "unit": unit}
    for measurand, unit in [
        ("Energy.Active.Import.Register", "Wh"), ("Power.Active.Import", "W"), ("Current.Import", "A"),
        ("Current.Import", "A"), ("Current.Import", "A"), ("Voltage", "V"), ("SoC", "Percent"),
    ]
]  # fmt: skip


async def measure(charges: int, readings: int) -> None:
    directory = make_directory()
    postgres = EmbeddedPostgres(directory)
    url = await postgres.start()
    try:
        await migrate(url)
        database = await Database.open(url)
        source = stream(await set_up(database, charges))
        print(f"{charges} charges, {readings} readings each size\n")
        print("batch   python µs   postgres µs   sum µs   readings/s")
        for size in BATCHES:
            await run(database, source, size, max(size * 5, 500), postgres.pid)
            python, server, seconds = await run(database, source, size, readings, postgres.pid)
            print(f"{size:5} {python:11.0f} {server:13.0f} {python + server:8.0f} {readings / seconds:12.0f}")
        await show_hot_updates(database)
        await database.close()
    finally:
        await postgres.stop()
        shutil.rmtree(directory)


def make_directory() -> Path:
    """Make a folder on a real disk: fsync is part of the price."""
    directory = Path(tempfile.mkdtemp(prefix="wattline-bench-", dir="/var/tmp"))
    # PostgreSQL's system user passes through it.
    directory.chmod(0o711)
    return directory


async def set_up(database: Database, charges: int) -> list[tuple[int, int, int]]:
    """Let charges run; return operator, box and transaction of each."""
    story: Story = await begin_story(database)
    async with database.begin() as tx:
        await partitions.make(tx, now=NOON)
    running = []
    for _ in range(charges):
        box = await story.new_box(1)
        charge = await story.ask(connector_id=box.connectors[1])
        answer = await story.begin(charge.id_tag, box=box, meter_wh=0)
        running.append((story.viewer.operator_id, box.id, answer.ocpp_transaction_id))
    return running


def stream(running: list[tuple[int, int, int]]) -> Iterator[NewReading]:
    for round_ in itertools.count(1):
        at = NOON + timedelta(seconds=2 * round_)
        for operator_id, box_id, transaction_id in running:
            yield NewReading(
                operator_id=operator_id, charge_point_id=box_id, connector_number=1,
                ocpp_transaction_id=transaction_id, measured_at=at, received_at=at, context="Sample.Periodic",
                energy_wh=31 * round_, power_w=11_040, current_a=16.0, voltage_v=230.1, soc_percent=57.0,
                sampled=SAMPLED, fingerprint=round_,
            )  # fmt: skip


async def run(
    database: Database, source: Iterator[NewReading], size: int, readings: int, postgres_pid: int | None
) -> tuple[float, float, float]:
    """Record readings in batches of `size`; return µs per reading of Python and of PostgreSQL, and seconds in all."""
    batches = [list(itertools.islice(source, size)) for _ in range(readings // size)]
    loop = asyncio.get_running_loop()
    python, server, started = own_cpu(), tree_cpu(postgres_pid), loop.time()
    for batch in batches:
        await record_readings(database, batch, now=batch[-1].received_at)
    done = readings // size * size
    seconds = loop.time() - started
    # PostgreSQL's share of a tick is lost per process, so the figures want thousands of readings.
    return (own_cpu() - python) / done * 1e6, (tree_cpu(postgres_pid) - server) / done * 1e6, seconds


def own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def tree_cpu(root: int | None) -> float:
    """CPU seconds of a process and its living children."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            continue
        if root in (int(stat.parent.name), int(fields[1])):
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


async def show_hot_updates(database: Database) -> None:
    """Say how many updates stayed within their page, as they should."""
    async with database.read() as connection:
        row = await connection.fetchrow(
            "select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'charge'"
        )
    assert row is not None
    print(f"\nupdates of charge: {row['n_tup_upd']}, of these HOT: {row['n_tup_hot_upd']}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--charges", type=int, default=200)
    parser.add_argument("--readings", type=int, default=6_000)
    asked = parser.parse_args()
    uvloop.run(measure(asked.charges, asked.readings))
