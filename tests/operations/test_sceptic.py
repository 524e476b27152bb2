"""A sceptic at work: things that happen at once, in the wrong order, or in a state nobody thought of."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.operations.story import NOON, Story, begin_story
from wattline.database.connection import Database
from wattline.domain.charge_record import Charge
from wattline.domain.refusals import ConnectorBusy, IllegalMove, NoContact
from wattline.domain.values import ChargeState
from wattline.operations import charges as charge_verbs
from wattline.operations import timers

KEY, OTHER = "04BE7C40", "04AAAAAA"


@pytest.fixture
async def story(database: Database) -> Story:
    """A box with two connectors and two keys that may charge."""
    story = await begin_story(database)
    await story.add_key(KEY)
    await story.add_key(OTHER)
    return story


async def at_once(*doings: Awaitable[Any]) -> list[Any]:
    """Let things happen at the same time; a refusal is an answer, anything else a failure."""
    async with asyncio.timeout(20):
        results = await asyncio.gather(*doings, return_exceptions=True)
    failures = [each for each in results if isinstance(each, Exception) and not isinstance(each, IllegalMove)]
    assert failures == []
    return list(results)


# Into every state ------------------------------------------------------------------------------------------------


async def reserved(story: Story) -> Charge:
    return await story.ask(reserve=True)


async def starting(story: Story) -> Charge:
    return await story.ask()


async def charging(story: Story) -> Charge:
    charge = await story.ask()
    await story.begin(charge.id_tag)
    await story.status("Charging")
    return await story.charge(charge)


async def paused(story: Story) -> Charge:
    charge = await charging(story)
    await story.status("SuspendedEV")
    return await story.charge(charge)


async def stopping(story: Story) -> Charge:
    return await story.stop(await charging(story))


async def releasing(story: Story) -> Charge:
    charge = await charging(story)
    await story.later(minutes=1).end(charge.ocpp_transaction_id or 0, 1_500)
    return await story.charge(charge)


async def stopped(story: Story) -> Charge:
    charge = await charging(story)
    await story.disconnect()
    await story.after(hours=25)
    await story.connect()
    return await story.charge(charge)


async def released(story: Story) -> Charge:
    charge = await stopped(story)
    await story.status("Available")
    return await story.charge(charge)


async def completed(story: Story) -> Charge:
    charge = await releasing(story)
    await story.later(minutes=1).status("Available")
    return await story.charge(charge)


async def paying(story: Story) -> Charge:
    return await forced_into(story, "paying")


async def scheduled(story: Story) -> Charge:
    return await forced_into(story, "scheduled")


async def other(story: Story) -> Charge:
    return await forced_into(story, "other")


async def forced_into(story: Story, state: str) -> Charge:
    """No door leads here yet; the row does."""
    charge = await story.ask()
    await story.rows("update charge set state = $2 where id = $1", charge.id, state)
    await story.rows("delete from timer where entity_id = $1", charge.id)
    await story.rows("update command set outcome = 'unknown' where charge_id = $1", charge.id)
    return await story.charge(charge)


Way = Callable[[Story], Awaitable[Charge]]
ALL: tuple[Way, ...] = (
    reserved, starting, charging, paused, stopping, stopped, releasing, released, completed, paying, scheduled, other,
)  # fmt: skip


def test_every_state_is_tried() -> None:
    assert {way.__name__ for way in ALL} == {state.value for state in ChargeState}


def named(way: Way) -> str:
    return way.__name__


@pytest.mark.parametrize("way", ALL, ids=named)
async def test_force_stop_ends_a_charge_in_every_state_and_nobody_pays(story: Story, way: Way) -> None:
    charge = await way(story)
    assert charge.state == way.__name__
    await story.commands()
    if charge.state == "completed":
        with pytest.raises(IllegalMove):
            await story.force_stop(charge)
        assert await story.charge(charge) == charge
        return
    forced = await story.later(seconds=5).force_stop(charge, "stuck")
    assert (forced.state, forced.price_minor, forced.cost_minor, forced.forced_at) == ("completed", 0, 0, story.now)
    assert forced.stopped_at is not None
    runs = charge.state in ("charging", "paused", "stopping")
    asked = [action for action, _ in await story.commands()]
    assert asked == (["RemoteStopTransaction"] if runs else ["CancelReservation"] if charge.state == "reserved" else [])
    assert await story.rows("select from timer where entity_id = $1", charge.id) == []
    assert await story.current() is None
    await story.ask()


@pytest.mark.parametrize("way", ALL, ids=named)
async def test_restart_asks_again_where_something_was_asked_and_changes_nothing_elsewhere(
    story: Story, way: Way
) -> None:
    charge = await way(story)
    await story.commands()
    story.later(seconds=5)
    expected = {"reserved": ("starting", "RemoteStartTransaction"), "starting": ("starting", "RemoteStartTransaction"),
                "stopping": ("stopping", "RemoteStopTransaction")}  # fmt: skip
    if charge.state in expected:
        state, action = expected[charge.state]
        assert (await story.restart(charge)).state == state
        assert [asked for asked, _ in await story.commands()] == [action]
        return
    with pytest.raises(IllegalMove):
        await story.restart(charge)
    assert await story.charge(charge) == charge
    assert await story.commands() == []


@pytest.mark.parametrize("way", [reserved, starting, stopping], ids=named)
async def test_restart_without_contact_changes_nothing(story: Story, way: Way) -> None:
    charge = await way(story)
    await story.disconnect()
    with pytest.raises(NoContact):
        await story.later(seconds=5).restart(charge)
    assert await story.charge(charge) == charge


@pytest.mark.parametrize("way", [way for way in ALL if way is not completed], ids=named)
async def test_force_stop_needs_no_contact(story: Story, way: Way) -> None:
    charge = await way(story)
    await story.disconnect()
    assert (await story.force_stop(charge)).state == "completed"


@pytest.mark.parametrize("way", ALL, ids=named)
async def test_a_stop_takes_back_what_has_not_begun_and_ends_what_runs(story: Story, way: Way) -> None:
    charge = await way(story)
    leads_to = {
        "reserved": "completed", "starting": "completed", "paying": "completed", "scheduled": "completed",
        "charging": "stopping", "paused": "stopping", "stopping": "stopping",
    }  # fmt: skip
    if charge.state in leads_to:
        assert (await story.stop(charge)).state == leads_to[charge.state]
        return
    with pytest.raises(IllegalMove):
        await story.stop(charge)
    assert await story.charge(charge) == charge


# At once ---------------------------------------------------------------------------------------------------------


async def test_a_stop_and_the_box_stopping_by_itself_at_once_end_the_charge_once(story: Story) -> None:
    for round_number in range(6):
        charge = await charging(story)
        story.later(minutes=10)
        await at_once(story.stop(charge), story.end(charge.ocpp_transaction_id or 0, 2_000, reason="Local"))
        ended = await story.charge(charge)
        assert (ended.state, ended.energy_wh) == ("releasing", 1_000), round_number
        assert ended.stop_reason in ("api", "StoppedByUser")
        await story.later(minutes=1).status("Available")
        assert (await story.charge(charge)).state == "completed"
        story.later(minutes=1)


async def test_a_force_stop_and_a_beginning_at_once_leave_nothing_running(story: Story) -> None:
    for _ in range(6):
        charge = await story.ask()
        await story.commands()
        await at_once(story.force_stop(charge), story.later(seconds=1).begin(charge.id_tag))
        assert (await story.charge(charge)).state == "completed"
        assert await story.current() is None
        assert [action for action, _ in await story.commands()] == ["RemoteStopTransaction"]
        story.later(minutes=1)


async def test_a_beginning_and_the_end_of_patience_at_once_agree(story: Story) -> None:
    for _ in range(6):
        charge = await story.ask()
        story.later(minutes=5)
        _, answer = await at_once(timers.run_due(story.database, now=story.now), story.begin(charge.id_tag))
        after = await story.charge(charge)
        assert (after.state, answer.status) in (("charging", "Accepted"), ("completed", "Invalid"))
        if after.state == "charging":
            await story.force_stop(after)
        story.later(minutes=1)


async def test_two_starts_for_one_connector_at_once_leave_one_charge_running(story: Story) -> None:
    first, second = await at_once(story.begin(KEY), story.begin(OTHER))
    assert {first.status, second.status} == {"Accepted"}
    states = sorted(charge.state for charge in await story.charges())
    assert states == ["charging", "completed"]
    running = next(charge for charge in await story.charges() if charge.state == "charging")
    assert await story.current() == running.id
    for answer in (first, second):
        await story.later(minutes=10).end(answer.ocpp_transaction_id, 2_000)
    assert {charge.state for charge in await story.charges()} == {"completed"}


async def test_the_same_start_over_two_sockets_at_once_is_one_charge(story: Story) -> None:
    first, second = await at_once(story.begin(KEY), story.begin(KEY))
    assert first.ocpp_transaction_id == second.ocpp_transaction_id
    assert sorted([first.repeat, second.repeat]) == [False, True]


async def test_the_same_start_over_two_sockets_on_a_connector_nobody_created(story: Story) -> None:
    first, second = await at_once(story.begin(KEY, connector=9), story.begin(KEY, connector=9))
    assert first.ocpp_transaction_id == second.ocpp_transaction_id


async def test_the_same_stop_over_two_sockets_at_once_ends_the_charge_once(story: Story) -> None:
    begun = await story.begin(KEY)
    story.later(minutes=10)
    number = begun.ocpp_transaction_id
    first, second = await at_once(story.end(number, 2_000), story.end(number, 2_000))
    assert sorted([first.repeat, second.repeat]) == [False, True]
    assert await story.rows("select from stray_stop") == []
    assert (await story.only_charge()).energy_wh == 1_000


async def test_t1_the_same_stop_without_a_number_at_once_ends_the_charge_once(story: Story) -> None:
    await story.begin(KEY)
    story.later(minutes=10)
    await at_once(story.end(0, 2_000), story.end(0, 2_000))
    assert (await story.only_charge()).energy_wh == 1_000


async def test_a_limit_and_a_person_stop_at_once_and_the_box_is_asked(story: Story) -> None:
    charge = await story.ask(energy_limit_wh=1_000)
    answer = await story.begin(charge.id_tag)
    await story.commands()
    story.later(minutes=5)
    await at_once(story.stop(charge), story.measure(2_100, answer.ocpp_transaction_id))
    assert {action for action, _ in await story.commands()} == {"RemoteStopTransaction"}
    assert (await story.charge(charge)).state == "stopping"


# Limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("energy_wh", "soc", "price", "by"),
    [(3_000, 50.0, 10, "kwh-limit"), (1_100, 80.0, 10, "soc-limit"), (1_100, 50.0, 500, "price-limit")],
)
async def test_of_three_limits_the_first_reached_stops(
    story: Story, energy_wh: int, soc: float, price: int, by: str
) -> None:
    charge = await story.ask(energy_limit_wh=2_000, soc_limit_percent=80, price_limit_minor=500)
    answer = await story.begin(charge.id_tag)
    await story.later(minutes=2).measure(1_050, answer.ocpp_transaction_id, soc_percent=49.5)
    assert (await story.charge(charge)).state == "charging"
    await story.rows("update charge set price_minor = $2 where id = $1", charge.id, price)
    await story.later(minutes=10).measure(energy_wh, answer.ocpp_transaction_id, soc_percent=soc)
    stopping = await story.charge(charge)
    assert (stopping.state, stopping.stopped_by) == ("stopping", by)
    await story.end(answer.ocpp_transaction_id, energy_wh + 10, reason="Remote")
    assert (await story.charge(charge)).stop_reason == by


async def test_a_limit_reached_in_the_past_stops_nothing_that_began_since(story: Story) -> None:
    old = await story.ask(energy_limit_wh=1_000)
    answer = await story.begin(old.id_tag)
    await story.later(minutes=10).end(answer.ocpp_transaction_id, 2_000)
    new = await story.later(minutes=1).ask()
    await story.begin(new.id_tag, meter_wh=2_000)
    await story.commands()
    await story.measure(2_000, answer.ocpp_transaction_id, at=NOON + timedelta(minutes=9))
    assert await story.commands() == []
    assert (await story.charge(new)).state == "charging"


# History ---------------------------------------------------------------------------------------------------------


async def test_a_charge_made_offline_is_told_while_a_newer_one_runs(story: Story) -> None:
    """The box was away in the morning; now it tells that charge while today's runs on the same connector."""
    today = await charging(story)
    await story.later(minutes=1).measure(9_500, today.ocpp_transaction_id)
    await story.facts()
    morning = NOON - timedelta(hours=4)
    old = await story.begin(KEY, meter_wh=100, at=morning)
    late = [story.reading(100 + 400 * n, at=morning + timedelta(minutes=5 * n), power_w=4_000) for n in (1, 2)]
    await story.record(*[story.of(reading, old) for reading in late])
    assert (await story.charge(today)).power_w == 11_000
    await story.end(old.ocpp_transaction_id, 1_000, at=morning + timedelta(minutes=15))
    history = (await story.charges())[-1]
    assert (history.state, history.energy_wh, history.started_at) == ("completed", 900, morning)
    assert await story.current() == today.id
    live = await story.rows("select power_w, meter_wh from connector_live where charge_id = $1", today.id)
    assert tuple(live[0]) == (11_000, 9_500)
    await story.later(minutes=9).end(today.ocpp_transaction_id or 0, 9_900)
    assert (await story.charge(today)).state == "releasing"


