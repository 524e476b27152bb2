"""What happens because time passed: roll-ups, clean-up, and a clockwork that no failing job stops."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.operations.story import NOON, Story, begin_story
from tests.waiting import eventually
from wattline.database import outbox
from wattline.database.connection import Database
from wattline.operations.chance import SystemChance
from wattline.operations.clean_up import forget_expired, forget_old_facts
from wattline.operations.power_rollup import roll_up_power
from wattline.settings import Settings
from wattline.timer.clockwork import run
from wattline.timer.schedule import SCHEDULE, Job, Shift


@pytest.fixture
async def story(database: Database) -> Story:
    return await begin_story(database)


@pytest.fixture
def shift(database: Database) -> Shift:
    settings = Settings(data_directory=Path("/nowhere"), pepper=b"p" * 32)
    return Shift(database=database, settings=settings, chance=SystemChance())


async def steps(story: Story) -> list[tuple[int, int, int]]:
    """List the rolled-up steps: minutes after noon, average power, energy."""
    rows = await story.rows("select * from power_step order by step_at, connector_number")
    return [(round((row["step_at"] - NOON) / timedelta(minutes=1)), row["power_w"], row["energy_wh"]) for row in rows]


async def test_readings_become_ten_minute_steps(story: Story) -> None:
    for minute, energy_wh, power_w in [(0, 1_000, 6_000), (5, 1_500, 12_000), (10, 2_500, 12_000), (19, 4_300, 10_000)]:
        at = NOON + timedelta(minutes=minute)
        await story.record(story.reading(energy_wh, power_w=power_w, at=at))
    await roll_up_power(story.database, now=NOON + timedelta(minutes=1))
    assert await steps(story) == [(0, 9_000, 500), (10, 11_000, 2_800)]


async def test_a_box_that_tells_only_its_register_has_the_power_that_this_means(story: Story) -> None:
    await story.record(story.reading(1_000, power_w=None, at=NOON))
    await story.record(story.reading(2_000, power_w=None, at=NOON + timedelta(minutes=9)))
    await roll_up_power(story.database, now=NOON + timedelta(minutes=1))
    assert await steps(story) == [(0, 6_000, 1_000)]


async def test_readings_of_a_box_that_was_offline_are_rolled_up_where_they_belong(story: Story) -> None:
    await roll_up_power(story.database, now=NOON)
    yesterday = NOON - timedelta(days=1)
    story.later(hours=1)
    await story.record(story.reading(1_000, at=yesterday), story.reading(3_000, at=yesterday + timedelta(minutes=5)))
    while await roll_up_power(story.database, now=story.now + timedelta(seconds=1)):
        pass
    assert await steps(story) == [(-1440, 11_000, 2_000)]


async def test_rolling_up_twice_changes_nothing(story: Story) -> None:
    await story.record(story.reading(1_000), story.reading(2_000, at=NOON + timedelta(minutes=1)))
    await roll_up_power(story.database, now=NOON + timedelta(minutes=1))
    once = await steps(story)
    await roll_up_power(story.database, now=NOON + timedelta(minutes=2))
    assert await steps(story) == once


async def test_facts_go_when_they_are_old_and_everybody_has_heard_them(story: Story) -> None:
    await story.ask()
    await story.facts()
    kept = len(await story.rows("select 1 from fact"))
    async with story.database.begin() as tx:
        first = (await outbox.read_new(tx, "slow", limit=1))[0]
        await outbox.advance(tx, "slow", first)
    assert await forget_old_facts(story.database, now=NOON + timedelta(days=2)) == 0
    assert await forget_old_facts(story.database, now=NOON + timedelta(days=4)) == 1
    assert len(await story.rows("select 1 from fact")) == kept - 1


async def test_expired_tokens_go_and_valid_ones_stay(story: Story) -> None:
    async with story.database.begin() as tx:
        await tx.execute(
            """insert into api_key (id, operator_id, name, client_id, secret_hash, scopes, created_at, updated_at)
               values (1, $1, 'key', 'client', '', '{}', $2, $2)""",
            story.viewer.operator_id,
            NOON,
        )
        for hash_, lifetime in ((b"old", timedelta(hours=1)), (b"new", timedelta(hours=3))):
            await tx.execute(
                "insert into api_token values ($1, 1, 'access', $2, $3, null)", hash_, NOON, NOON + lifetime
            )
    await forget_expired(story.database, now=NOON + timedelta(hours=2))
    assert [row["token_hash"] for row in await story.rows("select token_hash from api_token")] == [b"new"]


async def test_every_job_of_the_schedule_can_be_done_twice(story: Story, shift: Shift) -> None:
    await story.ask()
    for job in (*SCHEDULE, *SCHEDULE):
        await job.do(shift, NOON)


async def test_a_job_that_fails_is_done_again_and_stops_no_other(shift: Shift) -> None:
    done: list[str] = []

    async def fail(_: Shift, __: datetime) -> None:
        done.append("failing")
        raise RuntimeError("as planned")

    async def work(_: Shift, __: datetime) -> None:
        done.append("working")

    jobs = [Job("failing", timedelta(0), fail), Job("working", timedelta(0), work)]
    clockwork = asyncio.create_task(run(shift, jobs, clock=lambda: NOON))
    await eventually(lambda: done.count("failing") > 2 and done.count("working") > 2)
    clockwork.cancel()
    with pytest.raises(asyncio.CancelledError):
        await clockwork
