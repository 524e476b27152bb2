"""Stands between our Stripe adapter and localstripe, and breaks what a network and a bank can break.

It loses requests, loses answers after the commit, answers 500 (and the same again for the same key), and sends events
late, twice, in any order or not at all. It also adds what localstripe lacks: the replay of an answer for the same
Idempotency-Key, `amount_received`, and patience with parameters that localstripe does not know.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from urllib.parse import parse_qsl, urlencode

import httpx
import msgspec

from tests.payments.bank_model import Faults

# Parameters of the real API that localstripe answers with "unexpected".
UNKNOWN_TO_LOCALSTRIPE = ("description", "return_url", "created[")
ERROR_500 = (500, b'{"error": {"type": "api_error", "message": "broken"}}')
KEY_REUSED = (400, b'{"error": {"type": "idempotency_error", "message": "other parameters"}}')


class Hangup(Exception):
    """The connection ends without an answer."""


@dataclass
class Request:
    """One HTTP request as it came in; header names in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FaultProxy:
    """The proxy. `count` says how often each fault was played, `mail` are the events that localstripe sent."""

    upstream: httpx.AsyncClient
    chance: Random
    faults: Faults
    url: str = ""
    count: dict[str, int] = field(default_factory=dict)
    mail: list[tuple[bytes, str]] = field(default_factory=list)
    replayed: int = 0
    _stored: dict[str, tuple[bytes, tuple[int, bytes]]] = field(default_factory=dict)
    _captured: dict[str, int] = field(default_factory=dict)

    async def serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, or hang up."""
        try:
            status, body = await self._answer(await read_request(reader))
            head = f"HTTP/1.1 {status} .\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
            await writer.drain()
        except (Hangup, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def falls(self, fault: str) -> bool:
        """Roll the dice for a fault."""
        falls = bool(self.chance.random() < getattr(self.faults, fault))
        if falls:
            self.count[fault] = self.count.get(fault, 0) + 1
        return falls

    async def _answer(self, request: Request) -> tuple[int, bytes]:
        if request.path == "/hooks":
            self.mail.append((request.body, request.headers["stripe-signature"]))
            return 200, b""
        if request.method == "GET":
            if self.falls("look_lost"):
                raise Hangup
            return await self._forward(request)
        if self.falls("request_lost"):
            raise Hangup
        answer = await self._once(request)
        if self.falls("answer_lost"):
            raise Hangup
        return answer

    async def _once(self, request: Request) -> tuple[int, bytes]:
        """Replay what was stored under a key, as the real API does; validation errors are not stored."""
        key, asked = request.headers["idempotency-key"], request.path.encode() + b" " + request.body
        if key in self._stored:
            self.replayed += 1
            before, answer = self._stored[key]
            return answer if before == asked else KEY_REUSED
        if self.falls("broken_undone"):
            answer = ERROR_500
        else:
            answer = await self._forward(request)
            if self.falls("broken_done"):
                answer = ERROR_500
        if answer[0] not in (400, 404):
            self._stored[key] = (asked, answer)
        return answer

    async def _forward(self, request: Request) -> tuple[int, bytes]:
        path, _, query = request.path.partition("?")
        passed_on = ("authorization", "content-type")
        headers: dict[str, str] = {name: request.headers[name] for name in passed_on if name in request.headers}
        target = path + (f"?{known(query)}" if query else "")
        answer = await self.upstream.request(
            request.method, target, headers=headers, content=known(request.body.decode())
        )  # fmt: skip
        if path.endswith("/capture") and answer.status_code == 200:
            self._captured[path.split("/")[3]] = int(dict(parse_qsl(request.body.decode()))["amount_to_capture"])
        return answer.status_code, self._with_amount_received(answer.content)

    def _with_amount_received(self, content: bytes) -> bytes:
        body = msgspec.json.decode(content) if content.startswith(b"{") else None
        if not isinstance(body, dict) or body.get("id") not in self._captured:
            return content
        return msgspec.json.encode(body | {"amount_received": self._captured[body["id"]]})


def known(form: str) -> str:
    """Leave out the parameters that localstripe does not know."""
    pairs = parse_qsl(form, keep_blank_values=True)
    return urlencode([(name, value) for name, value in pairs if not name.startswith(UNKNOWN_TO_LOCALSTRIPE)])


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Read one request whole."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, path, _ = lines[0].split()
    return Request(method, path, headers, body)


@asynccontextmanager
async def proxying(upstream_url: str, chance: Random) -> AsyncIterator[FaultProxy]:
    """Stand in front of a server, on a free port of this machine."""
    async with httpx.AsyncClient(base_url=upstream_url, timeout=10, trust_env=False) as upstream:
        proxy = FaultProxy(upstream, chance, Faults())
        server = await asyncio.start_server(proxy.serve_one, "127.0.0.1", 0)
        proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield proxy
        finally:
            server.close()
