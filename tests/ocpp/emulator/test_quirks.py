"""Each quirk shows as the field notes describe it, and nowhere else."""

from typing import Any

import pytest

from tests.ocpp.emulator.stage import KEY, Central, Stage, samples
from wattline.emulator import front_panel
from wattline.emulator.quirks import MEANINGS, Quirk

Payload = dict[str, Any]
REGISTER = "Energy.Active.Import.Register"


def charge(*quirks: Quirk, **options: Any) -> Stage:
    """A charge of three minutes after an earlier one, so that the register does not begin at 0."""
    keys = {spelled: {"status": "Accepted"} for spelled in (KEY, f"{KEY}_STORY-1", f" {KEY}", "FFFFFFFF")}
    stage = Stage(quirks=quirks, central=Central(keys=keys), **options)
    stage.plug().tap().wait(minutes=2).tap().unplug().forget()
    stage.plug().tap().wait(minutes=3).tap().unplug()
    return stage


def registers(stage: Stage) -> list[Payload]:
    """Every register value of the charge's MeterValues."""
    return [sample for payload in stage.payloads("MeterValues") for sample in samples(payload, REGISTER)]


def test_every_quirk_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Quirk)


def test_b2_statuses_come_before_the_boot() -> None:
    stage = Stage(quirks=[Quirk.STATUS_BEFORE_BOOT], begins_connected=False).settle()
    assert stage.actions() == ["Available", "Available", "BootNotification"]


def test_b6_no_heartbeats() -> None:
    assert Stage(quirks=[Quirk.NO_HEARTBEATS]).wait(minutes=30).said == []


def test_b7_the_clock_starts_in_1970() -> None:
    stage = Stage(quirks=[Quirk.CLOCK_STARTS_IN_1970], keys={"AllowOfflineTxForUnknownId": "true"})
    stage.cut().lose_power(1).wait(10).plug().tap().wait(60).mend()
    assert stage.payloads("StartTransaction")[0]["timestamp"].startswith("1970-01-01T00:00:0")


def test_f1_serial_and_model_are_too_long() -> None:
    [boot] = Stage(quirks=[Quirk.LONG_SERIAL]).reboot().wait(10).payloads("BootNotification")
    assert len(boot["chargePointSerialNumber"]) > 25
    assert len(boot["chargePointModel"]) > 20


def test_f2_optional_fields_are_null() -> None:
    stage = charge(Quirk.NULLS)
    assert stage.payloads("StartTransaction")[0]["reservationId"] is None
    assert stage.payloads("StatusNotification")[0]["vendorId"] is None


def test_f3_words_nobody_defined() -> None:
    stage = charge(Quirk.WRONG_ENUMS)
    assert samples(stage.payloads("MeterValues")[0], "Frequency")[0]["unit"] == "Hz"
    front_panel.fault(stage.box, 1, "OverVoltage", stage.now)
    assert stage.settle().payloads("StatusNotification")[-1]["errorCode"] == "Error"


def test_f4_an_object_where_an_array_should_be() -> None:
    assert isinstance(charge(Quirk.METER_VALUE_OBJECT).payloads("MeterValues")[0]["meterValue"], dict)


def test_f5_properties_no_schema_knows() -> None:
    stage = charge(Quirk.EXTRA_PROPERTIES)
    assert stage.payloads("Authorize")[0]["connectorId"] == 1
    assert stage.payloads("StartTransaction")[0]["reservationId"] == 0


def test_f7_times_in_other_forms() -> None:
    assert charge(Quirk.SHORT_OFFSET).payloads("StartTransaction")[0]["timestamp"] == "2026-11-20T14:02:00+02"
    assert charge(Quirk.NO_ZONE).payloads("StartTransaction")[0]["timestamp"] == "2026-11-20T12:02:00"


def test_f9_f10_tags_with_something_around_them() -> None:
    assert charge(Quirk.TAG_WITH_SERIAL).payloads("StartTransaction")[0]["idTag"] == f"{KEY}_STORY-1"
    assert charge(Quirk.TAG_WITH_SPACE).payloads("Authorize")[0]["idTag"] == f" {KEY}"


