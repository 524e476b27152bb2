"""A WebSocket as charge points use it: mended requests, any frame as a sign of life, faults told apart.

The protocol itself is the `websockets` library; this adds what the field needs (field notes H2, H3, H5, H8, H11).
"""

from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Frame, Opcode
from websockets.protocol import CLOSED, OPEN, Event
from websockets.typing import Subprotocol

from wattline.ocpp.quirks.handshake import repair_request
from wattline.operations.connections import KnownBox
from wattline.wire.ocpp.deviations import Code, Deviation, deviation

# What HTTP servers usually allow for a request line with all headers.
HEAD_BYTES_MAX = 16 * 1024
END_OF_HEAD = b"\r\n\r\n"

RESERVED_BITS = "reserved bits"


class BoxSocket(ServerConnection):
    """One connection, from TCP to its end."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.heard_at = self.loop.time()
        """When the last whole frame came, of any kind; `loop.time()`."""
        self.pinged_at: float | None = None
        """When we pinged and have heard nothing since."""
        self.has_ponged = False
        self.known: KnownBox | None = None
        """Who this is, once the handshake is through."""
        self.subprotocol_chosen: Subprotocol | None = None
        self.deviations: list[Deviation] = []
        """What was odd about the request."""
        self._head: bytearray | None = bytearray()

    def data_received(self, data: bytes) -> None:
        """Hold the request back until it is complete, and mend it before the library reads it."""
        if self._head is None:
            super().data_received(data)
            return
        self._head += data
        end = self._head.find(END_OF_HEAD)
        if end < 0:
            if len(self._head) > HEAD_BYTES_MAX:
                self.transport.abort()
            return
        head, rest = bytes(self._head[: end + len(END_OF_HEAD)]), bytes(self._head[end + len(END_OF_HEAD) :])
        self._head = None
        repaired = repair_request(head)
        self.deviations += repaired.deviations
        super().data_received(repaired.head + rest)

    def process_event(self, event: Event) -> None:
        """Note that the box is alive: whatever it sends counts, a pong no more than a message (H11)."""
        self.heard_at = self.loop.time()
        self.pinged_at = None
        if isinstance(event, Frame) and event.opcode is Opcode.PONG:
            self.has_ponged = True
        super().process_event(event)

    @property
    def is_open(self) -> bool:
        """Whether messages can still be exchanged."""
        return self.protocol.state is OPEN

    @property
    def is_gone(self) -> bool:
        """Whether the connection is over."""
        return self.protocol.state is CLOSED

    def ping_quietly(self) -> None:
        """Send a ping whose pong nobody waits for."""
        if self.is_open and self.transport.get_write_buffer_size() == 0:
            self.protocol.send_ping(b"")
            self.send_data()
            self.pinged_at = self.loop.time()

    def drop(self) -> None:
        """End the TCP connection without a word: some boxes never call again after a proper goodbye (H10)."""
        self.transport.abort()

    def fault(self) -> Deviation | None:
        """Tell what the box did when its frames made us hang up (1002, 1009)."""
        error = self.protocol.parser_exc
        if isinstance(error, PayloadTooBig):
            return deviation(Code.FRAME_TOO_LARGE, sample=error)
        if isinstance(error, ProtocolError) and RESERVED_BITS in str(error):
            return deviation(Code.COMPRESSED_FRAME, sample=error)
        if isinstance(error, ProtocolError | UnicodeDecodeError):
            return deviation(Code.FRAME_UNREADABLE, sample=error)
        return None
