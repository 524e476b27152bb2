"""Charges from the first wish to the last figure."""

from datetime import timedelta

import pytest

from tests.operations.story import NOON, Story, begin_story
from wattline.database.connection import Database
from wattline.domain.refusals import IllegalMove, Invalid, NoContact, Unknown
from wattline.domain.values import ConnectorState


async def test_a_charge_asked_for_runs_from_plug_in_to_completed(story: Story) -> None:
    charge = await story.ask(partner_external_id="terminal-1")
    assert charge.state == "starting"
    assert await story.commands() == [("RemoteStartTransaction", {"connectorId": 1, "idTag": charge.id_tag})]
    await story.later(seconds=20).status("Preparing")
    answer = await story.begin(charge.id_tag, meter_wh=5_000)
    assert answer.status == "Accepted"
    await story.status("Charging")
    assert await story.state() is ConnectorState.BUSY_CHARGING
    await story.later(minutes=10).measure(6_800, answer.ocpp_transaction_id)
    running = await story.charge(charge)
    assert (running.state, running.energy_wh, running.power_w) == ("charging", 1_800, 11_000)
    await story.later(minutes=10).stop(charge)
    assert await story.commands() == [("RemoteStopTransaction", {"transactionId": answer.ocpp_transaction_id})]
    await story.end(answer.ocpp_transaction_id, 8_600, reason="Remote")
    stopped = await story.charge(charge)
    assert (stopped.state, stopped.stop_reason, stopped.energy_wh) == ("releasing", "api", 3_600)
    assert await story.state() is ConnectorState.BUSY_NON_RELEASED
    await story.later(minutes=3).status("Available")
    done = await story.charge(charge)
    assert (done.state, done.released_at, done.completed_at) == ("completed", story.now, story.now)
    assert await story.timeline(charge) == [*("starting", "charging", "stopping", "releasing", "released", "completed")]
    assert await story.state() is ConnectorState.AVAILABLE
    assert await story.current() is None


async def test_every_move_is_told_once(story: Story) -> None:
    charge = await story.ask()
    assert await story.facts() == ["ChargeCreated", "ConnectorChanged"]
    answer = await story.begin(charge.id_tag)
    assert await story.facts() == ["ChargeMoved", "ConnectorChanged", "LogLineWritten"]
    await story.later(seconds=1).measure(1_010, answer.ocpp_transaction_id)
    assert await story.facts() == ["ChargeProgressed"]
    await story.end(answer.ocpp_transaction_id, 1_020)
    assert await story.facts() == ["ChargeMoved", "ChargeMoved", "ConnectorChanged", "LogLineWritten"]


async def test_a_tapped_key_begins_a_charge_that_its_team_pays(story: Story) -> None:
    await story.add_key("04BE7C40", team_id=story.neighbour_team_id)
    await story.status("Preparing")
    plugged_at = story.now
    assert (await story.later(minutes=1).tap("04be7c40")).status == "Accepted"
    answer = await story.later(seconds=5).begin("04be7c40")
    charge = await story.only_charge()
    assert charge.cable_plugged_in_at == plugged_at
    assert (charge.state, charge.start_source, charge.auth_type, charge.auth_id) == (
        "charging", "cpi-auth-token", "rfid", "04BE7C40",
    )  # fmt: skip
    assert (charge.team_id, charge.paying_team_id) == (story.team_id, story.neighbour_team_id)
    await story.later(minutes=30).end(answer.ocpp_transaction_id, 6_000, reason="Local", id_tag="04BE7C40")
    assert (await story.only_charge()).stop_reason == "StoppedByUser"


async def test_a_charge_nobody_begins_has_failed_after_five_minutes(story: Story) -> None:
    charge = await story.ask()
    await story.after(minutes=4, seconds=59)
    assert (await story.charge(charge)).state == "starting"
    await story.after(seconds=1)
    failed = await story.charge(charge)
    assert (failed.state, failed.failed_at, failed.price_minor, failed.energy_wh) == ("completed", story.now, 0, 0)
    assert await story.state() is ConnectorState.AVAILABLE


