"""Payloads that break their schema are mended where the meaning is clear, and each oddity is noted (field notes F)."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.wire.ocpp import schemas
from wattline.wire.ocpp.deviations import Code
from wattline.wire.ocpp.lenient import NOTED_MAX, TOLERATED, Mended, mend
from wattline.wire.ocpp.schemas import Direction
from wattline.wire.ocpp.versions import V16, ErrorCode

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOON = "2026-11-20T12:00:00Z"
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
START = {"connectorId": 1, "idTag": "AABBCCDD", "meterStart": 100, "timestamp": NOON}
STOP = {"transactionId": 5, "meterStop": 900, "timestamp": NOON}
BOOT = {"chargePointVendor": "VendorX", "chargePointModel": "Single"}


def read(action: str, payload: dict[str, Any], direction: Direction = Direction.REQUEST) -> Mended:
    before = deepcopy(payload)
    mended = mend(V16, action, direction, payload, received_at=NOW)
    assert payload == before, "what arrived is kept as it arrived"
    return mended


def noted(mended: Mended) -> set[tuple[Code, str]]:
    return {(deviation.code, deviation.path) for deviation in mended.deviations}


def meter_values(*sampled: dict[str, Any], timestamp: Any = NOON) -> dict[str, Any]:
    return {"connectorId": 1, "meterValue": [{"timestamp": timestamp, "sampledValue": list(sampled)}]}


def sampled_in(mended: Mended) -> Any:
    assert not mended.faults
    return mended.payload["meterValue"][0]["sampledValue"]


@pytest.mark.parametrize(
    ("action", "payload"), [("StatusNotification", STATUS), ("StartTransaction", START), ("BootNotification", BOOT)]
)
def test_what_obeys_stays_as_it_is(action: str, payload: dict[str, Any]) -> None:
    assert read(action, payload) == Mended(payload, (), ())


def test_f1_texts_that_are_too_long_are_kept() -> None:
    boot = BOOT | {"chargePointSerialNumber": "S" * 33, "chargePointModel": "M" * 23}
    mended = read("BootNotification", boot)
    assert mended.payload == boot
    assert not mended.faults
    assert noted(mended) == {
        (Code.TEXT_TOO_LONG, "chargePointSerialNumber"),
        (Code.TEXT_TOO_LONG, "chargePointModel"),
    }


def test_f2_null_is_not_given() -> None:
    mended = read("StatusNotification", STATUS | {"info": None, "timestamp": None})
    assert mended.payload == STATUS
    assert noted(mended) == {(Code.NULL_FIELD, "info"), (Code.NULL_FIELD, "timestamp")}


def test_f2_empty_words_and_times_are_not_given() -> None:
    mended = read("MeterValues", meter_values({"value": "1", "phase": "", "unit": "", "location": ""}))
    assert sampled_in(mended) == [{"value": "1"}]
    assert read("StatusNotification", STATUS | {"timestamp": ""}).payload == STATUS


def test_f2_null_where_a_value_must_be_is_a_fault() -> None:
    mended = read("StartTransaction", START | {"meterStart": None})
    assert [fault.code for fault in mended.faults] == [ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION]


def test_f3_the_error_code_error_is_an_other_error() -> None:
    mended = read("StatusNotification", STATUS | {"errorCode": "Error"})
    assert mended.payload == STATUS | {"errorCode": "OtherError", "vendorErrorCode": "Error"}
    assert noted(mended) == {(Code.UNKNOWN_VALUE, "errorCode")}


def test_f3_an_unknown_error_code_is_kept_for_people() -> None:
    mended = read("StatusNotification", STATUS | {"errorCode": "Pilot fault " * 10, "info": "x"})
    assert mended.payload["errorCode"] == "OtherError"
    assert mended.payload["vendorErrorCode"] == ("Pilot fault " * 10)[:50]
    kept = read("StatusNotification", STATUS | {"errorCode": "PilotFault", "vendorErrorCode": "0x17"})
    assert kept.payload["vendorErrorCode"] == "0x17"


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        ("unit", "Hz", "Hertz"),
        ("unit", "kwh", "kWh"),
        ("unit", "%", "Percent"),
        ("unit", "Amps", "A"),
        ("context", "Sample.periodic", "Sample.Periodic"),
        ("context", "Reservation", "Other"),
        ("measurand", "energy_active_import_register", "Energy.Active.Import.Register"),
        ("measurand", "SOC", "SoC"),
        ("phase", "L1N", "L1-N"),
        ("phase", "1", "L1"),
        ("location", "outlet", "Outlet"),
        ("format", "raw", "Raw"),
    ],
)
def test_f3_words_near_ocpp_s_words_are_understood(field: str, written: str, meant: str) -> None:
    mended = read("MeterValues", meter_values({"value": "1", field: written}))
    assert sampled_in(mended) == [{"value": "1", field: meant}]
    assert noted(mended) == {(Code.UNKNOWN_VALUE, f"meterValue[].sampledValue[].{field}")}


@pytest.mark.parametrize(("field", "word"), [("measurand", "Request.Energy"), ("unit", "MWh"), ("phase", "L7")])
def test_f3_a_reading_that_could_mean_anything_is_dropped_alone(field: str, word: str) -> None:
    mended = read("MeterValues", meter_values({"value": "7", field: word}, {"value": "8"}))
    assert sampled_in(mended) == [{"value": "8"}]
    assert (Code.ENTRY_DROPPED, "meterValue[].sampledValue[]") in noted(mended)


def test_f3_signed_data_is_kept_whatever_its_unit() -> None:
    signed = {"value": "OCMF|…", "format": "SignedData"}
    mended = read(
        "StopTransaction", STOP | {"transactionData": [{"timestamp": NOON, "sampledValue": [signed | {"unit": "MWh"}]}]}
    )
    assert mended.payload["transactionData"][0]["sampledValue"] == [signed]
    assert not mended.faults


def test_f3_an_unknown_place_is_left_out() -> None:
    mended = read("MeterValues", meter_values({"value": "7", "location": "Roof"}))
    assert sampled_in(mended) == [{"value": "7"}]
    assert (Code.FIELD_UNUSABLE, "meterValue[].sampledValue[].location") in noted(mended)


def test_f3_an_unknown_stop_reason_is_other() -> None:
    assert read("StopTransaction", STOP | {"reason": "Bored"}).payload["reason"] == "Other"
    assert read("StopTransaction", STOP | {"reason": "evdisconnected"}).payload["reason"] == "EVDisconnected"


def test_f3_a_status_of_other_versions_is_understood() -> None:
    assert read("StatusNotification", STATUS | {"status": "Occupied"}).payload["status"] == "Preparing"
    assert read("StatusNotification", STATUS | {"status": "Suspended_EV"}).payload["status"] == "SuspendedEV"


def test_f3_an_unknown_status_is_a_fault() -> None:
    mended = read("StatusNotification", STATUS | {"status": "Dancing"})
    assert [(fault.code, fault.path) for fault in mended.faults] == [
        (ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "status")
    ]


def test_f4_meter_value_as_object_is_read() -> None:
    one = {"timestamp": NOON, "sampledValue": {"value": "5"}}
    mended = read("MeterValues", {"connectorId": 1, "meterValue": one})
    assert sampled_in(mended) == [{"value": "5"}]
    assert noted(mended) == {
        (Code.NOT_A_LIST, "meterValue"),
        (Code.NOT_A_LIST, "meterValue[].sampledValue"),
    }


def test_f4_empty_lists_are_read_as_nothing() -> None:
    mended = read("MeterValues", meter_values())
    assert sampled_in(mended) == []
    assert noted(mended) == {(Code.EMPTY_LIST, "meterValue[].sampledValue")}
    assert read("MeterValues", {"connectorId": 1, "meterValue": []}).payload["meterValue"] == []


def test_f4_entries_that_are_no_objects_are_dropped() -> None:
    mended = read(
        "MeterValues", {"connectorId": 1, "meterValue": [None, 7, {"timestamp": NOON, "sampledValue": ["x"]}]}
    )
    assert mended.payload["meterValue"] == [{"timestamp": NOON, "sampledValue": []}]
    assert not mended.faults


def test_f5_extra_properties_are_left_out() -> None:
    mended = read("Authorize", {"idTag": "AA", "connectorId": 1})
    assert mended.payload == {"idTag": "AA"}
    assert noted(mended) == {(Code.EXTRA_FIELD, "connectorId")}


def test_f5_a_field_in_other_case_is_that_field() -> None:
    mended = read("StartTransaction", {"ConnectorID": 1, "id_tag": "AA", "meterStart": 0, "Timestamp": NOON})
    assert mended.payload == {"connectorId": 1, "idTag": "AA", "meterStart": 0, "timestamp": NOON}
    assert {code for code, _ in noted(mended)} == {Code.FIELD_SPELLING}
    both = read("Authorize", {"idTag": "AA", "idtag": "BB"})
    assert both.payload == {"idTag": "AA"}


@pytest.mark.parametrize(
    ("written", "meant", "code"),
    [
        ("2024-04-26T14:35:02+02", "2024-04-26T12:35:02Z", Code.TIME_FORMAT),
        ("2026-11-20T12:00:00.1234567Z", "2026-11-20T12:00:00.123456Z", Code.TIME_FORMAT),
        ("2026-11-20T12:00:00", NOON, Code.TIME_WITHOUT_ZONE),
        ("", NOON, Code.TIME_UNREADABLE),
        ("yesterday", NOON, Code.TIME_UNREADABLE),
        (1795176000, NOON, Code.TIME_FORMAT),
        ("2026-11-20T15:00:00Z", "2026-11-20T15:00:00Z", Code.CLOCK_AHEAD),
        ("1970-01-01T00:03:20Z", NOON, Code.CLOCK_NOT_SET),
    ],
)
def test_f7_times_are_read_or_the_arrival_stands_in(written: object, meant: str, code: Code) -> None:
    mended = read("StartTransaction", START | {"timestamp": written})
    assert mended.payload == START | {"timestamp": meant}
    assert noted(mended) == {(code, "timestamp")}


def test_f7_a_missing_time_is_the_arrival() -> None:
    mended = read("MeterValues", {"connectorId": 1, "meterValue": [{"sampledValue": [{"value": "1"}]}]})
    assert mended.payload["meterValue"][0]["timestamp"] == NOON
    assert noted(mended) == {(Code.TIME_MISSING, "meterValue[].timestamp")}


def test_f7_an_optional_time_that_tells_nothing_is_left_out() -> None:
    mended = read("StatusNotification", STATUS | {"timestamp": "soon"})
    assert mended.payload == STATUS
    assert noted(mended) == {(Code.FIELD_UNUSABLE, "timestamp")}


def test_numbers_for_text_and_text_for_numbers_are_read() -> None:
    mended = read("MeterValues", meter_values({"value": 0}, {"value": 1.5}, {"value": True}) | {"connectorId": " 1 "})
    assert sampled_in(mended) == [{"value": "0"}, {"value": "1.5"}, {"value": "true"}]
    assert mended.payload["connectorId"] == 1
    assert noted(mended) == {
        (Code.NUMBER_FOR_TEXT, "meterValue[].sampledValue[].value"),
        (Code.TEXT_FOR_NUMBER, "connectorId"),
    }


@pytest.mark.parametrize(("written", "meant"), [(100.0, 100), ("100", 100), (99.5, 100), ("99,7", 100), (100.5, 100)])
def test_whole_numbers_are_made_of_others(written: object, meant: int) -> None:
    mended = read("StartTransaction", START | {"meterStart": written})
    assert mended.payload["meterStart"] == meant
    assert type(mended.payload["meterStart"]) is int


@pytest.mark.parametrize("written", ["many", True, [], {}, 2**63, "1e3", ""])
def test_what_is_no_whole_number_is_a_fault_where_one_must_be(written: object) -> None:
    assert "meterStart" not in {path for _, path in noted(read("StartTransaction", START | {"reservationId": 7}))}
    mended = read("StartTransaction", START | {"meterStart": written})
    assert mended.payload["meterStart"] == written
    assert mended.faults or written == 2**63, "the schema knows no largest number; the shape does"


def test_t2_a_transaction_id_of_null_or_beyond_64_bits_is_not_given() -> None:
    for odd in (None, 2**64, "x"):
        mended = read("MeterValues", meter_values({"value": "1"}) | {"transactionId": odd})
        assert "transactionId" not in mended.payload
        assert not mended.faults


def test_t1_a_stop_without_a_transaction_id_is_a_stop_of_0() -> None:
    mended = read("StopTransaction", {"meterStop": 900, "timestamp": NOON})
    assert mended.payload == STOP | {"transactionId": 0}
    assert noted(mended) == {(Code.FIELD_MISSING, "transactionId")}
    assert read("StopTransaction", STOP | {"transactionId": None}).payload["transactionId"] == 0
    assert read("StopTransaction", STOP | {"transactionId": "none"}).payload["transactionId"] == 0


def test_a_status_without_an_error_code_has_no_error() -> None:
    mended = read("StatusNotification", {"connectorId": 1, "status": "Available"})
    assert mended.payload == STATUS


def test_a_structure_as_data_is_kept_as_text() -> None:
    mended = read("DataTransfer", {"vendorId": "X", "data": {"soc": [1, 2]}})
    assert mended.payload == {"vendorId": "X", "data": '{"soc":[1,2]}'}
    assert noted(mended) == {(Code.STRUCTURE_FOR_TEXT, "data")}


def test_a_structure_is_no_name() -> None:
    mended = read("DataTransfer", {"vendorId": ["X"], "messageId": {"a": 1}})
    assert [(fault.code, fault.path) for fault in mended.faults] == [(ErrorCode.TYPE_CONSTRAINT_VIOLATION, "vendorId")]


def test_a_message_full_of_oddities_is_noted_within_reason() -> None:
    mended = read("Authorize", {"idTag": "AA"} | {f"extra{number}": number for number in range(5000)})
    assert mended.payload == {"idTag": "AA"}
    assert len(mended.deviations) == NOTED_MAX


def test_a_long_word_is_no_word() -> None:
    assert read("StopTransaction", STOP | {"reason": "x" * 10_000}).payload["reason"] == "Other"


def test_yes_and_no_as_text_are_read() -> None:
    keys = [{"key": str(n), "readonly": written} for n, written in enumerate(["true", "False", 1, 0, True, "perhaps"])]
    mended = read("GetConfiguration", {"configurationKey": keys, "unknownKey": "abc"}, Direction.RESPONSE)
    assert [key["readonly"] for key in mended.payload["configurationKey"]] == [True, False, True, False, True]
    assert mended.payload["unknownKey"] == ["abc"]
    assert (Code.ENTRY_DROPPED, "configurationKey[]") in noted(mended)


def test_answers_of_charge_points_are_mended_as_well() -> None:
    assert read("Reset", {"status": "accepted"}, Direction.RESPONSE).payload == {"status": "Accepted"}
    schedule = {
        "status": "Accepted",
        "chargingSchedule": [
            {"chargingRateUnit": "a", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": "16.05"}, {"limit": 7}]}
        ],
    }
    mended = read("GetCompositeSchedule", schedule, Direction.RESPONSE)
    assert not mended.faults
    assert mended.payload["chargingSchedule"] == {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.05}],
    }


def test_a_planned_time_may_lie_in_the_future() -> None:
    mended = read(
        "GetCompositeSchedule", {"status": "Accepted", "scheduleStart": "2026-11-21T13:00:00+01"}, Direction.RESPONSE
    )
    assert mended.payload["scheduleStart"] == "2026-11-21T12:00:00Z"
    assert noted(mended) == {(Code.TIME_FORMAT, "scheduleStart")}


def test_numbers_that_are_numbers_stay_as_they_are() -> None:
    period = [{"startPeriod": 0, "limit": 16}, {"startPeriod": 60, "limit": 0.1}, {"startPeriod": 90, "limit": True}]
    schedule = {"status": "Accepted", "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": period}}
    mended = read("GetCompositeSchedule", schedule, Direction.RESPONSE)
    assert mended.payload["chargingSchedule"]["chargingSchedulePeriod"] == period[:2]


def test_an_optional_object_that_lacks_something_is_left_out() -> None:
    mended = read("Authorize", {"idTagInfo": {"status": "Accepted"}}, Direction.RESPONSE)
    assert not mended.faults
    stop = read("StopTransaction", {"idTagInfo": {"parentIdTag": "AA"}}, Direction.RESPONSE)
    assert stop.payload == {}


def test_a_required_object_that_lacks_something_is_a_fault() -> None:
    mended = read("Authorize", {"idTagInfo": {"parentIdTag": "AA"}}, Direction.RESPONSE)
    assert [(fault.code, fault.path) for fault in mended.faults] == [
        (ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION, "idTagInfo")
    ]


def test_references_in_schemas_are_followed() -> None:
    mended = read("SignedFirmwareStatusNotification", {"status": "downloaded", "requestId": "4"})
    assert mended.payload == {"status": "Downloaded", "requestId": 4}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def wild(action: str, direction: Direction) -> st.SearchStrategy[dict[str, Any]]:
    fields = schemas.schema(V16, action, direction).get("properties", {})
    return st.dictionaries(st.sampled_from([*fields, "extra"]) | st.text(max_size=5), JSON_VALUES, max_size=8)


@given(st.sampled_from(sorted(V16.actions)), st.sampled_from(Direction), st.data())
def test_any_payload_is_mended_or_faulted(action: str, direction: Direction, data: st.DataObject) -> None:
    mended = read(action, data.draw(wild(action, direction)), direction)
    left = schemas.violations(V16, action, direction, mended.payload, ignoring=TOLERATED)
    assert list(mended.faults) == left
    if not mended.faults:
        again = read(action, mended.payload, direction)
        assert again.payload == mended.payload, "mending twice changes nothing more"
