"""Charge points for the stories about crashes: each charges, resends what was not answered, and keeps its own books."""

import asyncio
import base64
import itertools
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

REDIAL_SECONDS = 0.3
ANSWER_SECONDS_MAX = 15.0
WH_PER_READING = 50


@dataclass
class BookkeepingChargePoint:
    """A charge point that remembers what the server acknowledged; OCPP 1.6 4.1: what was not answered is sent again."""

    url: str
    identity: str
    password: str
    tag: str
    transaction_id: int | None = None
    meter_wh: int = 1_000_000
    acknowledged: list[str] = field(default_factory=list)
    stopped: bool = False
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    # Never set: how long to wait before the next call is part of what a charge point does.
    _patience: asyncio.Event = field(default_factory=asyncio.Event)

    async def charge(self, *, pause_seconds: float) -> None:
        """Charge until told to stop, whatever happens to the server meanwhile; then close the transaction."""
        to_send = self._story(pause_seconds)
        message = await anext(to_send)
        while message is not None:
            with suppress(OSError, WebSocketException, TimeoutError, ConnectionError):
                async with self._connected() as connection:
                    await self._introduce(connection)
                    while message is not None:
                        self._learn(message, await self._call(connection, *message))
                        message = await anext(to_send, None)
            if message is not None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._patience.wait(), REDIAL_SECONDS)

    def stop(self) -> None:
        """Let it finish: the next message is its StopTransaction."""
        self._stop.set()

    async def _story(self, pause_seconds: float) -> Any:
        """Yield the transaction's messages one by one; each is sent until it is answered."""
        start = {"connectorId": 1, "idTag": self.tag, "meterStart": self.meter_wh, "timestamp": text(datetime.now(UTC))}
        yield "StartTransaction", start
        at = datetime.now(UTC)
        while not self._stop.is_set():
            # Whole seconds, each later than the last: what the server keeps must be told apart.
            at = max(datetime.now(UTC), at + timedelta(seconds=1))
            self.meter_wh += WH_PER_READING
            yield "MeterValues", self._reading(at)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause_seconds)
        stop = {"transactionId": self.transaction_id, "meterStop": self.meter_wh, "reason": "Local"}
        yield "StopTransaction", stop | {"timestamp": text(datetime.now(UTC))}

    def _reading(self, at: datetime) -> dict[str, object]:
        sampled = [{"value": str(self.meter_wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}]
        value = {"timestamp": text(at), "sampledValue": sampled}
        return {"connectorId": 1, "transactionId": self.transaction_id, "meterValue": [value]}

    def _learn(self, message: tuple[str, dict[str, Any]], answer: dict[str, Any]) -> None:
        action, payload = message
        if action == "StartTransaction":
            assert answer["idTagInfo"]["status"] == "Accepted", answer
            self.transaction_id = answer["transactionId"]
        elif action == "MeterValues":
            self.acknowledged.append(payload["meterValue"][0]["timestamp"])
        else:
            self.stopped = True

    def _connected(self) -> connect:
        basic = base64.b64encode(f"{self.identity}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}"}
        subprotocols = [Subprotocol("ocpp1.6")]
        return connect(
            f"{self.url}/{self.identity}", subprotocols=subprotocols, additional_headers=headers, open_timeout=10
        )

    async def _introduce(self, connection: ClientConnection) -> None:
        boot = {"chargePointVendor": "Bookkeeper", "chargePointModel": "One"}
        await self._call(connection, "BootNotification", boot)
        state = "Charging" if self.transaction_id is not None else "Preparing"
        report = {"connectorId": 1, "errorCode": "NoError", "status": state, "timestamp": text(datetime.now(UTC))}
        await self._call(connection, "StatusNotification", report)

    async def _call(self, connection: ClientConnection, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        number = f"{self.identity}-{next(self._numbers)}"
        await connection.send(json.dumps([2, number, action, payload]))
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            while True:
                frame = json.loads(await connection.recv())
                if frame[0] == 2:
                    await connection.send(json.dumps([4, frame[1], "NotSupported", "", {}]))
                elif frame[1] == number:
                    # An error answer means "keep it and send it again" to a charge point with transactions to tell.
                    if frame[0] == 4:
                        raise ConnectionError(f"{action} was answered with {frame[2]}")
                    return dict(frame[2])


def text(at: datetime) -> str:
    """Write a time as charge points do, in whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