async def test_a_box_that_refuses_the_start_ends_the_charge(story: Story) -> None:
    charge = await story.ask()
    await story.refuse(charge)
    failed = await story.charge(charge)
    assert (failed.state, failed.failure_code) == ("completed", "start-refused")
    assert failed.failure_reason is not None
    assert failed.failure_reason.startswith("The charge point refused to start.")


@pytest.mark.parametrize("outcome", ["accepted", "no-answer", "unknown"])
async def test_b5_a_start_without_an_answer_may_still_begin(story: Story, outcome: str) -> None:
    charge = await story.ask()
    await story.later(seconds=60).refuse(charge, outcome=outcome)
    assert (await story.charge(charge)).state == "starting"
    assert (await story.begin(charge.id_tag)).status == "Accepted"


async def test_an_answer_after_the_beginning_changes_nothing(story: Story) -> None:
    charge = await story.ask()
    await story.begin(charge.id_tag)
    await story.refuse(charge)
    assert (await story.charge(charge)).state == "charging"


async def test_a_start_may_be_taken_back(story: Story) -> None:
    charge = await story.ask()
    taken_back = await story.stop(charge, "portal")
    assert (taken_back.state, taken_back.stop_reason, taken_back.failed_at) == ("completed", "portal", None)


async def test_a_box_that_was_not_told_yet_is_not_told_any_more(story: Story) -> None:
    charge = await story.ask()
    await story.stop(charge)
    rows = await story.rows("select action, outcome from command")
    assert [tuple(row) for row in rows] == [("RemoteStartTransaction", "expired")]


async def test_pauses_show_and_end(story: Story) -> None:
    charge = await story.ask()
    await story.begin(charge.id_tag)
    await story.status("SuspendedEV")
    paused = await story.charge(charge)
    assert (paused.state, paused.raw_state) == ("paused", "suspended_ev")
    assert await story.state() is ConnectorState.BUSY_NON_CHARGING
    await story.status("SuspendedEVSE")
    assert (await story.charge(charge)).raw_state == "suspended_evse"
    await story.status("Charging")
    assert (await story.charge(charge)).state == "charging"


async def test_a_stop_that_the_box_refuses_leaves_the_charge_as_it_was(story: Story) -> None:
    charge = await story.ask()
    await story.begin(charge.id_tag)
    await story.status("SuspendedEV")
    await story.refuse(await story.stop(charge))
    again = await story.charge(charge)
    assert (again.state, again.stopped_by) == ("paused", None)
    await story.refuse(again, outcome="refused")
    assert (await story.charge(charge)).state == "paused"


async def test_a_stop_without_an_answer_is_waited_for(story: Story) -> None:
    charge = await story.ask()
    await story.begin(charge.id_tag)
    await story.refuse(await story.stop(charge), outcome="no-answer")
    assert (await story.charge(charge)).state == "stopping"


async def test_a_charge_cannot_be_stopped_twice_or_without_contact(story: Story) -> None:
    charge = await story.ask()
    answer = await story.begin(charge.id_tag)
    await story.disconnect()
    with pytest.raises(NoContact):
        await story.stop(charge)
    await story.connect()
    await story.end(answer.ocpp_transaction_id, 1_200)
    with pytest.raises(IllegalMove):
        await story.stop(charge)


async def test_force_stop_ends_a_charge_without_contact_and_nobody_pays(story: Story) -> None:
    charge = await story.ask()
    answer = await story.begin(charge.id_tag)
    await story.later(minutes=5).measure(1_500, answer.ocpp_transaction_id)
    await story.commands()
    await story.disconnect()
    ended = await story.force_stop(charge, "The driver is stuck")
    assert (ended.state, ended.price_minor, ended.stop_reason) == ("completed", 0, "force-stop")
    assert (ended.forced_by, ended.force_reason, ended.energy_wh) == ("Operations manager", "The driver is stuck", 500)
    ((action, _),) = await story.commands()
    assert action == "RemoteStopTransaction"
    outcomes = await story.rows("select outcome from command order by id desc limit 1")
    assert outcomes[0]["outcome"] == "no-contact"


