"""A charge point that only makes load: boots, reports its status, opens a transaction, sends meter values."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import msgspec
from bench.rig.socket import WebSocketClient

BOOT: dict[str, object] = {"chargePointVendor": "load", "chargePointModel": "load", "firmwareVersion": "1.0"}
QUIET = {"errorCode": "NoError", "status": "Available"}


@dataclass
class Tally:
    """What the charge points of one generator process saw. Latencies in milliseconds."""

    answered: int = 0
    skipped: int = 0
    latencies_ms: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


class LoadChargePoint(WebSocketClient):
    """One OCPP 1.6 charge point. `ready` is done when it has booted and said what it has to say."""

    def __init__(self, host: str, path: str, identity: str, password: str, *, number: int, tag: str | None) -> None:
        super().__init__(host, f"{path}/{identity}", authorization=f"{identity}:{password}", subprotocol="ocpp1.6")
        self.tally = Tally()
        self.ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.when_answered: Callable[[], None] | None = None
        self.meter_wh = 1_000 * number
        self.transaction_id = number
        self._number = number
        self._sequence = 0
        self._waiting: tuple[str, str, float] | None = None
        self._to_say = self._introduction(tag)

    @property
    def waiting(self) -> bool:
        """Whether a call is out: a charge point has one at a time."""
        return self._waiting is not None

    def opened(self) -> None:
        self._say_next()

    def refused(self, why: str) -> None:
        self._fail(f"handshake: {why}")

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if not self.ready.done():
            self._fail("connection lost before it was ready")

    def on_text(self, text: bytes) -> None:
        frame: list[Any] = msgspec.json.decode(text)
        if frame[0] == 2:
            self.send(msgspec.json.encode([4, frame[1], "NotSupported", "makes load only", {}]))
            return
        if self._waiting is None or frame[1] != self._waiting[0]:
            self.tally.errors["unexpected answer"] += 1
            return
        _, action, began = self._waiting
        self._waiting = None
        self.tally.latencies_ms.append((perf_counter() - began) * 1000)
        self.tally.answered += 1
        if frame[0] == 4:
            self.tally.errors[f"CALLERROR to {action}: {frame[2]}"] += 1
        elif action == "StartTransaction":
            self.transaction_id = frame[2]["transactionId"]
        if not self.ready.done():
            self._say_next()
        elif self.when_answered is not None:
            self.when_answered()

    def tick(self) -> None:
        """Send the next call of the meter phase; every tenth is a Heartbeat."""
        if self.waiting:
            self.tally.skipped += 1
        elif self._sequence % 10 == 9:
            self.call("Heartbeat", {})
        else:
            self.meter_wh += 31
            sampled = sampled_values(self.meter_wh)
            value = {"timestamp": timestamp(), "sampledValue": sampled}
            payload = {"connectorId": 1, "transactionId": self.transaction_id, "meterValue": [value]}
            self.call("MeterValues", payload)

    def call(self, action: str, payload: object) -> None:
        """Send a call."""
        self._sequence += 1
        message_id = f"{self._number}-{self._sequence}"
        self._waiting = (message_id, action, perf_counter())
        self.send(msgspec.json.encode([2, message_id, action, payload]))

    def _introduction(self, tag: str | None) -> list[tuple[str, dict[str, object]]]:
        todo: list[tuple[str, dict[str, object]]] = [("BootNotification", BOOT)]
        at = timestamp()
        for connector in (0, 1):
            status: dict[str, object] = {"connectorId": connector, **QUIET, "timestamp": at}
            todo.append(("StatusNotification", status))
        if tag is not None:
            start: dict[str, object] = {"connectorId": 1, "idTag": tag, "meterStart": self.meter_wh, "timestamp": at}
            todo.append(("StartTransaction", start))
        return todo

    def _say_next(self) -> None:
        if self._to_say:
            self.call(*self._to_say.pop(0))
        else:
            self.ready.set_result(True)

    def _fail(self, why: str) -> None:
        self.tally.errors[why] += 1
        if not self.ready.done():
            self.ready.set_result(False)


def sampled_values(meter_wh: int) -> list[dict[str, str]]:
    """Make the seven values a three-phase charge point sends, about 900 bytes with their frame."""
    values = [
        ("Energy.Active.Import.Register", str(meter_wh), "Wh", None),
        ("Power.Active.Import", "11040.0", "W", None),
        ("Current.Import", "16.0", "A", "L1"),
        ("Current.Import", "16.0", "A", "L2"),
        ("Current.Import", "15.9", "A", "L3"),
        ("Voltage", "230.1", "V", "L1-N"),
        ("SoC", "57", "Percent", None),
    ]
    return [
        {"measurand": measurand, "value": value, "unit": unit, "context": "Sample.Periodic", "location": "Outlet"}
        | ({"phase": phase} if phase else {})
        for measurand, value, unit, phase in values
    ]


def timestamp() -> str:
    """Write the time as charge points do."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
