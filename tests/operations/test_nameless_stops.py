"""T1: boxes that stop under a number we never gave, and what we take it for. And starts of boxes without a clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.operations.story import NOON, ON_THE_WAY, Story, begin_story
from wattline.database.connection import Database

KEY, OTHER = "04BE7C40", "04AAAAAA"
LONG_AGO = datetime(1970, 1, 1, 0, 0, 9, tzinfo=UTC)


@pytest.fixture
async def story(database: Database) -> Story:
    """A box with two connectors and two keys that may charge."""
    story = await begin_story(database)
    await story.add_key(KEY)
    await story.add_key(OTHER)
    return story


@pytest.mark.parametrize("told_id", [0, -1, 2**63 - 1, 4711])
async def test_t1_a_stop_under_no_number_of_ours_ends_the_only_charge_it_can_mean(story: Story, told_id: int) -> None:
    running = await story.begin(KEY)
    await story.later(minutes=10).measure(2_800, running.ocpp_transaction_id)
    closing = story.reading(3_000, transaction_id=told_id)
    answer = await story.later(minutes=1).end(told_id, 3_000, id_tag=KEY, readings=[closing])
    assert (answer.is_unknown, answer.meant, answer.status) == (True, running.ocpp_transaction_id, "Accepted")
    charge = await story.only_charge()
    assert (charge.state, charge.energy_wh, charge.meter_stop_wh) == ("completed", 2_000, 3_000)
    assert await story.rows("select from stray_stop") == []
    assert len(await story.rows("select from reading where charge_id = $1", charge.id)) == 2
    (line,) = await story.rows("select charge_id, detail from log_line where kind = 'StopTransaction'")
    assert (line["charge_id"], line["detail"]["toldTransactionId"]) == (charge.id, told_id)


async def test_t1_the_same_stop_again_is_a_repeat_and_ends_nothing_younger(story: Story) -> None:
    await story.begin(KEY)
    stopped_at = NOON + timedelta(minutes=10)
    await story.later(minutes=10).end(0, 3_000, at=stopped_at)
    young = await story.later(minutes=1).begin(KEY, meter_wh=3_000)
    again = await story.later(minutes=1).end(0, 3_000, at=stopped_at)
    assert again.repeat
    assert (await story.charge(await story.current() or 0)).ocpp_transaction_id == young.ocpp_transaction_id


async def test_t1_of_the_same_stop_twice_at_once_one_ends_the_charge_and_the_other_is_a_repeat(story: Story) -> None:
    running = await story.begin(KEY)
    story.later(minutes=10)
    answers = await asyncio.gather(*(story.end(0, 3_000, at=story.now) for _ in range(4)))
    assert sorted(answer.repeat for answer in answers) == [False, True, True, True]
    assert {answer.meant for answer in answers} == {running.ocpp_transaction_id}
    assert await story.rows("select from stray_stop") == []
    assert len(await story.rows("select from log_line where kind = 'StopTransaction'")) == 1


async def test_t1_without_a_clock_the_same_stop_again_is_a_repeat_as_well(story: Story) -> None:
    await story.begin(KEY, at=LONG_AGO)
    await story.later(minutes=10).end(-1, 3_000, at=LONG_AGO)
    young = await story.later(minutes=1).begin(KEY, meter_wh=3_000, at=LONG_AGO)
    again = await story.later(minutes=1).end(-1, 3_000, at=LONG_AGO + timedelta(seconds=5))
    assert again.repeat
    assert (await story.charges())[1].ocpp_transaction_id == young.ocpp_transaction_id
    assert (await story.charges())[1].state == "charging"


async def test_t1_two_charges_that_fit_are_both_left_running(story: Story) -> None:
    await story.begin(KEY, connector=1)
    await story.begin(OTHER, connector=2)
    answer = await story.later(minutes=10).end(0, 3_000)
    assert (answer.is_unknown, answer.meant) == (True, None)
    assert {charge.state for charge in await story.charges()} == {"charging"}
    assert len(await story.rows("select from stray_stop")) == 1


async def test_t1_of_two_charges_the_tag_tells_which(story: Story) -> None:
    await story.begin(KEY, connector=1)
    await story.begin(OTHER, connector=2)
    await story.later(minutes=10).end(0, 3_000, id_tag=OTHER)
    assert [charge.state for charge in await story.charges()] == ["charging", "completed"]


async def test_t1_of_two_charges_the_meter_tells_which(story: Story) -> None:
    first = await story.begin(KEY, connector=1, meter_wh=1_000)
    second = await story.begin(OTHER, connector=2, meter_wh=800_000)
    await story.later(minutes=5).measure(1_900, first.ocpp_transaction_id)
    await story.measure(800_900, second.ocpp_transaction_id, connector=2)
    await story.later(minutes=5).end(0, 801_800)
    assert [charge.state for charge in await story.charges()] == ["charging", "completed"]


@pytest.mark.parametrize(
    ("meter_wh", "id_tag", "minutes"),
    [(900_000, KEY, 10), (3_000, OTHER, 10), (3_000, KEY, -30)],
    ids=["another register", "another key", "before it began"],
)
async def test_t1_t12_a_stop_that_does_not_fit_ends_nothing(
    story: Story, meter_wh: int, id_tag: str, minutes: int
) -> None:
    await story.begin(KEY)
    at = NOON + timedelta(minutes=minutes)
    answer = await story.later(minutes=11).end(0, meter_wh, id_tag=id_tag, at=at)
    assert (answer.is_unknown, answer.meant) == (True, None)
    assert (await story.only_charge()).state == "charging"


async def test_t12_the_number_of_another_server_without_a_time_ends_nothing(story: Story) -> None:
    await story.begin(KEY)
    await story.later(minutes=10).end(4711, 3_000, id_tag=KEY, at=LONG_AGO)
    assert (await story.only_charge()).state == "charging"


async def test_t1_a_stop_without_a_register_needs_the_key(story: Story) -> None:
    await story.begin(KEY)
    await story.later(minutes=10).end(0, None)
    assert (await story.only_charge()).state == "charging"
    await story.later(minutes=1).end(0, None, id_tag=KEY)
    assert (await story.only_charge()).state == "completed"


async def test_t1_a_session_relative_register_is_no_hindrance(story: Story) -> None:
    """The start told the odometer, the readings and the stop count from the session's beginning, or the other way."""
    running = await story.begin(KEY, meter_wh=0)
    for wh in (500_000, 500_900, 501_800):
        await story.later(minutes=5).measure(wh, running.ocpp_transaction_id)
    await story.later(minutes=1).end(0, 501_900)
    assert ((await story.only_charge()).state, (await story.only_charge()).energy_wh) == ("completed", 1_900)


