"""What is read in one step is read as the long way would read it, and the least oddity takes the long way."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from wattline.wire.ocpp import rpc
from wattline.wire.ocpp.exact import read_meter_values
from wattline.wire.ocpp.messages import Understood, understand_call
from wattline.wire.ocpp.rpc import Payload
from wattline.wire.ocpp.v16 import to_payload
from wattline.wire.ocpp.versions import V16, Side

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SAMPLED = {
    "value": "1500", "context": "Sample.Periodic", "format": "Raw", "measurand": "Energy.Active.Import.Register",
    "phase": "L1", "location": "Outlet", "unit": "Wh",
}  # fmt: skip
PAYLOADS: list[dict[str, Any]] = [
    {"connectorId": None},
    {"connectorId": 1.0},
    {"connectorId": "1"},
    {"connectorId": 2**63},
    {"transactionId": None},
    {"transactionId": "7"},
    {"transactionId": True},
    {"more": 1},
    {"meterValue": []},
    {"meterValue": None},
    {"meterValue": [{"timestamp": "2026-11-20T12:00:00Z"}]},
    {"meterValue": [{"timestamp": "2026-11-20T12:00:00Z", "sampledValue": []}]},
]


def frame(
    sampled: dict[str, Any] | None = None,
    *,
    id: str = "1",
    payload: dict[str, Any] | None = None,
    stamp: str = "2026-11-20T12:00:00Z",
) -> str:
    meter_value = {"timestamp": stamp, "sampledValue": [SAMPLED | (sampled or {}), {"value": "1"}]}
    usual: dict[str, Any] = {"connectorId": 1, "transactionId": 7, "meterValue": [meter_value]}
    return json.dumps([2, id, "MeterValues", usual | (payload or {})])


def the_long_way(text: str) -> tuple[str, Payload, bool]:
    """Return id and message, and whether anything was odd. Bytes are never read in one step."""
    call = rpc.read_frame(text.encode(), sender=Side.CHARGE_POINT)
    assert isinstance(call, rpc.Call)
    return call.id, *understood(call)


def understood(call: rpc.Call) -> tuple[Payload, bool]:
    got = understand_call(V16, call, received_at=NOW)
    assert isinstance(got, Understood)
    assert got.message is not None
    return to_payload(got.message), bool(call.deviations or got.deviations)


@pytest.mark.parametrize(
    "text",
    [
        frame(),
        frame().replace(" ", ""),
        frame(id="x" * 36),
        frame(stamp="2026-11-20T12:00:00.123+02:00"),
        frame({"unit": "Celcius", "measurand": "Temperature", "value": ""}),
        json.dumps([2, "1", "MeterValues", {"connectorId": 0, "meterValue": [
            {"timestamp": "2026-11-20T12:00:00Z", "sampledValue": [{"value": "1"}]}]}]),
    ],
)  # fmt: skip
def test_the_usual_is_read_in_one_step_as_the_long_way_reads_it(text: str) -> None:
    read = read_meter_values(text)
    assert read is not None
    assert (read[0], to_payload(read[1]), False) == the_long_way(text)
    call = rpc.read_frame(text, sender=Side.CHARGE_POINT)
    assert isinstance(call, rpc.Call)
    assert (call.id, *understood(call)) == the_long_way(text)


@pytest.mark.parametrize(
    "text",
    [
        '[2,"1","Heartbeat",{}]',
        frame(id=""),
        frame(id="x" * 37),
        frame()[:-1] + ",1]",
        frame()[:-1],
        frame().replace("[2,", "[3,"),
        frame({"value": 1500}),
        frame({"value": None}),
        frame({"value": "\u0000"}),
        frame({"unit": "wh"}),
        frame({"unit": None}),
        frame({"more": "x"}),
        *(frame({name: "?"}) for name in SAMPLED if name != "value"),
        *(frame({name: None}) for name in SAMPLED if name != "value"),
        *(frame(stamp=stamp) for stamp in (
            "", "2026-11-20 12:00:00Z", "2026-11-20T12:00:00", "2026-11-20T12:00:00+0200", "2026-11-20T25:00:00Z",
            "2026-02-30T12:00:00Z", "0000-11-20T12:00:00Z")),
        *(frame(payload=payload) for payload in PAYLOADS),
    ],
)  # fmt: skip
def test_the_least_oddity_takes_the_long_way(text: str) -> None:
    assert read_meter_values(text) is None


def test_a_clock_that_is_off_is_noted_all_the_same() -> None:
    text = frame(stamp="2036-11-20T12:00:00Z")
    call = rpc.read_frame(text, sender=Side.CHARGE_POINT)
    assert isinstance(call, rpc.Call)
    assert call.message is not None
    assert (call.id, *understood(call)) == the_long_way(text)
    assert understood(call)[1]


def test_a_central_system_sends_no_meter_values() -> None:
    assert isinstance(rpc.read_frame(frame(), sender=Side.CENTRAL_SYSTEM), rpc.Fault)