async def test_a_real_stop_after_force_stop_is_a_correction_beside_the_figures(story: Story) -> None:
    charge = await story.ask()
    answer = await story.begin(charge.id_tag)
    forced = await story.later(minutes=5).force_stop(charge)
    reply = await story.later(minutes=5).end(answer.ocpp_transaction_id, 9_000, reason="Remote")
    assert reply.status == "Accepted"
    after = await story.charge(charge)
    assert after.correction == {
        "stoppedAt": "2026-11-20T12:10:00Z", "receivedAt": "2026-11-20T12:10:00.040000Z", "meterStopWh": 9_000,
        "energyWh": 8_000, "reason": "Remote",
    }  # fmt: skip
    assert (after.energy_wh, after.price_minor, after.completed_at) == (forced.energy_wh, 0, forced.completed_at)
    assert after.updated_at == forced.updated_at
    strays = await story.rows("select charge_id from stray_stop")
    assert [row["charge_id"] for row in strays] == [charge.id]


async def test_a_held_connector_is_started_when_its_driver_comes(story: Story) -> None:
    charge = await story.ask(reserve=True)
    assert charge.state == "reserved"
    assert await story.state() is ConnectorState.BUSY_RESERVED
    assert await story.commands() == [
        ("ReserveNow", {
            "connectorId": 1, "expiryDate": "2026-11-20T12:15:00Z", "idTag": charge.id_tag,
            "reservationId": charge.reservation_id,
        }),
    ]  # fmt: skip
    started = await story.later(minutes=10).restart(charge)
    assert started.state == "starting"
    assert (await story.begin(charge.id_tag)).status == "Accepted"


async def test_a_reservation_ends_after_its_time_and_nobody_pays(database: Database) -> None:
    story = await begin_story(database, reservation_time_minutes=3)
    charge = await story.ask(reserve=True)
    await story.commands()
    await story.after(minutes=3)
    over = await story.charge(charge)
    assert (over.state, over.stop_reason, over.failed_at) == ("completed", "reservation-expired", None)
    assert await story.commands() == [("CancelReservation", {"reservationId": charge.reservation_id})]


@pytest.mark.parametrize("status", ["Rejected", "NotSupported"])
async def test_a_box_without_reservations_is_held_by_us(story: Story, status: str) -> None:
    charge = await story.ask(reserve=True)
    await story.refuse(charge, status=status)
    assert (await story.charge(charge)).state == "reserved"
    await story.add_key("04BE7C40")
    assert (await story.begin("04BE7C40")).status == "ConcurrentTx"


async def test_a_connector_that_cannot_be_held_says_so(story: Story) -> None:
    charge = await story.ask(reserve=True)
    await story.refuse(charge, status="Occupied")
    failed = await story.charge(charge)
    assert failed.failure_reason == "The charge point could not be held: it is occupied."


async def test_restart_asks_again_and_again(story: Story) -> None:
    charge = await story.ask()
    await story.later(minutes=4).restart(charge)
    assert [action for action, _ in await story.commands()] == ["RemoteStartTransaction"] * 2
    await story.after(minutes=2)
    assert (await story.charge(charge)).state == "starting"
    await story.begin(charge.id_tag)
    with pytest.raises(IllegalMove):
        await story.restart(charge)
    await story.stop(charge, "portal")
    await story.restart(charge)
    assert [action for action, _ in await story.commands()] == ["RemoteStopTransaction"] * 2
    assert (await story.charge(charge)).stopped_by == "portal"