async def test_t1_a_box_cannot_end_another_boxs_charge_without_a_number(story: Story) -> None:
    await story.begin(KEY)
    thief = await story.new_box()
    assert (await story.later(minutes=10).end(0, 3_000, id_tag=KEY, box=thief)).meant is None
    assert (await story.only_charge()).state == "charging"


async def test_t1_after_a_force_stop_the_real_register_is_kept_beside_the_figures(story: Story) -> None:
    charge = await story.ask()
    await story.begin(charge.id_tag)
    await story.later(minutes=5).force_stop(charge)
    await story.later(minutes=1).end(0, 2_500, id_tag=charge.id_tag)
    forced = await story.charge(charge)
    assert (forced.state, forced.stop_reason, forced.correction["energyWh"]) == ("completed", "force-stop", 1_500)


async def test_b7_a_start_without_a_clock_sent_again_is_the_same_charge(story: Story) -> None:
    """The door puts in when a message came if the box says 1970, so the same start comes with another time."""
    first = await story.begin(KEY, at=story.now + ON_THE_WAY)
    story.later(hours=3)
    again = await story.begin(KEY, at=story.now + ON_THE_WAY)
    assert (again.ocpp_transaction_id, again.repeat) == (first.ocpp_transaction_id, True)
    assert (await story.only_charge()).state == "charging"


async def test_b7_a_start_sent_again_once_the_clock_is_set_is_the_same_charge(story: Story) -> None:
    first = await story.begin(KEY, at=story.now + ON_THE_WAY)
    again = await story.later(minutes=20).begin(KEY, at=NOON - timedelta(seconds=30))
    assert (again.ocpp_transaction_id, again.repeat) == (first.ocpp_transaction_id, True)


async def test_b7_a_box_that_knew_its_number_begins_another_charge(story: Story) -> None:
    first = await story.begin(KEY, meter_wh=0, at=story.now + ON_THE_WAY)
    await story.later(minutes=10).measure(900, first.ocpp_transaction_id)
    story.later(hours=1)
    second = await story.begin(KEY, meter_wh=0, at=story.now + ON_THE_WAY)
    assert not second.repeat
    assert [charge.state for charge in await story.charges()] == ["completed", "charging"]


async def test_b7_two_dated_starts_with_the_same_words_are_two_charges(story: Story) -> None:
    await story.begin(KEY, meter_wh=0)
    assert not (await story.later(minutes=2).begin(KEY, meter_wh=0)).repeat


async def test_b7_a_refused_start_without_a_clock_sent_again_gets_the_same_no(story: Story) -> None:
    first = await story.begin("DEADBEEF", at=story.now + ON_THE_WAY)
    story.later(minutes=5)
    again = await story.begin("DEADBEEF", at=story.now + ON_THE_WAY)
    assert (again.ocpp_transaction_id, again.status, again.repeat) == (first.ocpp_transaction_id, "Invalid", True)
