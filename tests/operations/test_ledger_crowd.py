"""Many at once on the same accounts, a database that dies in the middle, and answers that get lost on the way."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from tests.operations.ledger_stage import LedgerStage, begin_ledger
from tests.waiting import eventually
from wattline.database.connection import AWAY, Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.database.migrate import migrate
from wattline.domain.ledger import DONE, Result, Transfer
from wattline.operations.ledger import book, expire_due
from wattline.operations.ledger_verify import verify

WRITERS = 8
LOST = (*AWAY, asyncpg.InterfaceError, asyncpg.QueryCanceledError, TimeoutError)

# Everybody pays everybody, and all pay the platform.
NAMES = ("driver", "other driver", "seller", "operator", "platform", "terminal")


async def test_eight_writers_on_the_same_accounts_never_wait_for_each_other_in_a_ring(database: Database) -> None:
    stage = await begin_ledger(database, funds=1_000)
    answers = await asyncio.gather(*(pay_around(stage, seed) for seed in range(WRITERS)))
    created = sum(result is Result.CREATED for results in answers for result in results)
    assert created > 100
    assert (await verify(database)).wrong == ()


async def pay_around(stage: LedgerStage, seed: int) -> Sequence[Result]:
    """Book batches in which accounts come in any order."""
    chance, results = random.Random(seed), list[Result]()
    for _ in range(30):
        holds = [stage.hold(*two(chance), chance.randint(0, 90), timeout_seconds=1) for _ in range(3)]
        moves = [stage.move(*two(chance), chance.randint(0, 90), linked=True) for _ in range(2)]
        results += await stage.book(*holds, *moves, stage.move("driver", "platform", 1))
        results += await stage.book(*(stage.post(hold, 0) for hold in holds))
        if seed == 0:
            stage.later(seconds=1)
            await expire_due(stage.database, now=stage.now)
    return results


def two(chance: random.Random) -> tuple[str, str]:
    one, other = chance.sample(NAMES, 2)
    return one, other


async def test_two_starts_race_for_the_last_money_and_one_gets_it(database: Database) -> None:
    stage = await begin_ledger(database, funds=100)
    answers = await asyncio.gather(*(stage.book(stage.hold("driver", "seller", 60)) for _ in range(WRITERS)))
    assert sorted(answers) == [(Result.CREATED,)] + [(Result.EXCEEDS_CREDITS,)] * (WRITERS - 1)


@pytest.mark.parametrize(("debit", "credit"), [("driver", "seller"), ("terminal", "platform")])
async def test_the_same_transfer_asked_for_by_eight_at_once_is_booked_once(
    database: Database, debit: str, credit: str
) -> None:
    stage = await begin_ledger(database)
    hold = stage.hold(debit, credit, 60)
    answers = await asyncio.gather(*(stage.book(hold) for _ in range(WRITERS)))
    assert sorted(answers) == [(Result.CREATED,)] + [(Result.EXISTS,)] * (WRITERS - 1)
    post, void = stage.post(hold), stage.void(hold)
    answers = await asyncio.gather(*(stage.book(way) for way in (post, void) * 4))
    assert sum(answer == (Result.CREATED,) for answer in answers) == 1
    assert (await verify(database)).wrong == ()


async def test_killed_in_the_middle_it_keeps_what_it_confirmed_and_repeats_are_harmless(data_directory: Path) -> None:
    async with ledger_on_disk(data_directory) as (postgres, stage):
        chains = [
            [stage.move("driver", "seller", 7, linked=True), stage.move("seller", "operator", 2)] for _ in range(400)
        ]
        to_do = iter(chains)
        killing = asyncio.create_task(kill_now_and_then(postgres, stage))
        asked_again = sum(await asyncio.gather(*(book_until_answered(stage, to_do) for _ in range(WRITERS))))
        await killing
        assert asked_again > 0, "somebody was in the middle of it"
        assert (await stage.of("driver")).posted_minor == 10_000 - 400 * 7
        assert (await stage.of("seller")).posted_minor == 400 * 5
        assert (await stage.of("operator")).posted_minor == 400 * 2
        assert (await verify(stage.database)).wrong == ()


@asynccontextmanager
async def ledger_on_disk(directory: Path) -> AsyncIterator[tuple[EmbeddedPostgres, LedgerStage]]:
    """Start a PostgreSQL that keeps its promises, and start it again whenever it dies."""
    postgres = EmbeddedPostgres(directory)
    url = await postgres.start()
    watching = asyncio.create_task(postgres.watch())
    await migrate(url)
    database = await Database.open(url)
    try:
        yield postgres, await begin_ledger(database)
    finally:
        await database.close()
        await postgres.stop()
        await watching


async def kill_now_and_then(postgres: EmbeddedPostgres, stage: LedgerStage) -> None:
    """Kill PostgreSQL with all its processes when a quarter, a half and three quarters are booked."""
    for quarter in (100, 200, 300):
        await eventually(partial(booked_more_than, stage, quarter), within_seconds=60)
        assert postgres.pid is not None
        os.kill(postgres.pid, signal.SIGKILL)


async def booked_more_than(stage: LedgerStage, chains: int) -> bool:
    try:
        return (await stage.of("operator")).posted_minor > chains * 2
    except LOST:
        return False


async def book_until_answered(stage: LedgerStage, to_do: Iterator[Sequence[Transfer]]) -> int:
    """Book chain after chain, each until an answer comes, with the same ids; return how often that took another try."""
    asked_again = 0
    for chain in to_do:
        while not await answered(stage, chain):
            asked_again += 1
    return asked_again


async def answered(stage: LedgerStage, chain: Sequence[Transfer]) -> bool:
    """Tell whether an answer came; without one, nobody knows whether it was booked."""
    try:
        async with stage.database.begin() as tx:
            results = await book(tx, chain, now=stage.now)
    except LOST:
        return False
    assert set(results) <= DONE
    return True