async def test_notes_may_change_but_never_what_was_billed(story: Story) -> None:
    charge = await story.force_stop(await story.ask())
    noted = await story.later(minutes=1).patch(charge, partner_external_id="mine", partner_custom_payload={"a": 1})
    assert (noted.partner_external_id, noted.partner_custom_payload) == ("mine", {"a": 1})
    assert await story.charge(charge) == noted
    with pytest.raises(Invalid, match="energy_wh"):
        await story.patch(charge, energy_wh=5)


async def test_somebody_elses_charge_does_not_exist(story: Story) -> None:
    charge = await story.ask()
    stranger = story.viewer_of(operator_id=999)
    for act in (story.stop, story.force_stop, story.restart):
        with pytest.raises(Unknown):
            await act(charge, asked_by=stranger)
    with pytest.raises(Unknown):
        await story.stop(charge.id + 1)


async def test_who_pays_for_a_charge_may_stop_it(story: Story) -> None:
    charge = await story.ask(paying_team_id=story.neighbour_team_id)
    payer = story.viewer_of(team_ids=(story.neighbour_team_id,))
    assert (await story.stop(charge, asked_by=payer)).state == "completed"


async def test_a_stopped_charge_waits_a_day_at_most_for_its_cable(story: Story) -> None:
    charge = await story.ask()
    answer = await story.begin(charge.id_tag)
    await story.status("Charging")
    await story.later(hours=1).end(answer.ocpp_transaction_id, 2_000)
    await story.after(hours=23, minutes=59)
    assert (await story.charge(charge)).state == "releasing"
    await story.after(minutes=1)
    done = await story.charge(charge)
    assert (done.state, done.stopped_at) == ("completed", NOON + timedelta(hours=1))


async def test_without_release_detection_nobody_waits_for_the_cable(database: Database) -> None:
    story = await begin_story(database, release_detection=False)
    charge = await story.ask()
    answer = await story.begin(charge.id_tag)
    await story.status("Charging")
    await story.end(answer.ocpp_transaction_id, 2_000)
    assert (await story.charge(charge)).state == "completed"


async def test_limits_ask_the_box_to_stop_before_they_are_passed(story: Story) -> None:
    charge = await story.ask(energy_limit_wh=2_000)
    answer = await story.begin(charge.id_tag, meter_wh=0)
    for wh in (500, 1_000):
        await story.later(minutes=3).measure(wh, answer.ocpp_transaction_id)
    assert (await story.charge(charge)).state == "charging"
    await story.later(minutes=3).measure(1_600, answer.ocpp_transaction_id)
    assert (await story.charge(charge)).state == "stopping"
    await story.end(answer.ocpp_transaction_id, 1_650, reason="Remote")
    assert (await story.charge(charge)).stop_reason == "kwh-limit"


async def test_a_limit_on_the_state_of_charge_stops_as_well(story: Story) -> None:
    charge = await story.ask(soc_limit_percent=80)
    answer = await story.begin(charge.id_tag)
    await story.measure(1_010, answer.ocpp_transaction_id, soc_percent=70.0)
    await story.later(minutes=3).measure(1_500, answer.ocpp_transaction_id, soc_percent=80.0)
    stopping = await story.charge(charge)
    assert (stopping.state, stopping.stopped_by, stopping.soc_source) == ("stopping", "soc-limit", "charge-point")


async def test_a_box_that_will_not_stop_for_a_limit_is_asked_every_minute(story: Story) -> None:
    charge = await story.ask(energy_limit_wh=1_000)
    answer = await story.begin(charge.id_tag, meter_wh=0)
    await story.commands()
    await story.measure(1_100, answer.ocpp_transaction_id)
    await story.refuse(await story.charge(charge))
    await story.later(seconds=30).measure(1_200, answer.ocpp_transaction_id)
    assert len(await story.commands()) == 1
    await story.later(seconds=30).measure(1_300, answer.ocpp_transaction_id)
    assert len(await story.commands()) == 1
