"""Bytes on a TCP connection, for requests and frames that no client library would send."""

import asyncio
import contextlib
import os
import struct
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from tests.ocpp.gateway.yard import PASSWORD, basic


def request(target: str | bytes, headers: Mapping[str, str | None] | None = None) -> bytes:
    """Write a request to open a WebSocket; a header of None is left out."""
    written = target if isinstance(target, bytes) else target.encode()
    name = written.rpartition(b"/")[2]
    wanted: dict[str, str | None] = {
        "Host": "localhost",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
        "Sec-WebSocket-Protocol": "ocpp1.6",
        **basic(name + b":" + PASSWORD.encode()),
        **(headers or {}),
    }
    lines = [f"{header}: {value}".encode() for header, value in wanted.items() if value is not None]
    return b"\r\n".join([b"GET " + written + b" HTTP/1.1", *lines, b"", b""])


async def dial(port: int, head: bytes) -> bytes:
    """Send a request and return the head of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    async with asyncio.timeout(60):
        answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return answer


def frame(payload: bytes, *, opcode: int = 1, rsv1: bool = False) -> bytes:
    """Write a whole masked client frame."""
    first = 0x80 | (0x40 if rsv1 else 0) | opcode
    size = len(payload)
    head = bytes([first, 0x80 | size]) if size < 126 else struct.pack("!BBH", first, 0xFE, size)
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


class RawBox:
    """A box whose handshake is through, and whose bytes a story writes itself; `async with` connects it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def __init__(self, port: int, identity: str) -> None:
        self.port, self.identity = port, identity

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(request(f"/ocpp/{self.identity}"))
        async with asyncio.timeout(60):
            answer = await self.reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101"), answer
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    async def hear(self) -> tuple[int, bytes]:
        """Return opcode and payload of the next frame of the server."""
        async with asyncio.timeout(60):
            first, size = await self.reader.readexactly(2)
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
            return first & 0x0F, await self.reader.readexactly(size)

    async def end(self) -> bytes:
        """Return all bytes until the server ends the connection."""
        async with asyncio.timeout(60):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""
