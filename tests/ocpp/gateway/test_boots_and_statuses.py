"""Boots and statuses, in the order and shape real charge points send them (field notes B1 to B8, and more)."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

from tests.ocpp.gateway.yard import Yard


async def states(yard: Yard, box_id: int) -> list[str]:
    rows = await yard.rows(
        "select live.state from connector k join connector_live live on live.connector_id = k.id "
        "where k.charge_point_id = $1 order by k.number",
        box_id,
    )
    return [row["state"] for row in rows]


async def test_a_boot_tells_the_make_and_gets_the_time(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        answer = await box.boot(firmwareVersion="1.2.3", chargePointSerialNumber="S-77", meterType="M")
    assert answer["status"] == "Accepted"
    assert answer["interval"] == yard.settings.ocpp.heartbeat_seconds
    row = (await yard.rows("select * from charge_point where id = $1", box_id))[0]
    told = (row["vendor"], row["model"], row["firmware_version"], row["serial_number"], row["meter_type"])
    assert told == ("Maker", "Model 1", "1.2.3", "S-77", "M")
    assert row["boot_status"] == "Accepted"


async def test_f8_our_time_ends_in_z_without_a_fraction(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        for answer in (await box.boot(), await box.tell("Heartbeat", {})):
            text = answer["currentTime"]
            assert text == datetime.fromisoformat(text).strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_our_answers_are_compact_json(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.say([2, "1", "Heartbeat", {}])
        raw = await box.connection.recv()
        assert isinstance(raw, str)
        assert raw == json.dumps(json.loads(raw), separators=(",", ":"))


async def test_b1_a_known_box_comes_back_without_a_boot(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1", booted=True)
    async with yard.box("BOX-1") as box:
        await box.status("Available")
        await yard.until_noted(box_id, "boot-missing")
        assert await states(yard, box_id) == ["available"]
        await box.status("Preparing")
        assert await states(yard, box_id) == ["busy-blocked"]


async def test_b2_a_status_before_and_together_with_the_boot(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.status("Available")
        await box.say([2, "a", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}])
        await box.say([2, "b", "StatusNotification", {"connectorId": 1, "status": "Charging", "errorCode": "NoError"}])
        boot, status = await box.hear(), await box.hear()
        assert (boot[:2], status) == ([3, "a"], [3, "b", {}])
    assert await yard.log_kinds(box_id) == ["Connect", "StatusNotification", "BootNotification", "Charging"]
    assert {"call-before-boot", "call-before-answer"} <= await yard.deviations(box_id)


async def test_b7_message_ids_begin_anew_after_each_boot(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    for _ in range(2):
        async with yard.box("BOX-1") as box:
            first = await box.ask(
                "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}, message_id="1"
            )
            second = await box.ask(
                "StatusNotification", {"connectorId": 1, "status": "Available", "errorCode": "NoError"}, message_id="2"
            )
            assert (first[0], second[0]) == (3, 3)
    assert (await yard.log_kinds(box_id)).count("BootNotification") == 2


async def test_b7_a_retry_under_its_old_id_is_answered_not_repeated(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    meter = {"connectorId": 1, "meterValue": [{"timestamp": time(0), "sampledValue": [{"value": "1000"}]}]}
    async with yard.box("BOX-1") as box:
        first = await box.ask("MeterValues", meter, message_id="7")
        again = await box.ask("MeterValues", meter, message_id="7")
        renewed = await box.ask("MeterValues", meter, message_id="8")
        assert (first, again, renewed[0]) == ([3, "7", {}], first, 3)
    assert await yard.value("select count(*) from reading where charge_point_id = $1", box_id) == 1
    assert "call-repeated" in await yard.deviations(box_id)


async def test_b7_frames_stamped_1970_are_given_the_time_they_came(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    stamp = "1970-01-01T00:00:42Z"
    async with yard.box("BOX-1") as box:
        await box.status("Available", timestamp=stamp)
        await box.tell(
            "MeterValues",
            {"connectorId": 1, "meterValue": [{"timestamp": stamp, "sampledValue": [{"value": "5", "unit": "Wh"}]}]},
        )
    measured = await yard.value("select measured_at from reading where charge_point_id = $1", box_id)
    assert datetime.now(UTC) - measured < timedelta(minutes=1)
    told = await yard.value("select told_at from log_line where kind = 'StatusNotification'")
    assert datetime.now(UTC) - told < timedelta(minutes=1)
    assert "clock-not-set" in await yard.deviations(box_id)


async def test_b8_weeks_of_history_at_the_first_connect(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        for number in range(60):
            sampled = [{"value": str(1000 + number), "unit": "Wh"}]
            values = {"connectorId": 1, "meterValue": [{"timestamp": time(-number * 900), "sampledValue": sampled}]}
            await box.say([2, f"h{number}", "MeterValues", values])
        answers = [await box.hear() for _ in range(60)]
        assert [answer[:2] for answer in answers] == [[3, f"h{number}"] for number in range(60)]
    assert await yard.value("select count(*) from reading where charge_point_id = $1", box_id) == 60


async def test_f11_the_box_itself_reports_as_connector_0(yard: Yard) -> None:
    box_id = await yard.add_box("KEBA", connectors=2)
    async with yard.box("KEBA") as box:
        await box.boot()
        for number in (1, 2):
            await box.status("Available", connector=number)
        await box.status("Faulted", connector=0, errorCode="GroundFailure")
        assert await yard.value("select error_code from charge_point where id = $1", box_id) == "GroundFailure"
        assert await states(yard, box_id) == ["error", "error"]
        await box.status("Available", connector=0)
        assert await states(yard, box_id) == ["available", "available"]


async def test_a_goodbye_of_the_emulator_kind_is_no_fault(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        await box.status("Available")
        await box.status("Unavailable", connector=0, info="Disconnecting")
        assert await states(yard, box_id) == ["available"]


async def test_a_connector_we_do_not_have_is_logged_all_the_same(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        assert await box.status("Available", connector=7) == {}
    row = (await yard.rows("select connector_number from log_line where kind = 'StatusNotification'"))[0]
    assert row["connector_number"] == 7
    assert await states(yard, box_id) == ["other"]


async def test_statuses_have_the_log_names_that_people_know(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        for status in ("Available", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"):
            await box.status(status)
    names = ["StatusNotification", "Charging", "SuspendedEV", "SuspendedEVSE", "StatusNotification"]
    assert (await yard.log_kinds(box_id))[2:7] == names


async def test_a_status_tells_partners_once_that_it_changed(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.status("Available")
        await box.status("Available")
        await box.status("Faulted", errorCode="OverVoltage")
    facts = await yard.rows("select detail from fact where kind = 'ProtocolStatusChanged' order by id")
    assert [row["detail"]["status"] for row in facts] == ["Available", "Faulted"]


async def test_many_boxes_at_once_each_get_their_own_answer(yard: Yard) -> None:
    count = 40
    for number in range(count):
        await yard.add_box(f"BOX-{number}")

    async def come(number: int) -> None:
        async with yard.box(f"BOX-{number}") as box:
            await box.boot()
            await box.status("Available", connector=0)
            await box.status("Available")

    await asyncio.gather(*(come(number) for number in range(count)))
    assert await yard.value("select count(*) from charge_point where booted_at is not null") == count
    assert await yard.value("select count(*) from log_line where kind = 'StatusNotification'") == 2 * count


def time(seconds: int) -> str:
    """Write a time so many seconds from now as a charge point does."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
