"""A subscriber's web server for tests: keeps what it gets and answers what it is told to."""

import asyncio
import hashlib
import hmac
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from tests.waiting import PATIENCE_SECONDS

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
BROKEN = b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"
REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Delivery:
    """One POST as it came in; header names in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def entries(self) -> list[dict[str, object]]:
        return list(msgspec.json.decode(self.body)["entries"])

    def must_be_signed_with(self, secret: str) -> None:
        """Check both signatures as the two published recipes say, with our own hands."""
        monta = hmac.new(secret.encode(), self.body, hashlib.sha1).hexdigest()
        assert self.headers["x-monta-signature"] == f"sha1={monta}"
        signed = f"{self.webhook_id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        standard = b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
        assert self.headers["webhook-signature"] == f"v1,{standard}"


@dataclass
class Receiver:
    """What arrived so far. `answer` decides the reply per delivery: raw bytes, or None to hang up."""

    url: str = ""
    deliveries: list[Delivery] = field(default_factory=list)
    answer: Callable[[Delivery], bytes | None] = lambda _: OK
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def entries(self) -> list[dict[str, object]]:
        return [entry for delivery in self.deliveries for entry in delivery.entries]

    async def until(self, enough: Callable[["Receiver"], bool], *, seconds_max: float = PATIENCE_SECONDS) -> None:
        """Wait until what arrived is enough."""
        async with asyncio.timeout(seconds_max), self.arrived:
            await self.arrived.wait_for(lambda: enough(self))

    async def serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self.open.add(writer)
        try:
            while (delivery := await read_delivery(reader)) is not None:
                async with self.arrived:
                    self.deliveries.append(delivery)
                    self.arrived.notify_all()
                reply = self.answer(delivery)
                if reply is None:
                    break
                writer.write(reply)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open.remove(writer)
            writer.close()


async def read_delivery(reader: asyncio.StreamReader) -> Delivery | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:
        return None
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Delivery(head[0].split()[1], headers, body)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Listen on a free port of this machine; in the end hang up on whoever still waits for an answer."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve_one, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
    try:
        yield receiver
    finally:
        server.close()
        for writer in receiver.open:
            writer.close()