async def test_history_is_no_reason_to_refuse_a_key_because_the_connector_is_held_now(story: Story) -> None:
    held = await story.ask(reserve=True)
    old = await story.begin(KEY, at=NOON - timedelta(hours=4))
    assert old.status == "Accepted"
    await story.end(old.ocpp_transaction_id, 2_000, at=NOON - timedelta(hours=3))
    assert [(charge.state, charge.energy_wh) for charge in await story.charges()] == [
        ("reserved", 0), ("completed", 1_000),
    ]  # fmt: skip
    assert await story.current() == held.id


@pytest.mark.parametrize(("column", "status"), [("blocked_at", "Blocked"), ("active_until", "Expired")])
async def test_a_key_stopped_since_pays_what_it_charged_before_and_the_box_hears_how_it_is_now(
    story: Story, column: str, status: str
) -> None:
    await story.rows(f"update charge_key set {column} = $1", NOON - timedelta(hours=1))
    old = await story.begin(KEY, at=NOON - timedelta(hours=4))
    assert old.status == status
    await story.end(old.ocpp_transaction_id, 2_000, at=NOON - timedelta(hours=3))
    assert (await story.only_charge()).energy_wh == 1_000
    assert (await story.later(minutes=1).begin(KEY, meter_wh=2_000)).status == status
    assert len(await story.charges()) == 1


