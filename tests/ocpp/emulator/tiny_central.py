"""A small central system made with the `ocpp` package: it checks what we send with code that is not ours."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from ocpp.exceptions import OCPPError
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.datatypes import IdTagInfo
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

SUBPROTOCOL = Subprotocol("ocpp1.6")


class Seen(ChargePoint):  # type: ignore[misc]  # the package has no types
    """One connection. Every call was validated by the package before it is noted in `calls`."""

    def __init__(self, central: "TinyCentral", connection: ServerConnection, identity: str) -> None:
        super().__init__(identity, connection, response_timeout=60)
        self.central = central
        self.socket = connection

    async def route_message(self, raw_msg: str) -> None:
        """Note what came in, and what the package thought of it."""
        self.central.frames.append(raw_msg)
        await super().route_message(raw_msg)

    async def _handle_call(self, msg: Any) -> Any:
        try:
            answer = await super()._handle_call(msg)
        except OCPPError as error:
            self.central.violations.append(f"{msg.action} {msg.payload}: {error}")
            raise
        self.central.calls.append((self.id, msg.action, msg.payload))
        return answer


def _started(seen: Seen) -> object:
    seen.central.transactions += 1
    return call_result.StartTransaction(seen.central.transactions, IdTagInfo(status="Accepted"))


def _now() -> str:
    return datetime.now(UTC).isoformat()


ANSWERS: dict[str, Callable[[Seen], object]] = {
    "BootNotification": lambda seen: call_result.BootNotification(_now(), 300, "Accepted"),
    "Heartbeat": lambda seen: call_result.Heartbeat(_now()),
    "Authorize": lambda seen: call_result.Authorize(IdTagInfo(status="Accepted")),
    "StartTransaction": _started,
    "DataTransfer": lambda seen: call_result.DataTransfer(status="Accepted"),
    "SignCertificate": lambda seen: call_result.SignCertificate(status="Accepted"),
    "StatusNotification": lambda seen: call_result.StatusNotification(),
    "MeterValues": lambda seen: call_result.MeterValues(),
    "StopTransaction": lambda seen: call_result.StopTransaction(),
    "DiagnosticsStatusNotification": lambda seen: call_result.DiagnosticsStatusNotification(),
    "FirmwareStatusNotification": lambda seen: call_result.FirmwareStatusNotification(),
    "LogStatusNotification": lambda seen: call_result.LogStatusNotification(),
    "SecurityEventNotification": lambda seen: call_result.SecurityEventNotification(),
    "SignedFirmwareStatusNotification": lambda seen: call_result.SignedFirmwareStatusNotification(),
}


def _route(action: str, answer: Callable[[Seen], object]) -> None:
    def handle(self: Seen, **_: object) -> object:
        return answer(self)

    # The package finds handlers by their names.
    handle.__name__ = f"on_{action}"
    setattr(Seen, handle.__name__, on(action)(handle))


for _action, _answer in ANSWERS.items():
    _route(_action, _answer)


class TinyCentral:
    """The server: who knocked how, who is connected, and what they said."""

    def __init__(self, passwords: dict[str, str] | None) -> None:
        self.passwords = passwords
        self.requests: list[Request] = []
        self.connected: dict[str, Seen] = {}
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.frames: list[str] = []
        self.violations: list[str] = []
        self.transactions = 1000
        self.url = ""

    def actions(self, identity: str) -> list[str]:
        """What one charge point has said so far."""
        return [action for who, action, _ in self.calls if who == identity]

    def payloads(self, action: str) -> list[dict[str, Any]]:
        """The payloads of one action."""
        return [payload for _, said, payload in self.calls if said == action]

    async def ask(self, identity: str, request: Any) -> Any:
        """Send a command and return the answer, both checked by the package."""
        return await self.connected[identity].call(request, suppress=False)

    async def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Check the password, as security profile 1 asks."""
        self.requests.append(request)
        if self.passwords is None:
            return None
        identity, _, password = _credentials(request)
        if self.passwords.get(identity) == password:
            return None
        return connection.respond(HTTPStatus.UNAUTHORIZED, "who are you?")

    async def serve(self, connection: ServerConnection) -> None:
        """Listen to one charge point until it leaves."""
        assert connection.request is not None
        identity = connection.request.path.rpartition("/")[2]
        seen = self.connected[identity] = Seen(self, connection, identity)
        try:
            await seen.start()
        except ConnectionClosed:
            if self.connected.get(identity) is seen:
                del self.connected[identity]


def _credentials(request: Request) -> tuple[str, str, str]:
    encoded = request.headers.get("Authorization", "").removeprefix("Basic ")
    return base64.b64decode(encoded).decode(errors="replace").partition(":")


@asynccontextmanager
async def tiny_central(passwords: dict[str, str] | None = None, *, port: int = 0) -> AsyncIterator[TinyCentral]:
    """Run a central system on a free port while the block runs; without passwords everybody is let in."""
    central = TinyCentral(passwords)
    async with serve(
        central.serve, "127.0.0.1", port, subprotocols=[SUBPROTOCOL], process_request=central.admit, compression=None
    ) as server:
        central.url = f"ws://127.0.0.1:{_port(server)}/ocpp"
        yield central
        for seen in list(central.connected.values()):
            seen.socket.transport.abort()
        await asyncio.sleep(0)


def _port(server: Server) -> int:
    return int(next(iter(server.sockets)).getsockname()[1])
