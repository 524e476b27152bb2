"""What real charge points do (field notes, section 6), each by its code: nothing is lost, nothing is billed twice."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from tests.operations.market import open_market
from tests.operations.story import NOON, ON_THE_WAY, Box, Story, add_operator, begin_story
from wattline.database.connection import Database
from wattline.domain.price_terms import Pricing, PricingType
from wattline.domain.refusals import Unknown
from wattline.domain.values import ConnectorState

KEY = "04BE7C4004BE7C"


@pytest.fixture
async def story(database: Database) -> Story:
    story = await begin_story(database)
    await story.add_key(KEY)
    return story


# Starts ----------------------------------------------------------------------------------------------------------


async def test_a_repeated_start_is_answered_not_repeated(story: Story) -> None:
    charge = await story.ask()
    first = await story.begin(charge.id_tag)
    again = await story.later(seconds=30).begin(charge.id_tag, at=NOON)
    assert (again.ocpp_transaction_id, again.status, again.repeat) == (first.ocpp_transaction_id, "Accepted", True)
    assert len(await story.rows("select from transaction")) == 1


async def test_a_start_repeated_after_its_charge_is_over_gets_the_same_answer(story: Story) -> None:
    first = await story.begin(KEY)
    await story.later(minutes=9).end(first.ocpp_transaction_id, 1_500)
    again = await story.begin(KEY, at=NOON)
    assert (again.ocpp_transaction_id, again.repeat) == (first.ocpp_transaction_id, True)
    assert len(await story.charges()) == 1


async def test_an_unknown_key_gets_a_transaction_of_its_own_but_no_charge(story: Story) -> None:
    first = await story.begin("DEADBEEF")
    second = await story.later(minutes=1).begin("DEADBEEF")
    assert (first.status, second.status) == ("Invalid", "Invalid")
    assert 0 < first.ocpp_transaction_id != second.ocpp_transaction_id > 0
    assert await story.charges() == []
    again = await story.begin("DEADBEEF", at=NOON)
    assert (again.ocpp_transaction_id, again.status) == (first.ocpp_transaction_id, "Invalid")
    rows = await story.rows("select accepted, refusal from transaction")
    assert [tuple(row) for row in rows] == [(False, "Invalid")] * 2


async def test_a_transaction_id_that_is_taken_is_drawn_again(story: Story) -> None:
    first = await story.begin(KEY, connector=1)
    draws = iter([first.ocpp_transaction_id, first.ocpp_transaction_id, 4_711])
    story.chance.transaction_id = lambda: next(draws)  # type: ignore[method-assign]
    assert (await story.begin(KEY, connector=2)).ocpp_transaction_id == 4_711


async def test_one_key_may_charge_two_cars(story: Story) -> None:
    await story.begin(KEY, connector=1)
    await story.begin(KEY, connector=2)
    assert [charge.state for charge in await story.charges()] == ["charging", "charging"]


@pytest.mark.parametrize("connector", [0, 7])
async def test_a_start_on_a_connector_nobody_created_is_kept(story: Story, connector: int) -> None:
    answer = await story.begin(KEY, connector=connector)
    assert answer.status == "Invalid"
    assert (await story.begin(KEY, connector=connector)).repeat
    assert await story.measure(1_500, answer.ocpp_transaction_id, connector=connector) == "stored"


async def test_f9_a_box_that_changes_our_tag_still_begins_our_charge(story: Story) -> None:
    charge = await story.ask()
    assert (await story.tap(f"{charge.id_tag.lower()}_slave2")).status == "Accepted"
    assert (await story.begin(f"{charge.id_tag.lower()}_slave2")).status == "Accepted"
    assert (await story.charge(charge)).state == "charging"


async def test_f9_a_key_with_the_slaves_serial_behind_it_is_found(story: Story) -> None:
    assert (await story.begin(f"{KEY}_serial")).status == "Accepted"
    assert (await story.only_charge()).id_tag == f"{KEY}_serial"


async def test_f10_a_vehicles_address_and_a_spaced_key_are_found(story: Story) -> None:
    await story.add_key("20:69:C0:21:AA:BB", type="vehicleId")
    for tag in ("VID:2069C021AABB", "20:69:C0:21:AA:BB", "2069c021aabb"):
        assert (await story.tap(tag)).status == "Accepted"
    assert (await story.tap(" 04BE7C 4004BE7C")).status == "Accepted"
    await story.begin("VID:2069C021AABB")
    charge = await story.only_charge()
    assert (charge.start_source, charge.auth_type, charge.auth_id) == ("vehicle-vid", "vehicleId", "20:69:C0:21:AA:BB")


async def test_c9_a_connector_held_for_another_is_not_answered_invalid(story: Story) -> None:
    await story.ask(reserve=True)
    assert (await story.begin(KEY)).status == "ConcurrentTx"


async def test_a_key_that_is_tapped_first_takes_the_connector_from_a_start_that_only_waits(story: Story) -> None:
    hoped = await story.ask()
    await story.later(seconds=10).begin(KEY)
    failed = await story.charge(hoped)
    assert (failed.state, failed.failure_code) == ("completed", "another-charge-began")


async def test_a_box_may_begin_on_another_connector_than_it_was_asked_for(story: Story) -> None:
    charge = await story.ask(connector=1)
    assert (await story.begin(charge.id_tag, connector=2)).status == "Accepted"
    assert (await story.charge(charge)).state == "charging"


async def test_a_start_after_we_gave_up_is_refused_and_stopped(story: Story) -> None:
    charge = await story.ask()
    await story.after(minutes=6)
    await story.commands()
    answer = await story.begin(charge.id_tag)
    assert answer.status == "Invalid"
    assert await story.commands() == [("RemoteStopTransaction", {"transactionId": answer.ocpp_transaction_id})]
    assert (await story.charge(charge)).started_at is None


async def test_a_second_start_with_the_tag_of_a_charge_that_is_over_is_refused_and_stopped(story: Story) -> None:
    charge = await story.ask()
    first = await story.begin(charge.id_tag)
    await story.status("Charging")
    await story.later(minutes=5).end(first.ocpp_transaction_id, 2_000)
    await story.commands()
    second = await story.later(minutes=1).begin(charge.id_tag, meter_wh=2_000)
    assert second.status == "Invalid"
    assert await story.commands() == [("RemoteStopTransaction", {"transactionId": second.ocpp_transaction_id})]
    assert (await story.charge(charge)).state == "releasing"


async def test_a_start_from_a_box_that_does_not_exist_is_refused(story: Story) -> None:
    with pytest.raises(Unknown):
        await story.begin(KEY, box=Box(4_711, {}))


async def test_a_box_that_begins_anew_after_a_power_cut_goes_on_with_the_charge(story: Story) -> None:
    charge = await story.ask()
    first = await story.begin(charge.id_tag, meter_wh=1_000)
    await story.later(minutes=10).measure(2_000, first.ocpp_transaction_id)
    second = await story.later(minutes=5).begin(charge.id_tag, meter_wh=2_100)
    await story.end(first.ocpp_transaction_id, 2_100, reason="PowerLoss")
    assert (await story.charge(charge)).state == "charging"
    await story.later(minutes=10).measure(3_000, second.ocpp_transaction_id)
    await story.end(second.ocpp_transaction_id, 3_200)
    done = await story.charge(charge)
    assert (done.state, done.energy_wh, done.started_at) == ("completed", 2_200, NOON)


async def test_b7_a_box_without_a_clock_charges_now(story: Story) -> None:
    long_ago = datetime(1970, 1, 1, 0, 0, 9, tzinfo=UTC)
    answer = await story.begin(KEY, at=long_ago)
    await story.later(minutes=20).end(answer.ocpp_transaction_id, 1_500, at=long_ago + timedelta(minutes=20))
    charge = await story.only_charge()
    came_at = NOON + ON_THE_WAY
    assert (charge.started_at, charge.stopped_at) == (came_at, came_at + timedelta(minutes=20))
    assert (await story.begin(KEY, at=long_ago)).repeat


# Offline, replays ------------------------------------------------------------------------------------------------


async def test_a_charge_made_offline_arrives_complete_with_its_own_times(story: Story) -> None:
    yesterday = NOON - timedelta(days=1)
    answer = await story.begin(KEY, at=yesterday)
    readings = [story.reading(1_000 + 300 * n, at=yesterday + timedelta(minutes=n)) for n in (1, 2, 3)]
    await story.record(*[story.of(reading, answer) for reading in readings])
    await story.end(answer.ocpp_transaction_id, 3_000, at=yesterday + timedelta(hours=1))
    charge = await story.only_charge()
    assert (charge.state, charge.energy_wh) == ("completed", 2_000)
    assert (charge.started_at, charge.stopped_at) == (yesterday, yesterday + timedelta(hours=1))
    assert (charge.created_at, charge.completed_at) == (NOON, NOON)


async def test_history_told_late_leaves_the_charge_of_today_alone(story: Story) -> None:
    today = await story.ask()
    running = await story.begin(today.id_tag)
    await story.status("Charging")
    history = await story.later(minutes=1).begin(KEY, at=NOON - timedelta(hours=5))
    assert await story.current() == today.id
    assert await story.state() is ConnectorState.BUSY_CHARGING
    await story.end(history.ocpp_transaction_id, 2_000, at=NOON - timedelta(hours=4))
    await story.later(minutes=5).measure(1_900, running.ocpp_transaction_id)
    assert (await story.charge(today)).state == "charging"
    # The cable that is in is today's; history has none to wait for.
    assert (await story.charges())[1].state == "completed"


async def test_history_told_while_a_start_waits_does_not_fail_it(story: Story) -> None:
    hoped = await story.ask()
    history = await story.begin(KEY, at=NOON - timedelta(hours=5))
    await story.end(history.ocpp_transaction_id, 2_000, at=NOON - timedelta(hours=4))
    assert (await story.begin(hoped.id_tag)).status == "Accepted"
    assert await story.current() == hoped.id


async def test_old_statuses_told_late_change_no_younger_charge(story: Story) -> None:
    charge = await story.ask()
    await story.begin(charge.id_tag)
    await story.status("SuspendedEV", at=NOON - timedelta(minutes=1))
    assert (await story.charge(charge)).state == "charging"


@pytest.mark.parametrize("transaction_id", [-1, 0, 2**31 - 1, 2**63 - 1])
async def test_t1_t2_t12_a_stop_of_a_transaction_we_never_knew_is_answered_and_kept(
    story: Story, transaction_id: int
) -> None:
    running = await story.begin(KEY)
    answer = await story.end(transaction_id, 9_000, id_tag=KEY)
    assert (answer.status, answer.ocpp_transaction_id) == ("Accepted", transaction_id)
    await story.end(transaction_id, 9_000, id_tag=KEY)
    strays = await story.rows("select ocpp_transaction_id, meter_stop_wh, charge_id, payload from stray_stop")
    assert [tuple(row) for row in strays] == [
        (transaction_id, 9_000, None, {"transactionId": transaction_id, "meterStop": 9_000})
    ]
    assert (await story.only_charge()).ocpp_transaction_id == running.ocpp_transaction_id
    assert (await story.only_charge()).state == "charging"


async def test_no_box_can_stop_another_boxs_transaction(story: Story) -> None:
    answer = await story.begin(KEY)
    thief = await story.new_box()
    await story.end(answer.ocpp_transaction_id, 1_001, box=thief)
    assert await story.measure(9_999, answer.ocpp_transaction_id, box=thief) == "no-transaction"
    charge = await story.only_charge()
    assert (charge.state, charge.energy_wh) == ("charging", 0)


async def test_t3_available_before_the_stop_does_not_end_the_charge(story: Story) -> None:
    answer = await story.begin(KEY)
    await story.status("Charging")
    await story.later(hours=2).status("Finishing", at=NOON + timedelta(minutes=50))
    await story.status("Available", at=NOON + timedelta(minutes=55))
    assert (await story.only_charge()).state == "charging"
    await story.end(answer.ocpp_transaction_id, 5_000, at=NOON + timedelta(minutes=50))
    done = await story.only_charge()
    assert (done.state, done.energy_wh, done.stopped_at) == ("completed", 4_000, NOON + timedelta(minutes=50))


async def test_t4_a_new_start_closes_the_charge_whose_stop_never_came(story: Story) -> None:
    lost = await story.begin(KEY)
    await story.later(minutes=20).measure(4_000, lost.ocpp_transaction_id)
    await story.later(hours=3).begin(KEY, meter_wh=5_000)
    old, new = await story.charges()
    assert (old.state, old.stop_reason, old.energy_wh) == ("completed", "another-charge-began", 3_000)
    assert (new.state, await story.current()) == ("charging", new.id)
    await story.end(lost.ocpp_transaction_id, 4_500, at=NOON + timedelta(minutes=30))
    corrected, running = await story.charges()
    assert (corrected.energy_wh, corrected.correction["energyWh"]) == (3_000, 3_500)
    assert running.state == "charging"


async def test_t5_a_stop_repeated_with_another_time_changes_nothing_but_is_kept(story: Story) -> None:
    answer = await story.begin(KEY)
    await story.later(minutes=30).end(answer.ocpp_transaction_id, 2_000)
    first = await story.only_charge()
    again = await story.end(answer.ocpp_transaction_id, 2_000)
    assert again.repeat
    assert await story.rows("select from stray_stop") == []
    await story.end(answer.ocpp_transaction_id, 2_050, at=story.now - timedelta(seconds=2))
    assert await story.only_charge() == first
    assert len(await story.rows("select from stray_stop where charge_id = $1", first.id)) == 1


# Meters ----------------------------------------------------------------------------------------------------------


async def test_t6_a_register_that_goes_back_by_one_costs_nothing(story: Story) -> None:
    answer = await story.begin(KEY, meter_wh=1_000)
    await story.later(minutes=1).end(answer.ocpp_transaction_id, 999)
    assert (await story.only_charge()).energy_wh == 0


async def test_t6_a_register_that_starts_over_loses_nothing(story: Story) -> None:
    answer = await story.begin(KEY, meter_wh=50_000)
    for wh in (51_000, 100, 900):
        await story.later(minutes=5).measure(wh, answer.ocpp_transaction_id)
    assert (await story.only_charge()).energy_wh == 1_900
    await story.later(minutes=5).end(answer.ocpp_transaction_id, 1_000)
    charge = await story.only_charge()
    assert (charge.energy_wh, charge.meter_stop_wh) == (2_000, 1_000)


async def test_t7_a_placeholder_of_zero_never_bills_the_odometer(story: Story) -> None:
    answer = await story.begin(KEY, meter_wh=0)
    for wh in (910_000, 910_040):
        await story.later(seconds=30).measure(wh, answer.ocpp_transaction_id)
        assert (await story.only_charge()).energy_wh <= 40
    await story.later(seconds=30).end(answer.ocpp_transaction_id, 910_080)
    charge = await story.only_charge()
    assert (charge.energy_wh, charge.meter_start_wh) == (80, 910_000)
    (stopped,) = await story.rows("select detail from charge_move where cause = 'Stopped'")
    assert stopped["detail"] == {"reason": "StoppedByUser", "oddities": ["register-changed"]}


async def test_t8_kilowatt_hours_labelled_wh_are_understood(story: Story) -> None:
    answer = await story.begin(KEY, meter_wh=1_204_330)
    for kwh in (1_204, 1_205, 1_206):
        await story.later(minutes=10).measure(kwh, answer.ocpp_transaction_id)
    assert (await story.only_charge()).energy_wh == 1_670
    await story.later(minutes=1).end(answer.ocpp_transaction_id, 1_206_400)
    assert (await story.only_charge()).energy_wh == 2_070


async def test_t8_the_live_energy_of_a_register_in_kwh_does_not_leap_at_the_end(story: Story) -> None:
    answer = await story.begin(KEY, meter_wh=0)
    shown = []
    for minute in range(1, 61):
        await story.later(minutes=1).measure(minute * 11 // 60, answer.ocpp_transaction_id)
        shown.append((await story.only_charge()).energy_wh)
    leaps = [after - before for before, after in pairwise(shown)]
    assert max(leaps) <= 1_000
    assert 9_000 <= shown[-1] <= 11_000
    await story.later(seconds=30).end(answer.ocpp_transaction_id, 11)
    assert (await story.only_charge()).energy_wh == 11_000
    noted = await story.rows("select code from deviation")
    assert [row["code"] for row in noted] == ["unit-mislabelled"]


async def test_t8_a_limit_holds_for_a_register_in_kwh(story: Story) -> None:
    charge = await story.ask(energy_limit_wh=3_000)
    answer = await story.begin(charge.id_tag, meter_wh=0)
    minute = 0
    while (await story.charge(charge)).state == "charging":
        minute += 1
        await story.later(minutes=1).measure(minute * 11 // 60, answer.ocpp_transaction_id)
    assert 15 <= minute <= 17
    assert (await story.charge(charge)).stopped_by == "kwh-limit"


async def test_t8_a_car_that_waited_long_is_not_taken_for_a_register_in_kwh(story: Story) -> None:
    """Hours of waiting make the energy so far small beside the power of now; the readings between tell why."""
    answer = await story.begin(KEY, meter_wh=0)
    for _ in range(8):
        await story.later(hours=1).measure(10, answer.ocpp_transaction_id, power_w=0)
    for wh in (40, 40, 225, 225):
        await story.later(minutes=1).measure(wh, answer.ocpp_transaction_id, power_w=11_000)
    assert (await story.only_charge()).energy_wh == 225


async def test_t9_closing_readings_after_the_stop_count_until_the_charge_is_completed(story: Story) -> None:
    answer = await story.begin(KEY, meter_wh=1_000)
    await story.status("Charging")
    await story.later(minutes=30).end(answer.ocpp_transaction_id, 5_000)
    await story.later(seconds=2).measure(5_003, answer.ocpp_transaction_id, power_w=0)
    assert (await story.only_charge()).energy_wh == 4_003
    await story.later(minutes=1).status("Available")
    await story.later(seconds=2).measure(5_900, answer.ocpp_transaction_id)
    done = await story.only_charge()
    assert (done.state, done.energy_wh) == ("completed", 4_003)


async def test_t11_a_box_that_never_sends_readings_is_billed_by_its_registers(story: Story) -> None:
    answer = await story.begin(KEY, meter_wh=0)
    await story.after(hours=6)
    await story.end(answer.ocpp_transaction_id, 40_000)
    assert (await story.only_charge()).energy_wh == 40_000


async def test_t12_free_vending_is_kept_without_a_charge(story: Story) -> None:
    answer = await story.begin("FFFFFFFF")
    await story.status("Charging")
    assert await story.state() is ConnectorState.BUSY_CHARGING
    assert await story.measure(1_500, answer.ocpp_transaction_id) == "stored"
    await story.later(minutes=10).end(answer.ocpp_transaction_id, 2_000, id_tag="FFFFFFFF")
    (kept,) = await story.rows("select meter_start_wh, meter_stop_wh, charge_id from transaction")
    assert tuple(kept) == (1_000, 2_000, None)
    assert await story.charges() == []


async def test_c10_a_transaction_that_opens_without_power_is_still_a_charge(story: Story) -> None:
    answer = await story.begin(KEY)
    for _ in range(3):
        await story.later(minutes=1).measure(1_000, answer.ocpp_transaction_id, power_w=0)
    charge = await story.only_charge()
    assert (charge.state, charge.energy_wh, charge.power_w) == ("charging", 0, 0)


async def test_c3_available_with_a_car_plugged_in_keeps_the_charge_running(story: Story) -> None:
    answer = await story.begin(KEY)
    await story.later(minutes=1).status("Available")
    await story.measure(1_200, answer.ocpp_transaction_id)
    assert await story.state() is ConnectorState.BUSY_CHARGING


async def test_signed_readings_of_the_stop_are_kept_word_for_word(story: Story) -> None:
    answer = await story.begin(KEY)
    signed = [{"value": "OCMF|{}|{}", "format": "SignedData", "context": "Transaction.End"}]
    closing = story.reading(2_000, transaction_id=answer.ocpp_transaction_id, sampled=signed)
    await story.later(minutes=10).end(answer.ocpp_transaction_id, 2_000, readings=[closing])
    assert (await story.only_charge()).signed_data == {
        "format": "OCMF", "startMeter": None, "endMeter": "OCMF|{}|{}",
    }  # fmt: skip


async def test_a_key_of_another_operator_may_charge_in_public(story: Story) -> None:
    operator_id, team_id = await add_operator(story.database, "ELSEWHERE")
    await story.rows(
        """insert into charge_key (operator_id, team_id, type, identifier, identifier_key, created_at, updated_at)
           values ($1, $2, 'rfid', 'ABCDEF01', 'ABCDEF01', $3, $3)""",
        operator_id, team_id, NOON,
    )  # fmt: skip
    assert (await story.begin("ABCDEF01")).status == "Invalid"
    await story.rows("update connector set visibility = 'public'")
    await open_market(story, funds_minor=0, master=Pricing(type=PricingType.KWH, price=Decimal(0)))
    assert (await story.later(minutes=1).begin("ABCDEF01")).status == "Accepted"
    charge = await story.only_charge()
    assert (charge.type, charge.paying_operator_id, charge.operator_id) == ("external", operator_id, 1)
