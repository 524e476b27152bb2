"""A start or a stop may be asked for several times: each answer belongs to its own attempt."""

import asyncio
from datetime import timedelta

import pytest

from tests.operations.story import Story
from tests.waiting import eventually
from wattline.operations import commands


async def test_a_late_no_to_the_first_start_does_not_fail_the_charge_that_was_asked_for_again(story: Story) -> None:
    charge = await story.ask()
    await story.later(seconds=40).restart(charge)
    await story.refuse(charge, attempt=0)
    assert (await story.charge(charge)).state == "starting"
    assert (await story.begin(charge.id_tag)).status == "Accepted"
    assert (await story.charge(charge)).state == "charging"


async def test_a_no_to_the_last_start_fails_it(story: Story) -> None:
    charge = await story.ask()
    await story.later(seconds=40).restart(charge)
    await story.refuse(charge, attempt=0)
    await story.refuse(charge, attempt=1)
    failed = await story.charge(charge)
    assert (failed.state, failed.failure_code) == ("completed", "start-refused")


async def test_a_late_no_to_holding_the_connector_does_not_fail_the_start(story: Story) -> None:
    charge = await story.ask(reserve=True)
    await story.later(seconds=10).restart(charge)
    await story.refuse(charge, status="Occupied", attempt=0)
    assert (await story.charge(charge)).state == "starting"


async def test_a_late_no_to_the_first_stop_leaves_the_second_its_chance(story: Story) -> None:
    charge = await story.ask()
    answer = await story.begin(charge.id_tag)
    await story.later(minutes=5).stop(charge)
    await story.later(seconds=40).restart(charge)
    await story.refuse(await story.charge(charge), attempt=1)
    assert (await story.charge(charge)).state == "stopping"
    await story.end(answer.ocpp_transaction_id, 1_500)
    assert (await story.charge(charge)).stopped_by == "api"


async def test_a_start_that_could_not_be_sent_in_time_says_nothing_of_the_one_after_it(story: Story) -> None:
    charge = await story.ask()
    await story.later(minutes=4, seconds=59).restart(charge)
    story.later(minutes=1)
    await commands.expire(story.database, now=story.now)
    assert (await story.charge(charge)).state == "starting"
    rows = await story.rows("select outcome from command where charge_id = $1 order by id", charge.id)
    assert [row["outcome"] for row in rows] == ["expired", None]


@pytest.mark.parametrize("deed", ["stop", "force_stop"])
async def test_taking_a_start_back_while_it_expires_or_is_answered_blocks_nobody(story: Story, deed: str) -> None:
    """Whoever locks a command first and its connector second would wait for ever for somebody who does the opposite."""
    for number in range(12):
        charge = await story.ask()
        (asked,) = await story.rows("select id from command where charge_id = $1", charge.id)
        late = story.now + timedelta(minutes=6)
        if number % 2:
            settling = commands.expire(story.database, now=late)
        else:
            settling = commands.record_answer(
                story.database, asked["id"], outcome="refused", answer={"status": "Rejected"}, now=story.now
            )
        async with asyncio.timeout(20):
            taking = getattr(story, deed)(charge)
            results = await asyncio.gather(settling, taking, return_exceptions=True)
        assert not [each for each in results if "deadlock" in repr(each).lower()]
        assert (await story.charge(charge)).state == "completed"
        assert await story.rows("select from command where charge_id = $1 and outcome is null", charge.id) == []


async def test_a_command_is_settled_only_when_its_connector_is_free(story: Story) -> None:
    """Settling waits for whoever has the connector before it takes the command, so that this one can withdraw it."""
    charge = await story.ask()
    (asked,) = await story.rows("select id from command where charge_id = $1", charge.id)
    async with story.database.begin() as tx:
        await tx.execute("select from connector where id = $1 for no key update", charge.connector_id)
        settling = asyncio.create_task(commands.expire(story.database, now=story.now + timedelta(minutes=6)))

        async def it_waits() -> bool:
            return bool(await story.rows(WAITING))

        await eventually(it_waits)
        await tx.execute("set local lock_timeout = '3s'")
        await tx.execute("update command set outcome = 'expired', answer = '{}' where id = $1", asked["id"])
    await settling
    assert (await story.charge(charge)).state == "starting"


WAITING = """
select from pg_locks where not granted
  and pid in (select pid from pg_stat_activity where datname = current_database())
"""
