"""One WebSocket from a charge point to its central system: the sans-I/O protocol of `websockets` on a bare transport.

A fleet has thousands of these in one process, so a line has no task, no queue and no timer of its own.
"""

import asyncio
from typing import Protocol, cast

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from wattline.emulator.handshake import Address, knock
from wattline.emulator.quirks import Quirk

PONG_BEGINS = b"\x8a"


class Listener(Protocol):
    """Who uses the line. Every call comes from the event loop, never from within a call to the line."""

    def line_opened(self) -> None:
        """The handshake went well."""

    def line_said(self, text: str | bytes) -> None:
        """A whole message came."""

    def line_lost(self, why: str, status: int | None) -> None:
        """The line is gone, or never was: then `status` is the HTTP status of the refusal."""


class Line(asyncio.Protocol):
    """Opened by the transport, driven by `send`, `ping`, `close` and `abort`."""

    def __init__(self, address: Address, listener: Listener) -> None:
        self._listener = listener
        self._protocol: ClientProtocol
        self._request: Request
        self._protocol, self._request = knock(address)
        self._mutes_pongs = Quirk.NO_PONG in address.quirks
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []
        self._is_open = False
        self._waits_for_pong = False

    @property
    def is_open(self) -> bool:
        """Tell whether messages may be sent."""
        return self._is_open and self._protocol.state is State.OPEN

    def send(self, text: str) -> None:
        """Send one message; a line that has just gone swallows it, as a network does."""
        if self.is_open:
            self._protocol.send_text(text.encode())
            self._write()

    def ping(self) -> None:
        """Ask for a sign of life; hang up when the last question was not answered (OCPP-J 1.6 section 5.3)."""
        if self._waits_for_pong:
            self.abort()
        elif self.is_open:
            self._waits_for_pong = True
            self._protocol.send_ping(b"")
            self._write()

    def close(self) -> None:
        """Say goodbye and hang up."""
        if self.is_open:
            self._protocol.send_close(CloseCode.NORMAL_CLOSURE)
            self._write()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Hang up without a word, as a lost network does."""
        if self._transport is not None:
            self._transport.abort()

    # What the transport calls -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._protocol.send_request(self._request)
        self._write()

    def data_received(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        events = self._protocol.events_received()
        self._write()
        if not self._is_open and self._protocol.state is State.OPEN:
            self._is_open = True
            self._listener.line_opened()
        for event in events:
            if isinstance(event, Frame):
                self._receive_frame(event)
        if self._protocol.handshake_exc is not None or self._protocol.close_expected():
            self._hang_up()

    def eof_received(self) -> None:
        self._protocol.receive_eof()
        self._write()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._is_open = False
        refusal = self._protocol.handshake_exc
        status = refusal.response.status_code if isinstance(refusal, InvalidStatus) else None
        self._listener.line_lost(self._explain(error), status)

    def _explain(self, error: Exception | None) -> str:
        refusal = self._protocol.handshake_exc
        if isinstance(refusal, InvalidHandshake):
            return str(refusal)
        if self._protocol.close_code is not None and self._protocol.close_code != CloseCode.ABNORMAL_CLOSURE:
            return f"closed with {self._protocol.close_code} {self._protocol.close_reason or ''}".rstrip()
        return f"lost: {error}" if error else "lost"

    def _receive_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG:
            self._waits_for_pong = False
        elif frame.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
            self._parts.append(bytes(frame.data))
            if frame.fin:
                whole, self._parts = b"".join(self._parts), []
                self._listener.line_said(whole)

    def _write(self) -> None:
        for piece in self._protocol.data_to_send():
            if self._transport is None:
                return
            if piece == b"":
                self._half_close()
            elif not (self._mutes_pongs and piece.startswith(PONG_BEGINS)):
                self._transport.write(piece)

    def _half_close(self) -> None:
        if self._transport is not None and self._transport.can_write_eof():
            self._transport.write_eof()

    def _hang_up(self) -> None:
        if self._transport is not None:
            self._transport.close()
