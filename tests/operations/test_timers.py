"""What happens because time passed: ghosts, and timers that several workers carry out."""

import asyncio
from datetime import timedelta

import pytest

from tests.operations.story import NOON, Story
from wattline.domain.refusals import IllegalMove
from wattline.operations import timers

KEY = "04BE7C40"


async def running(story: Story) -> int:
    """Let a key begin a charge with one reading; return its transaction."""
    await story.add_key(KEY)
    answer = await story.begin(KEY)
    await story.status("Charging")
    await story.later(minutes=1).measure(1_200, answer.ocpp_transaction_id)
    return answer.ocpp_transaction_id


async def test_a_charge_whose_box_is_away_for_a_day_is_closed_and_waits_another(story: Story) -> None:
    await running(story)
    await story.disconnect()
    await story.after(hours=23)
    assert (await story.only_charge()).state == "charging"
    await story.after(hours=1)
    ghost = await story.only_charge()
    assert (ghost.state, ghost.stop_reason, ghost.timeout_at) == ("stopped", "no-sign-of-life", story.now)
    await story.after(hours=24)
    done = await story.only_charge()
    assert (done.state, done.energy_wh) == ("completed", 200)


async def test_a_ghost_whose_box_comes_back_in_time_is_billed_by_its_real_stop(story: Story) -> None:
    transaction_id = await running(story)
    await story.after(hours=30)
    await story.end(transaction_id, 9_000, at=NOON + timedelta(hours=2))
    charge = await story.only_charge()
    assert (charge.stop_reason, charge.energy_wh) == ("StoppedByUser", 8_000)
    assert (charge.stopped_at, charge.state) == (NOON + timedelta(hours=2), "releasing")


async def test_a_ghost_gives_its_cable_back_and_waits_for_its_register(story: Story) -> None:
    transaction_id = await running(story)
    await story.after(hours=30)
    await story.status("Available")
    assert (await story.only_charge()).state == "released"
    await story.end(transaction_id, 9_000)
    assert (await story.only_charge()).state == "completed"


async def test_a_lost_stop_is_noticed_an_hour_after_the_connector_is_free(story: Story) -> None:
    await running(story)
    await story.later(minutes=30).status("Available")
    await story.after(minutes=31)
    assert (await story.only_charge()).state == "charging"
    await story.after(hours=1)
    assert (await story.only_charge()).state == "stopped"


async def test_a_connector_waiting_for_a_ghost_serves_the_next_driver(story: Story) -> None:
    await running(story)
    await story.after(hours=30)
    await story.connect()
    assert (await story.ask()).state == "starting"
    assert [charge.state for charge in await story.charges()] == ["completed", "starting"]


async def test_t11_a_paused_charge_lives_while_its_box_is_heard(story: Story) -> None:
    await running(story)
    await story.status("SuspendedEV")
    for _ in range(6):
        await story.later(hours=23).hear()
        await story.after(hours=1)
    assert (await story.only_charge()).state == "paused"
    await story.later(hours=23).hear()
    await story.after(hours=1)
    assert (await story.only_charge()).state == "stopped"


async def test_two_workers_carry_a_timer_out_once(story: Story) -> None:
    charge = await story.ask()
    story.later(minutes=5)
    await asyncio.gather(*(timers.run_due(story.database, now=story.now) for _ in range(3)))
    assert await story.timeline(charge) == ["starting", "stopped", "completed"]
    assert await story.rows("select from timer") == []


async def test_a_timer_that_fails_is_raised_and_delays_no_other(story: Story) -> None:
    done = await story.force_stop(await story.ask(connector=1))
    charge = await story.ask(connector=2)
    async with story.database.begin() as tx:
        await timers.set_timer(tx, "start-expired", done.id, NOON)
    story.later(minutes=5)
    with pytest.raises(ExceptionGroup) as failed:
        await timers.run_due(story.database, now=story.now)
    assert failed.group_contains(IllegalMove)
    assert (await story.charge(charge)).state == "completed"


async def test_a_charge_that_is_over_leaves_no_timer_behind(story: Story) -> None:
    await story.force_stop(await story.ask())
    assert await story.rows("select from timer") == []
