"""From payload to message: obeying ones quickly, others mended, the rest refused with the right error."""

from datetime import UTC, datetime
from typing import Any

import pytest

from wattline.wire.ocpp import v16
from wattline.wire.ocpp.deviations import Code
from wattline.wire.ocpp.messages import Misunderstood, Understood, understand
from wattline.wire.ocpp.schemas import Direction
from wattline.wire.ocpp.versions import V16, ErrorCode

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOON = "2026-11-20T12:00:00Z"
OLD = "1970-01-01T00:00:10Z"


def read(action: str, payload: dict[str, Any], direction: Direction = Direction.REQUEST) -> Understood | Misunderstood:
    return understand(V16, action, direction, payload, received_at=NOW)


def understood(action: str, payload: dict[str, Any], direction: Direction = Direction.REQUEST) -> Understood:
    got = read(action, payload, direction)
    assert isinstance(got, Understood), got
    return got


def codes(got: Understood | Misunderstood) -> list[Code]:
    return [deviation.code for deviation in got.deviations]


def test_a_payload_becomes_a_message() -> None:
    payload = {"connectorId": 1, "idTag": "AA", "meterStart": 7, "timestamp": NOON}
    got = understood("StartTransaction", payload)
    assert got.message == v16.StartTransaction(connector_id=1, id_tag="AA", meter_start=7, timestamp=NOW)
    assert got.payload is payload
    assert got.deviations == ()


def test_an_answer_becomes_a_message() -> None:
    got = understood("Heartbeat", {"currentTime": NOON}, Direction.RESPONSE)
    assert got.message == v16.HeartbeatResponse(current_time=NOW)


def test_commands_and_their_answers_have_no_shape_but_are_mended() -> None:
    got = understood("Reset", {"status": "ACCEPTED", "note": 1}, Direction.RESPONSE)
    assert (got.message, got.payload) == (None, {"status": "Accepted"})
    assert codes(got) == [Code.EXTRA_FIELD, Code.UNKNOWN_VALUE]
    assert understood("Reset", {"type": "Soft"}).payload == {"type": "Soft"}


def test_a_mended_payload_becomes_a_message() -> None:
    got = understood("StatusNotification", {"connectorId": "1", "errorCode": "Error", "status": "available"})
    assert got.message == v16.StatusNotification(
        connector_id=1, error_code="OtherError", status="Available", vendor_error_code="Error"
    )


def test_what_is_beyond_repair_gets_its_error_code() -> None:
    got = read("StartTransaction", {"connectorId": 1, "meterStart": 1, "timestamp": NOON})
    assert isinstance(got, Misunderstood)
    assert got.code is ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION
    assert got.description.startswith("StartTransaction: ")
    assert "idTag" in got.description
    assert got.details == {}
    assert codes(got) == [Code.PAYLOAD_REFUSED]


def test_the_error_names_the_field() -> None:
    got = read("StatusNotification", {"connectorId": [], "errorCode": "NoError", "status": "Available"})
    assert isinstance(got, Misunderstood)
    assert (got.code, got.details) == (ErrorCode.TYPE_CONSTRAINT_VIOLATION, {"path": "connectorId"})


def test_a_number_that_no_column_holds_is_refused() -> None:
    got = read("StopTransaction", {"transactionId": 2**70, "meterStop": 2**70, "timestamp": NOON})
    assert isinstance(got, Misunderstood)
    assert got.code is ErrorCode.PROPERTY_CONSTRAINT_VIOLATION


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("StartTransaction", {"connectorId": 1, "idTag": "AA", "meterStart": 7, "timestamp": OLD}),
        ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": OLD}),
        ("SecurityEventNotification", {"type": "StartupOfTheDevice", "timestamp": OLD}),
        ("StopTransaction", {"transactionId": 1, "meterStop": 7, "timestamp": OLD}),
    ],
)
def test_b7_a_clock_that_was_not_set_is_replaced_by_the_arrival(action: str, payload: dict[str, Any]) -> None:
    got = understood(action, payload)
    assert got.payload["timestamp"] == NOON
    assert codes(got) == [Code.CLOCK_NOT_SET]


def test_b7_first_meter_values_stamped_1970_are_read() -> None:
    values = [{"timestamp": stamp, "sampledValue": [{"value": "1"}]} for stamp in (OLD, NOON)]
    got = understood("MeterValues", {"connectorId": 1, "meterValue": values})
    assert isinstance(got.message, v16.MeterValues)
    assert [value.timestamp for value in got.message.meter_value] == [NOW, NOW]
    assert codes(got) == [Code.CLOCK_NOT_SET]


def test_f7_a_clock_ahead_is_noted_and_believed_here() -> None:
    data = [{"timestamp": "2026-11-20T13:00:00Z", "sampledValue": [{"value": "1"}]}]
    got = understood(
        "StopTransaction", {"transactionId": 1, "meterStop": 7, "timestamp": NOON, "transactionData": data}
    )
    assert isinstance(got.message, v16.StopTransaction)
    assert got.message.transaction_data[0].timestamp.hour == 13
    assert codes(got) == [Code.CLOCK_AHEAD]


def test_b8_history_of_weeks_is_read_as_it_is() -> None:
    values = [
        {"timestamp": f"2026-10-{day:02}T12:00:00Z", "sampledValue": [{"value": str(day)}]} for day in range(1, 31)
    ]
    got = understood("MeterValues", {"connectorId": 1, "meterValue": values})
    assert isinstance(got.message, v16.MeterValues)
    assert len(got.message.meter_value) == 30
    assert got.deviations == ()


def test_a_leap_second_is_read() -> None:
    got = understood("StopTransaction", {"transactionId": 1, "meterStop": 7, "timestamp": "2016-12-31T23:59:60Z"})
    assert isinstance(got.message, v16.StopTransaction)
    assert got.message.timestamp == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_t2_any_transaction_id_that_fits_is_read() -> None:
    for number in (-1, 0, 2**63 - 1):
        values = [{"timestamp": NOON, "sampledValue": [{"value": "1"}]}]
        got = understood("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": values})
        assert isinstance(got.message, v16.MeterValues)
        assert got.message.transaction_id == number


def test_f11_the_sum_of_all_slaves_as_connector_0_is_read() -> None:
    values = [{"timestamp": NOON, "sampledValue": [{"value": "1"}]}]
    got = understood("MeterValues", {"connectorId": 0, "meterValue": values})
    assert isinstance(got.message, v16.MeterValues)
    assert got.message.connector_id == 0


def test_t1_t6_zeros_are_read_as_they_are() -> None:
    got = understood("StopTransaction", {"transactionId": 0, "meterStop": 0, "timestamp": NOON})
    assert got.message == v16.StopTransaction(transaction_id=0, meter_stop=0, timestamp=NOW)
    assert got.deviations == ()
