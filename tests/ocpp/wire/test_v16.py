"""The shapes: they say exactly what the schemas say, and write times as every charge point reads them."""

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from wattline.wire.ocpp import schemas, v16
from wattline.wire.ocpp.schemas import Direction
from wattline.wire.ocpp.v16 import to_payload
from wattline.wire.ocpp.versions import V16

AT = datetime(2026, 11, 20, 13, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize("action", sorted(v16.MESSAGES))
@pytest.mark.parametrize("direction", Direction)
def test_a_shape_has_the_fields_of_its_schema(action: str, direction: Direction) -> None:
    shape = v16.MESSAGES[action][0 if direction is Direction.REQUEST else 1]
    rule = schemas.schema(V16, action, direction)
    fields = msgspec.structs.fields(shape)
    assert {field.encode_name for field in fields} == set(rule.get("properties", {}))
    required = {field.encode_name for field in fields if field.required}
    assert required == set(rule.get("required", ()))


def test_f8_our_times_have_a_z_and_no_fraction() -> None:
    boot = v16.BootNotificationResponse(status="Accepted", current_time=AT, interval=300)
    assert to_payload(boot) == {"status": "Accepted", "currentTime": "2026-11-20T12:00:00Z", "interval": 300}
    assert to_payload(v16.HeartbeatResponse(current_time=AT)) == {"currentTime": "2026-11-20T12:00:00Z"}
    assert to_payload(v16.IdTagInfo(status="Accepted", expiry_date=AT))["expiryDate"] == "2026-11-20T12:00:00Z"


def test_what_is_not_given_is_left_out() -> None:
    assert to_payload(v16.StopTransactionResponse()) == {}
    assert to_payload(v16.IdTagInfo(status="Invalid")) == {"status": "Invalid"}


def test_f5_a_reservation_of_0_is_none() -> None:
    start = v16.StartTransaction(
        connector_id=1, id_tag="AA", meter_start=0, timestamp=AT.astimezone(UTC), reservation_id=0
    )
    assert start.reservation is None
    assert msgspec.structs.replace(start, reservation_id=7).reservation == 7


def test_sampled_values_are_kept_as_they_came() -> None:
    sent = [{"value": "16.0", "measurand": "Current.Import", "phase": "L1", "unit": "A"}, {"value": "7"}]
    sampled = msgspec.convert(sent, list[v16.SampledValue])
    assert json.loads(msgspec.json.encode(sampled)) == sent


def test_a_number_beyond_64_bits_is_refused() -> None:
    payload = {"transactionId": 2**63, "meterStop": 1, "timestamp": "2026-11-20T12:00:00Z"}
    with pytest.raises(msgspec.ValidationError, match="transactionId"):
        msgspec.convert(payload, v16.StopTransaction)
