"""Fields as real charge points write them (field notes F1 to F12), from the socket to the row that is kept."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.ocpp.gateway.charge_point import ChargePoint
from tests.ocpp.gateway.yard import KEY, Yard

AT = "2026-11-20T12:00:00Z"


def meter(**changes: Any) -> dict[str, Any]:
    sampled = {"value": "1500", "unit": "Wh", "measurand": "Energy.Active.Import.Register", **changes}
    return {"connectorId": 1, "meterValue": [{"timestamp": AT, "sampledValue": [sampled]}]}


async def readings(yard: Yard) -> list[tuple[int | None, int | None]]:
    rows = await yard.rows("select energy_wh, power_w from reading order by measured_at")
    return [(row["energy_wh"], row["power_w"]) for row in rows]


async def test_f1_a_serial_and_a_model_that_are_too_long_are_kept(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    serial, model = "S" * 33, "M" * 23
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointSerialNumber=serial, chargePointModel=model)
    row = (await yard.rows("select serial_number, model from charge_point where id = $1", box_id))[0]
    assert tuple(row) == (serial, model)
    assert "text-too-long" in await yard.deviations(box_id)


async def test_f2_optional_fields_as_null(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(firmwareVersion=None, iccid=None)
        await box.status("Available", info=None, timestamp=None, vendorErrorCode=None)
        await box.tell("MeterValues", {**meter(), "transactionId": None})
    assert await readings(yard) == [(1500, None)]
    assert "null-field" in await yard.deviations(box_id)


async def test_f3_words_that_ocpp_does_not_know(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.status("Faulted", errorCode="Error")
        await box.tell("MeterValues", meter(context="Sample.Wrong"))
        odd = {"value": "50.0", "unit": "Hz", "measurand": "Request.Energy"}
        await box.tell("MeterValues", {"connectorId": 1, "meterValue": [{"timestamp": AT, "sampledValue": [odd]}]})
    assert await yard.value("select error_code from connector_live") == "OtherError"
    assert (1500, None) in await readings(yard)
    assert await yard.deviations(box_id)


async def test_f4_one_where_a_list_belongs_and_an_empty_list(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        whole = meter()
        await box.tell("MeterValues", {**whole, "meterValue": whole["meterValue"][0]})
        await box.tell("MeterValues", {"connectorId": 1, "meterValue": [{"timestamp": AT, "sampledValue": []}]})
    assert (1500, None) in await readings(yard)
    assert {"not-a-list", "empty-list"} <= await yard.deviations(box_id)


async def test_f5_properties_that_do_not_belong(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        answer = await box.tell("Authorize", {"idTag": KEY, "connectorId": 1})
        assert answer["idTagInfo"]["status"] == "Accepted"
        start = {"connectorId": 1, "idTag": KEY, "meterStart": 0, "timestamp": AT, "reservationId": 0}
        assert (await box.tell("StartTransaction", start))["idTagInfo"]["status"] == "Accepted"
    assert "extra-field" in await yard.deviations(box_id)


@pytest.mark.parametrize(
    "text",
    [
        '[\n  2 ,\n  "p" , "Heartbeat" , { }\n]',
        '[2,"p","Heartbeat",{}]\x00\n',
        '[2,"p","DataTransfer",{"vendorId":"V","data":"a\\qb"}]',
        '[2,"p","Heartbeat",{},]',
    ],
)
async def test_f6_json_as_some_firmware_writes_it(yard: Yard, text: str) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.say(text)
        assert (await box.hear())[:2] == [3, "p"]


@pytest.mark.parametrize(
    "stamp",
    ["2026-11-20T12:00:00", "2026-11-20T14:00:00+02", "2026-11-20T12:00:00.1234567Z", "2026-11-20 12:00:00Z"],
)
async def test_f7_times_in_other_forms(yard: Yard, stamp: str) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        values = meter()
        values["meterValue"][0]["timestamp"] = stamp
        await box.tell("MeterValues", values)
    measured = await yard.value("select measured_at from reading")
    assert measured.replace(microsecond=0) == datetime(2026, 11, 20, 12, tzinfo=UTC)


async def test_f7_an_empty_time_is_when_the_message_came(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.status("Available", timestamp="")
        values = meter()
        values["meterValue"][0]["timestamp"] = ""
        await box.tell("MeterValues", values)
    assert (datetime.now(UTC) - await yard.value("select measured_at from reading")).total_seconds() < 60
    assert await yard.deviations(box_id)


async def authorise(box: ChargePoint, tag: str) -> str:
    status: str = (await box.tell("Authorize", {"idTag": tag}))["idTagInfo"]["status"]
    return status


async def test_f9_a_slave_adds_its_serial_to_the_key(yard: Yard) -> None:
    await yard.add_box("KEBA", vendor="Keba AG")
    async with yard.box("KEBA") as box:
        assert await authorise(box, f"{KEY}_12345678") == "Accepted"
        assert await authorise(box, "4711_12345678") == "Invalid"


@pytest.mark.parametrize("spelling", [" 04 A2 B3 C4", "04:A2:B3:C4", "04a2b3c4", "04-A2-B3-C4 "])
async def test_f10_keys_with_separators_blanks_and_in_small_letters(yard: Yard, spelling: str) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        assert await authorise(box, spelling) == "Accepted"


async def test_f12_evbox_tells_its_status_in_a_data_transfer(yard: Yard) -> None:
    box_id = await yard.add_box("EVBOX")
    data = "1,SuspendedEVSE,NoError,No error.,0,Yellow,1,{20,8000,16},0,0,2026-11-20T12:00:00Z"
    async with yard.box("EVBOX") as box:
        answer = await box.tell(
            "DataTransfer", {"vendorId": "EV-BOX", "messageId": "evbStatusNotification", "data": data}
        )
    assert answer == {"status": "Accepted"}
    assert await yard.value("select ocpp_status from connector_live") == "SuspendedEVSE"
    assert "SuspendedEVSE" in await yard.log_kinds(box_id)


async def test_words_of_other_makers_are_kept_in_the_log(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        answer = await box.tell("DataTransfer", {"vendorId": "com.example", "messageId": "hello", "data": "{}"})
    assert answer == {"status": "UnknownVendorId"}
    assert "DataTransfer" in await yard.log_kinds(box_id)


async def test_reports_of_progress_and_security_are_kept(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.tell("FirmwareStatusNotification", {"status": "Installing"})
        await box.tell("SignedFirmwareStatusNotification", {"status": "SignatureVerified", "requestId": 4})
        await box.tell("DiagnosticsStatusNotification", {"status": "Uploading"})
        await box.tell("LogStatusNotification", {"status": "Uploaded", "requestId": 4})
        await box.tell("SecurityEventNotification", {"type": "TamperDetectionActivated", "timestamp": AT})
        assert await box.tell("SignCertificate", {"csr": "-----BEGIN CERTIFICATE REQUEST-----"}) == {
            "status": "Accepted"
        }
    row = (await yard.rows("select firmware_status, diagnostics_status from charge_point where id = $1", box_id))[0]
    assert tuple(row) == ("SignatureVerified", "Uploaded")
    assert await yard.value("select type from security_event") == "TamperDetectionActivated"
    assert await yard.value("select state from signing_request") == "received"
    assert {"SecurityEventNotification", "SignCertificate"} <= set(await yard.log_kinds(box_id))
