"""How many holds a second are booked and posted, durably, by 8 writers: one commit each, and in groups.

`./dev bench ledger [--seconds N] [--group N]`. A PostgreSQL of its own, with fsync, in a temporary folder; 2,000
drivers, 300 sellers, one platform that takes a fee of every sale. Beside each figure stands what bare inserts of as
many rows, in as many commits, reach in the same run.
"""

import argparse
import asyncio
import os
import random
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import uvloop
from bench.rig.processes import cost_of, tree
from bench.rig.table import keep, show

from wattline.database.connection import Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.database.migrate import migrate
from wattline.domain.ledger import AMOUNT_ALL, Code, Kind, Result, Transfer
from wattline.domain.ledger_accounts import Owner
from wattline.operations.ledger import account_of, accounts_of, book
from wattline.operations.ledger_verify import verify

WRITERS = 8
DRIVERS, SELLERS = 2_000, 300
FUNDS = 10**12
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
WEEK_SECONDS = 7 * 24 * 3_600

# Both commits of this many pairs, by one writer.
Pairs = Callable[[Database, random.Random], Awaitable[None]]


@dataclass(frozen=True)
class Town:
    """Whose money moves."""

    drivers: Sequence[int]
    sellers: Sequence[int]
    platform: int


@dataclass(frozen=True)
class Way:
    """One way to book pairs, and how many a call books."""

    name: str
    group: int
    run: Pairs
    floor: Pairs


async def measure(seconds: float, group: int) -> None:
    directory = make_directory()
    postgres = EmbeddedPostgres(directory)
    try:
        url = await postgres.start()
        await migrate(url)
        database = await Database.open(url, connections_max=WRITERS)
        town = await set_up(database)
        rows = [await figures(database, way, seconds, postgres) for way in ways(town, group)]
        show("hold + post, 8 writers, durable", rows)
        verdict = await verify(database)
        print(f"{verdict.journals} journals, {verdict.entries} entries, wrong: {len(verdict.wrong)}")
        print(f"kept in {keep('ledger', {'rows': rows})}")
        await database.close()
    finally:
        await postgres.stop()
        shutil.rmtree(directory)


def ways(town: Town, group: int) -> list[Way]:
    return [
        Way("one commit each", 1, booking(town, 1, fee=False), bare_inserts(1)),
        Way("one commit each, and a fee to the platform", 1, booking(town, 1, fee=True), bare_inserts(1)),
        Way(f"groups of {group}", group, booking(town, group, fee=False), bare_inserts(group)),
        Way(
            f"groups of {group}, and a fee to the platform", group, booking(town, group, fee=True), bare_inserts(group)
        ),
    ]


async def figures(database: Database, way: Way, seconds: float, postgres: EmbeddedPostgres) -> dict[str, object]:
    await pairs_per_second(database, way.run, way.group, min(seconds, 1.0))
    python, server = cpu_seconds(postgres)
    reached, pairs = await pairs_per_second(database, way.run, way.group, seconds)
    python, server = (after - before for after, before in zip(cpu_seconds(postgres), (python, server), strict=True))
    floor, _ = await pairs_per_second(database, way.floor, way.group, seconds)
    return {
        "what": way.name,
        "pairs/s": round(reached),
        "floor, pairs/s": round(floor),
        "python µs/pair": round(python / pairs * 1e6),
        "postgres µs/pair": round(server / pairs * 1e6),
    }


async def pairs_per_second(database: Database, run: Pairs, group: int, seconds: float) -> tuple[float, int]:
    """Let all writers work for some seconds; return pairs per second, and pairs."""
    loop = asyncio.get_running_loop()
    started = loop.time()

    async def write(seed: int) -> int:
        chance, pairs = random.Random(seed), 0
        while loop.time() - started < seconds:
            await run(database, chance)
            pairs += group
        return pairs

    pairs = sum(await asyncio.gather(*(write(seed) for seed in range(WRITERS))))
    return pairs / (loop.time() - started), pairs


def booking(town: Town, group: int, *, fee: bool) -> Pairs:
    """Hold for `group` charges in one commit, post all of them in the next."""

    async def run(database: Database, chance: random.Random) -> None:
        holds = [hold_of(town, chance) for _ in range(group)]
        await commit(database, holds)
        await commit(database, [part for hold in holds for part in settlement_of(town, hold, fee=fee)])

    return run


async def commit(database: Database, transfers: Sequence[Transfer]) -> None:
    async with database.begin() as tx:
        results = await book(tx, transfers, now=NOW)
    assert set(results) == {Result.CREATED}, results


def hold_of(town: Town, chance: random.Random) -> Transfer:
    driver, seller, amount = chance.choice(town.drivers), chance.choice(town.sellers), chance.randint(100, 9_000)
    return Transfer(
        new_id(),
        driver,
        seller,
        amount,
        "eur",
        Code.SALE,
        Kind.HOLD,
        timeout_seconds=WEEK_SECONDS,
        reference="charge:1",
    )


def settlement_of(town: Town, hold: Transfer, *, fee: bool) -> list[Transfer]:
    post = Transfer(
        new_id(), hold.debit, hold.credit, AMOUNT_ALL, "", Code.NONE, Kind.POST, pending_id=hold.id, linked=fee
    )
    return [post, Transfer(new_id(), hold.credit, town.platform, 10, "eur", Code.PLATFORM_FEE)] if fee else [post]


def bare_inserts(group: int) -> Pairs:
    """Write as many rows as there are holds, then as many as there are posts, into a table without anything."""

    async def run(database: Database, _: random.Random) -> None:
        for _commit in range(2):
            async with database.begin() as tx:
                await tx.execute("insert into bare select id, 1, 2, 3 from unnest($1::uuid[]) as id", ids(group))

    return run


def ids(count: int) -> list[UUID]:
    return [new_id() for _ in range(count)]


def new_id() -> UUID:
    return UUID(int=random.getrandbits(128))


async def set_up(database: Database) -> Town:
    """Open accounts and fund every driver."""
    async with database.begin() as tx:
        await tx.execute("set local role none; create table bare (id uuid primary key, a bigint, b bigint, c bigint)")
    async with database.begin() as tx:
        drivers = await accounts_of(tx, [Owner("user", f"{n}") for n in range(DRIVERS)], "eur", now=NOW)
        sellers = await accounts_of(tx, [Owner("team", f"{n}") for n in range(SELLERS)], "eur", now=NOW)
        platform = await account_of(tx, Owner("platform", "1"), "eur", now=NOW)
        bank = await account_of(tx, Owner("bank", "1"), "eur", now=NOW)
    await commit(database, [Transfer(new_id(), bank, id, FUNDS, "eur", Code.DEPOSIT) for id in drivers.values()])
    async with database.begin() as tx:
        await tx.execute("set local role none; analyze")
    return Town([*drivers.values()], [*sellers.values()], platform)


def cpu_seconds(postgres: EmbeddedPostgres) -> tuple[float, float]:
    """What this process and PostgreSQL have used so far."""
    assert postgres.pid is not None
    return cost_of(os.getpid()).cpu_s, sum(cost_of(pid).cpu_s for pid in tree(postgres.pid))


def make_directory() -> Path:
    """Make a folder on a real disk, since fsync is part of the price; PostgreSQL's system user passes through it."""
    directory = Path(tempfile.mkdtemp(prefix="wattline-bench-", dir="/var/tmp"))
    directory.chmod(0o711)
    return directory


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--group", type=int, default=50)
    asked = parser.parse_args()
    uvloop.run(measure(asked.seconds, asked.group))