def test_t1_t2_transaction_ids_that_are_none() -> None:
    assert charge(Quirk.STOP_WITH_ZERO).payloads("StopTransaction")[0]["transactionId"] == 0
    assert charge(Quirk.RANDOM_TRANSACTION_IDS).payloads("MeterValues")[0]["transactionId"] == -1


def test_t3_available_comes_before_the_stop() -> None:
    stage = Stage(quirks=[Quirk.AVAILABLE_BEFORE_STOP]).plug().tap().wait(20).forget().unplug()
    assert stage.actions() == ["Finishing", "Available", "StopTransaction"]


def test_t4_t5_beginnings_and_ends_are_said_twice() -> None:
    first, second = charge(Quirk.REPEATED_START).payloads("StartTransaction")
    assert first == second
    first, second = charge(Quirk.REPEATED_STOP).payloads("StopTransaction")
    assert (first["timestamp"], second["timestamp"]) == ("2026-11-20T12:05:00.000Z", "2026-11-20T12:05:02.000Z")


def test_t6_registers_of_every_kind() -> None:
    assert charge().payloads("StartTransaction")[0]["meterStart"] > 300
    assert charge(Quirk.METER_START_ZERO).payloads("StartTransaction")[0]["meterStart"] == 0
    session = charge(Quirk.SESSION_REGISTER)
    assert session.payloads("StartTransaction")[0]["meterStart"] == 0
    assert 500 < session.payloads("StopTransaction")[0]["meterStop"] < 600
    assert int(registers(session)[0]["value"]) < 200
    short = Stage(quirks=[Quirk.METER_STOP_BELOW_START]).plug().tap().wait(20).tap()
    whole = Stage().plug().tap().wait(20).tap()
    assert short.payloads("StopTransaction")[0]["meterStop"] == whole.payloads("StopTransaction")[0]["meterStop"] - 1


def test_t7_the_first_reading_is_a_placeholder() -> None:
    stage = charge(Quirk.BEGIN_WITH_ZERO, keys={"StopTxnSampledData": REGISTER})
    first, *_, last = samples(stage.payloads("StopTransaction")[0], REGISTER)
    assert (first["value"], int(last["value"]) > 500) == ("0", True)


def test_t8_kilowatt_hours_in_disguise() -> None:
    [first, *_] = registers(charge(Quirk.KWH_LABELLED_WH))
    assert (float(first["value"]) < 1, first["unit"]) == (True, "Wh")
    [first, *_] = registers(charge(Quirk.ROUNDED_KWH))
    assert (first["value"] in {"0", "1"}, first["unit"]) == (True, "kWh")


def test_t9_the_last_reading_comes_after_the_stop() -> None:
    actions = charge(Quirk.READINGS_AFTER_STOP).actions()
    assert actions[actions.index("StopTransaction") + 1] == "MeterValues"


def test_t10_phases_of_their_own() -> None:
    [first, *_] = charge(Quirk.ODD_PHASES).payloads("MeterValues")
    assert {sample["phase"] for sample in samples(first, "Voltage")} == {"N"}
    assert samples(first, REGISTER)[0]["phase"] == "L1"


def test_t11_no_meter_values_ever() -> None:
    stage = charge(Quirk.NO_METER_VALUES)
    assert stage.command("ChangeConfiguration", key="MeterValueSampleInterval", value="5")["status"] == "Accepted"
    assert stage.payloads("MeterValues") == []


def test_t12_free_vend() -> None:
    stage = Stage(quirks=[Quirk.FREE_VEND], central=Central(keys={"FFFFFFFF": {"status": "Accepted"}})).plug()
    assert stage.payloads("StartTransaction")[0]["idTag"] == "FFFFFFFF"


@pytest.mark.parametrize("wanted", [{"requestedMessage": "MeterValues"}, {"requestedMessage": "StatusNotification"}])
def test_c1_triggers_need_a_connector(wanted: Payload) -> None:
    stage = Stage(quirks=[Quirk.TRIGGER_NEEDS_CONNECTOR])
    assert stage.command("TriggerMessage", **wanted) == {"status": "Rejected"}
    assert stage.command("TriggerMessage", connectorId=1, **wanted) == {"status": "Accepted"}
