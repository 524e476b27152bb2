"""What one MeterValues costs on the wire: microseconds per call, beside the floor of decoding and encoding alone.

Run with `.venv/bin/python bench/wire.py [--json]`. About 0.9 kB, 7 sampled values, as the load generator sends them.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from wattline.wire.ocpp import rpc, schemas
from wattline.wire.ocpp.conversation import Asked, Conversation
from wattline.wire.ocpp.messages import Understood, understand, understand_call
from wattline.wire.ocpp.meter import read_meter_value
from wattline.wire.ocpp.schemas import Direction
from wattline.wire.ocpp.v16 import MeterValues, MeterValuesResponse
from wattline.wire.ocpp.versions import V16, Side

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ROUNDS, CALLS = 30, 500
SAMPLED = [
    ("Energy.Active.Import.Register", "1204331", "Wh", None),
    ("Power.Active.Import", "11040.0", "W", None),
    ("Current.Import", "16.0", "A", "L1"),
    ("Current.Import", "16.0", "A", "L2"),
    ("Current.Import", "15.9", "A", "L3"),
    ("Voltage", "230.1", "V", "L1-N"),
    ("SoC", "57", "Percent", None),
]


def meter_values(number: int, *, unit_of_energy: str = "Wh", stamp: str = "2026-11-20T12:00:00Z") -> str:
    """Write one call as a charge point does."""
    sampled = []
    for measurand, value, unit, phase in SAMPLED:
        one = {"value": value, "context": "Sample.Periodic", "measurand": measurand, "location": "Outlet"}
        sampled.append(one | ({"phase": phase} if phase else {}) | {"unit": unit if unit != "Wh" else unit_of_energy})
    payload = {
        "connectorId": 1,
        "transactionId": 1_234_567,
        "meterValue": [{"timestamp": stamp, "sampledValue": sampled}],
    }
    return json.dumps([2, f"{number:032x}", "MeterValues", payload], separators=(",", ":"))


def floor(text: str) -> str:
    """Decode and encode, nothing else."""
    items: list[Any] = msgspec.json.decode(text)
    return msgspec.json.encode([3, items[1], {}]).decode()


def one_message(text: str) -> str:
    """Frame, schema, shape, clock, meter, answer: one message by itself."""
    call = rpc.read_frame(text, sender=Side.CHARGE_POINT)
    assert isinstance(call, rpc.Call)
    read_meters(call)
    return rpc.encode_result(call.id, {})


def whole_path(talk: Conversation, text: str) -> str:
    """The same in its conversation: repeats looked for, the answer checked. All the gateway does on the wire."""
    event = talk.receive(text, now=0.0)
    assert isinstance(event, Asked)
    read_meters(event.call)
    return talk.answer(event.call, MeterValuesResponse())


def read_meters(call: rpc.Call) -> None:
    got = understand_call(V16, call, received_at=NOW)
    assert isinstance(got, Understood)
    assert isinstance(got.message, MeterValues)
    for meter_value in got.message.meter_value:
        read_meter_value(meter_value)


def microseconds(work: Callable[[str], object], texts: list[str]) -> float:
    """Time `work` over all texts: the best of some rounds, since this machine has other work too."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for text in texts:
            work(text)
        rounds.append((time.perf_counter() - began) / len(texts) * 1e6)
    return min(rounds)


def main() -> None:
    began = time.perf_counter()
    count = schemas.compile_all(V16)
    compiled_ms = (time.perf_counter() - began) * 1e3
    texts = [meter_values(number) for number in range(CALLS)]
    odd = [meter_values(number, unit_of_energy="wh", stamp="2026-11-20T14:00:00+02") for number in range(CALLS // 10)]
    calls = [rpc.read_frame(text.encode(), sender=Side.CHARGE_POINT) for text in texts[:1]]
    payload = calls[0].payload if isinstance(calls[0], rpc.Call) else {}
    message = msgspec.convert(payload, MeterValues)
    talk = Conversation(Side.CENTRAL_SYSTEM)
    rows = {
        "floor: decode + encode": microseconds(floor, texts),
        "read_frame": microseconds(lambda text: rpc.read_frame(text, sender=Side.CHARGE_POINT), texts),
        "schema": microseconds(lambda _: schemas.is_valid(V16, "MeterValues", Direction.REQUEST, payload), texts),
        "schema + shape + clock": microseconds(
            lambda _: understand(V16, "MeterValues", Direction.REQUEST, payload, received_at=NOW), texts
        ),
        "meter": microseconds(lambda _: read_meter_value(message.meter_value[0]), texts),
        "one message: all of these + answer": microseconds(one_message, texts),
        "all in, with the conversation": microseconds(lambda text: whole_path(talk, text), texts),
        "all in, with two oddities mended": microseconds(lambda text: whole_path(talk, text), odd),
    }
    if "--json" in sys.argv:
        print(json.dumps({"bytes": statistics.mean(map(len, texts)), "compile_ms": compiled_ms, "microseconds": rows}))
        return
    print(f"{count} schemas compiled in {compiled_ms:.1f} ms; MeterValues of {len(texts[0])} bytes, µs per call:")
    for name, cost in rows.items():
        print(f"  {name:36} {cost:6.2f}")


if __name__ == "__main__":
    main()
