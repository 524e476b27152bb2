"""A charge point's side of a WebSocket, as little of it as makes load: it must cost less than a server."""

import asyncio
import base64
import os
import struct
from typing import cast

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class WebSocketClient(asyncio.Protocol):
    """Opens a WebSocket, sends masked frames, hands whole text messages to `on_text`."""

    def __init__(self, host: str, path: str, *, authorization: str | None, subprotocol: str | None) -> None:
        self._request = handshake(host, path, authorization=authorization, subprotocol=subprotocol)
        self._received = bytearray()
        self._open = False
        self.transport: asyncio.Transport | None = None
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._open:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            answer = bytes(self._received[:end])
            del self._received[: end + 4]
            if b" 101 " not in answer.split(b"\r\n", 1)[0]:
                self.refused(answer.split(b"\r\n", 1)[0].decode("latin-1"))
                return
            self._open = True
            self.opened()
        while (frame := take_frame(self._received)) is not None:
            opcode, payload = frame
            if opcode == TEXT:
                self.on_text(payload)
            elif opcode == PING:
                self.send(payload, opcode=PONG)
            elif opcode == CLOSE and self.transport is not None:
                self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True

    def send(self, payload: bytes, *, opcode: int = TEXT) -> None:
        """Send one frame."""
        assert self.transport is not None
        self.transport.write(masked_frame(payload, opcode))

    def say_goodbye(self) -> None:
        """Close the connection as a charge point does that is switched off in order."""
        if self.transport is not None and not self.lost:
            self.send((1000).to_bytes(2, "big"), opcode=CLOSE)
            self.transport.close()

    def opened(self) -> None:
        """The handshake is done."""

    def refused(self, why: str) -> None:
        """The server did not upgrade."""

    def on_text(self, text: bytes) -> None:
        """A whole message came."""


def handshake(host: str, path: str, *, authorization: str | None, subprotocol: str | None) -> bytes:
    """Write the HTTP request that opens a WebSocket."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
    if subprotocol is not None:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    if authorization is not None:
        lines.append(f"Authorization: Basic {base64.b64encode(authorization.encode()).decode()}")
    return "\r\n".join([*lines, "", ""]).encode()


def masked_frame(payload: bytes, opcode: int) -> bytes:
    """Write a frame as clients must: masked (RFC 6455, 5.3)."""
    size = len(payload)
    key = os.urandom(4)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    else:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    stream = int.from_bytes((key * (size // 4 + 1))[:size], "big")
    return head + key + (int.from_bytes(payload, "big") ^ stream).to_bytes(size, "big")


def take_frame(received: bytearray) -> tuple[int, bytes] | None:
    """Take one whole frame from the front of what came, or nothing. A server's frames are not masked."""
    if len(received) < 2:
        return None
    size, start = received[1] & 0x7F, 2
    if size == 126:
        if len(received) < 4:
            return None
        size, start = int.from_bytes(received[2:4], "big"), 4
    elif size == 127:
        if len(received) < 10:
            return None
        size, start = int.from_bytes(received[2:10], "big"), 10
    if len(received) < start + size:
        return None
    opcode, payload = received[0] & 0x0F, bytes(received[start : start + size])
    del received[: start + size]
    return opcode, payload
