"""Charges over the wire, as real charge points begin and end them (field notes T1 to T12)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.ocpp.gateway.charge_point import ChargePoint
from tests.ocpp.gateway.yard import KEY, Yard


def at(seconds: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


async def start(box: ChargePoint, *, tag: str = KEY, meter: int = 1000, stamp: str | None = None) -> int:
    payload = {"connectorId": 1, "idTag": tag, "meterStart": meter, "timestamp": stamp or at()}
    transaction_id: int = (await box.tell("StartTransaction", payload))["transactionId"]
    return transaction_id


async def stop(box: ChargePoint, transaction_id: int, *, meter: int = 2000, **fields: Any) -> dict[str, Any]:
    payload = {"transactionId": transaction_id, "meterStop": meter, "timestamp": at(), **fields}
    return await box.tell("StopTransaction", payload)


async def measure(box: ChargePoint, transaction_id: int | None, wh: int, *, seconds: int = 0) -> None:
    sampled = [{"value": str(wh), "unit": "Wh", "measurand": "Energy.Active.Import.Register"}]
    payload: dict[str, Any] = {"connectorId": 1, "meterValue": [{"timestamp": at(seconds), "sampledValue": sampled}]}
    if transaction_id is not None:
        payload["transactionId"] = transaction_id
    await box.tell("MeterValues", payload)


async def charge_of(yard: Yard) -> Any:
    (row,) = await yard.rows("select * from charge")
    return row


async def test_a_tapped_key_charges_from_start_to_stop(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        await box.status("Preparing")
        assert (await box.tell("Authorize", {"idTag": KEY}))["idTagInfo"]["status"] == "Accepted"
        transaction_id = await start(box)
        await box.status("Charging")
        await measure(box, transaction_id, 1400)
        charge = await charge_of(yard)
        assert (charge["state"], charge["energy_wh"]) == ("charging", 400)
        answer = await stop(box, transaction_id, meter=1900, idTag=KEY, reason="Local")
        assert answer["idTagInfo"]["status"] == "Accepted"
        await box.status("Available")
    charge = await charge_of(yard)
    assert (charge["state"], charge["energy_wh"]) == ("completed", 900)
    assert [kind for kind in await yard.log_kinds(box_id) if kind.endswith("Transaction")] == [
        "StartTransaction",
        "StopTransaction",
    ]


async def test_a_lost_answer_to_a_start_is_given_again_after_a_reconnect(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    stamp = at()
    async with yard.box("BOX-1") as box:
        first = await start(box, stamp=stamp)
    async with yard.box("BOX-1") as box:
        assert await start(box, stamp=stamp) == first
    assert await yard.value("select count(*) from transaction") == 1
    assert "transaction-repeated" in await yard.deviations(box_id)


async def test_an_unknown_key_gets_a_transaction_id_but_no_charge(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        payload = {"connectorId": 1, "idTag": "NOBODY", "meterStart": 0, "timestamp": at()}
        answer = await box.tell("StartTransaction", payload)
        assert answer["idTagInfo"]["status"] == "Invalid"
        assert answer["transactionId"] > 0
    assert await yard.value("select count(*) from charge") == 0


@pytest.mark.parametrize("transaction_id", [0, -1, 2**63 - 1, 4711], ids=["T1", "T2 -1", "T2 largest", "T12 unknown"])
async def test_t1_t2_t12_a_stop_of_what_we_never_knew_is_acknowledged(yard: Yard, transaction_id: int) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        assert await stop(box, transaction_id) == {}
    assert await yard.value("select ocpp_transaction_id from stray_stop") == transaction_id
    assert "StopTransaction" in await yard.log_kinds(box_id)


@pytest.mark.parametrize("told_id", [0, -1, 4711])
async def test_t1_a_stop_under_a_wrong_number_ends_the_only_charge_it_can_mean(yard: Yard, told_id: int) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        transaction_id = await start(box)
        await measure(box, transaction_id, 1200)
    async with yard.box("BOX-1") as box:
        payload = {"transactionId": told_id, "meterStop": 1400, "timestamp": at(1), "idTag": KEY}
        for _ in range(2):
            assert (await box.tell("StopTransaction", payload))["idTagInfo"]["status"] == "Accepted"
    charge = await charge_of(yard)
    assert (charge["state"], charge["energy_wh"]) == ("completed", 400)
    noted = await yard.deviations(box_id)
    assert {"transaction-guessed", "transaction-repeated"} <= noted
    assert ("transaction-unknown" if told_id > 0 else "transaction-id-placeholder") in noted


async def test_b7_a_start_and_a_stop_stamped_1970_are_counted_once_over_two_sockets(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    begun = {"connectorId": 1, "idTag": KEY, "meterStart": 1000, "timestamp": "1970-01-01T00:00:12Z"}
    async with yard.box("BOX-1") as box:
        first = (await box.tell("StartTransaction", begun))["transactionId"]
    async with yard.box("BOX-1") as box:
        assert (await box.tell("StartTransaction", begun))["transactionId"] == first
        ended = {"transactionId": -1, "meterStop": 1400, "timestamp": "1970-01-01T00:10:12Z"}
        await box.tell("StopTransaction", ended)
    async with yard.box("BOX-1") as box:
        await box.tell("StopTransaction", ended)
    assert (await charge_of(yard))["state"] == "completed"
    assert await yard.value("select count(*) from stray_stop") == 0
    assert {"transaction-repeated", "transaction-guessed", "clock-not-set"} <= await yard.deviations(box_id)


@pytest.mark.parametrize("transaction_id", [None, 0, -1, 2**63 - 1, 99])
async def test_t2_t12_readings_without_a_transaction_of_ours_are_kept(yard: Yard, transaction_id: int | None) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await measure(box, transaction_id, 5000)
    assert await yard.value("select energy_wh from reading where charge_point_id = $1", box_id) == 5000
    assert await yard.value("select count(*) from charge") == 0
    odd = {None: None, 99: "transaction-unknown"}.get(transaction_id, "transaction-id-placeholder")
    assert await yard.deviations(box_id) == ({odd} if odd else set())


async def test_t3_available_comes_before_the_stop_it_belongs_to(yard: Yard) -> None:
    await yard.add_box("BOX-1", booted=True)
    async with yard.box("BOX-1") as box:
        transaction_id = await start(box)
        await box.status("Charging")
    async with yard.box("BOX-1") as box:
        await box.status("Finishing", timestamp=at())
        await box.status("Available", timestamp=at())
        assert (await charge_of(yard))["state"] == "charging"
        await stop(box, transaction_id, meter=1700)
    charge = await charge_of(yard)
    assert (charge["state"], charge["energy_wh"]) == ("completed", 700)


async def test_t4_a_start_again_with_its_old_time_is_the_same_charge(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    stamp = at(-3600)
    async with yard.box("BOX-1") as box:
        first = await start(box, stamp=stamp)
        await measure(box, first, 1200)
        assert await start(box, stamp=stamp) == first
    assert (await charge_of(yard))["state"] == "charging"


async def test_t5_a_stop_repeated_with_another_time_is_acknowledged_once_counted(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        transaction_id = await start(box)
        await stop(box, transaction_id, meter=1500, timestamp=at())
        await stop(box, transaction_id, meter=1500, timestamp=at(2))
    assert (await charge_of(yard))["energy_wh"] == 500


async def test_t6_a_meter_that_ends_below_its_start_bills_nothing_absurd(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        transaction_id = await start(box, meter=10_000)
        await stop(box, transaction_id, meter=9_999)
    assert (await charge_of(yard))["energy_wh"] == 0


async def test_t7_a_placeholder_of_zero_does_not_bill_the_whole_odometer(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        transaction_id = await start(box, meter=0, stamp=at(-60))
        await measure(box, transaction_id, 910_000, seconds=-30)
        await measure(box, transaction_id, 910_080)
        await stop(box, transaction_id, meter=910_080)
    assert (await charge_of(yard))["energy_wh"] <= 200


async def test_t8_kilowatt_hours_are_read_in_their_unit(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        transaction_id = await start(box, meter=1000, stamp=at(-600))
        sampled = [{"value": "1.9", "unit": "kWh", "measurand": "Energy.Active.Import.Register"}]
        values = {"connectorId": 1, "transactionId": transaction_id}
        await box.tell("MeterValues", {**values, "meterValue": [{"timestamp": at(), "sampledValue": sampled}]})
    assert (await charge_of(yard))["energy_wh"] == 900


async def test_t9_closing_readings_after_the_stop_are_kept(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        transaction_id = await start(box)
        await stop(box, transaction_id, meter=1500)
        await measure(box, transaction_id, 1500, seconds=1)
    charge = await charge_of(yard)
    assert await yard.value("select count(*) from reading where ocpp_transaction_id = $1", transaction_id) == 1
    assert charge["energy_wh"] == 500


async def test_t10_currents_per_phase_and_voltage_of_the_neutral(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    sampled = [
        {"value": "9.5", "measurand": "Current.Import", "unit": "A", "phase": "L1-N"},
        {"value": "10.5", "measurand": "Current.Import", "unit": "A", "phase": "L2-N"},
        {"value": "231", "measurand": "Voltage", "unit": "V", "phase": "N"},
        {"value": "1300", "unit": "Wh", "phase": "L1"},
    ]
    async with yard.box("BOX-1") as box:
        await box.tell("MeterValues", {"connectorId": 1, "meterValue": [{"timestamp": at(), "sampledValue": sampled}]})
    row = (await yard.rows("select * from reading"))[0]
    assert (row["current_a"], row["voltage_v"], row["energy_wh"]) == (10.5, 231.0, 1300)
    assert [value["phase"] for value in row["sampled"]] == ["L1-N", "L2-N", "N", "L1"]


async def test_t11_a_charge_without_any_reading_is_billed_by_its_registers(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(meterType="Internal NON compliant")
        transaction_id = await start(box, meter=5000, stamp=at(-3600))
        await stop(box, transaction_id, meter=9000)
    assert (await charge_of(yard))["energy_wh"] == 4000


async def test_signed_readings_of_the_stop_are_kept_as_they_came(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    signed = {"value": 'OCMF|{"FV":"1.0"}|{"SD":"00"}', "format": "SignedData", "context": "Transaction.End"}
    async with yard.box("BOX-1") as box:
        transaction_id = await start(box)
        await stop(box, transaction_id, transactionData=[{"timestamp": at(), "sampledValue": [signed]}])
    row = (await yard.rows("select sampled, connector_number from reading"))[0]
    assert (row["sampled"], row["connector_number"]) == ([signed], 1)
    assert signed["value"] in str((await charge_of(yard))["signed_data"])


async def test_another_box_cannot_stop_the_charge(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    await yard.add_box("BOX-2")
    async with yard.box("BOX-1") as box, yard.box("BOX-2") as stranger:
        transaction_id = await start(box)
        await stop(stranger, transaction_id)
    assert (await charge_of(yard))["state"] == "charging"