# Held connectors -------------------------------------------------------------------------------------------------


async def test_a_held_connector_goes_to_its_driver_and_to_nobody_else(story: Story) -> None:
    held = await story.ask(reserve=True)
    assert (await story.later(minutes=1).begin(KEY)).status == "ConcurrentTx"
    with pytest.raises(ConnectorBusy):
        await story.ask()
    assert (await story.later(minutes=1).begin(held.id_tag)).status == "Accepted"
    assert (await story.charge(held)).state == "charging"


async def test_a_held_connector_of_which_the_time_is_over_serves_any_key(story: Story) -> None:
    held = await story.ask(reserve=True)
    await story.after(minutes=16)
    assert (await story.begin(KEY)).status == "Accepted"
    assert (await story.charge(held)).stop_reason == "reservation-expired"


async def test_a_held_start_that_is_overtaken_by_a_key_is_refused_when_it_comes(story: Story) -> None:
    held = await story.ask(reserve=True)
    await story.later(seconds=30).restart(held)
    assert (await story.later(seconds=30).begin(KEY)).status == "Accepted"
    failed = await story.charge(held)
    assert (failed.state, failed.failure_code) == ("completed", "another-charge-began")
    assert (await story.later(seconds=30).begin(held.id_tag)).status == "Invalid"
    assert [charge.state for charge in await story.charges()] == ["completed", "charging"]


async def test_every_deed_on_a_charge_is_a_verb_here() -> None:
    assert {"stop_charge", "force_stop_charge", "restart_charge", "request_charge"} <= set(charge_verbs.__all__)
