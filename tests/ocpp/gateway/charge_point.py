"""A charge point for tests: a raw WebSocket client that says exactly what a story tells it to say."""

import asyncio
import base64
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

DEADLINE_SECONDS = 60.0


class ChargePoint:
    """One charge point; `async with` connects it."""

    def __init__(
        self,
        port: int,
        identity: str,
        password: str | None,
        *,
        path: str | None = None,
        subprotocols: list[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self.identity = identity
        self.password = password
        self.path = path if path is not None else f"/ocpp/{quote(identity, safe='')}"
        self.subprotocols = ["ocpp1.6"] if subprotocols is None else subprotocols
        self.headers = dict(headers or {})
        self.connection: ClientConnection
        self._number = 0
        self._left_over: list[Any] = []

    async def connect(self) -> Self:
        """Dial. Raises websockets' InvalidStatus when refused."""
        headers = self.headers
        if self.password is not None:
            token = base64.b64encode(f"{self.identity}:{self.password}".encode()).decode()
            headers = {"Authorization": f"Basic {token}"} | headers
        self.connection = await connect(
            f"ws://127.0.0.1:{self.port}{self.path}",
            subprotocols=self.subprotocols or None,  # type: ignore[arg-type]
            additional_headers=headers,
            compression=None,
            ping_interval=None,
            max_size=2**22,
        )
        return self

    async def __aenter__(self) -> Self:
        return await self.connect()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.connection.close()

    async def say(self, frame: Any) -> None:
        """Send a frame: text and bytes as they are, anything else as JSON."""
        await self.connection.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def hear(self) -> Any:
        """Return the next frame, decoded."""
        if self._left_over:
            return self._left_over.pop(0)
        async with asyncio.timeout(DEADLINE_SECONDS):
            return json.loads(await self.connection.recv())

    async def hear_nothing(self, *, for_seconds: float) -> None:
        """Fail when anything comes within that time."""
        try:
            async with asyncio.timeout(for_seconds):
                heard = await self.connection.recv()
        except TimeoutError:
            return
        raise AssertionError(f"heard {heard!r}")

    async def ask(self, action: str, payload: Any, *, message_id: str | None = None) -> list[Any]:
        """Make a call and return the frame that answers it; commands that come meanwhile wait for `hear`."""
        self._number += 1
        message_id = message_id or f"m{self._number}"
        await self.say([2, message_id, action, payload])
        return await self.answer_to(message_id)

    async def answer_to(self, message_id: str | None) -> list[Any]:
        """Return the frame that answers a call."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                frame: list[Any] = json.loads(await self.connection.recv())
                if frame[0] != 2 and frame[1] == message_id:
                    return frame
                self._left_over.append(frame)

    async def tell(self, action: str, payload: Any) -> dict[str, Any]:
        """Make a call that must succeed, and return the payload of its answer."""
        frame = await self.ask(action, payload)
        assert frame[0] == 3, frame
        answer: dict[str, Any] = frame[2]
        return answer

    async def boot(self, **fields: Any) -> dict[str, Any]:
        """Send a BootNotification."""
        return await self.tell(
            "BootNotification", {"chargePointVendor": "Maker", "chargePointModel": "Model 1", **fields}
        )

    async def status(self, status: str, *, connector: int = 1, **fields: Any) -> dict[str, Any]:
        """Send a StatusNotification."""
        payload = {"connectorId": connector, "status": status, "errorCode": "NoError", **fields}
        return await self.tell("StatusNotification", payload)

    async def next_command(self) -> tuple[str, str, dict[str, Any]]:
        """Wait for a call of the gateway; return its message id, action and payload."""
        frame = await self.hear()
        assert frame[0] == 2, frame
        return frame[1], frame[2], frame[3]

    async def answer_command(self, payload: Mapping[str, Any]) -> str:
        """Answer the gateway's next call; return its action."""
        message_id, action, _payload = await self.next_command()
        await self.say([3, message_id, dict(payload)])
        return action

    async def closed(self) -> ConnectionClosed:
        """Wait until the gateway ends the connection, and say how."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                try:
                    self._left_over.append(json.loads(await self.connection.recv()))
                except ConnectionClosed as closed:
                    return closed
