"""A WebSocket as charge points use it: mended requests, any frame as a sign of life, messages without a detour.

The protocol itself is the `websockets` library; this adds what the field needs (field notes H2, H3, H5, H8, H11), and
hands whole messages straight to a receiver instead of through a queue and a task. Once a box is let in, its bytes are
read when gathering.py says so, not when they come.
"""

import os
from collections import deque
from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN, Event
from websockets.typing import Subprotocol

from wattline.ocpp.gathering import Gathering
from wattline.ocpp.quick_frames import text_frame, whole_text
from wattline.ocpp.quirks.handshake import repair_request
from wattline.operations.connections import KnownBox
from wattline.wire.ocpp.deviations import Code, Deviation, deviation

# What HTTP servers usually allow for a request line with all headers.
HEAD_BYTES_MAX = 16 * 1024
# A frame of the largest size we take comes in two reads.
READ_BYTES_MAX = 64 * 1024
END_OF_HEAD = b"\r\n\r\n"

RESERVED_BITS = "reserved bits"

Receive = Callable[[str | bytes], None]


class BoxSocket(ServerConnection):
    """One connection, from TCP to its end."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.heard_at = self.loop.time()
        """When the last whole frame came, of any kind; `loop.time()`."""
        self.pinged_at: float | None = None
        """When we pinged and have heard nothing since."""
        self.blocked_at: float | None = None
        """Since when the box does not read what we write."""
        self.has_ponged = False
        self.known: KnownBox | None = None
        """Who this is, once the handshake is through."""
        self.subprotocol_chosen: Subprotocol | None = None
        self.deviations: list[Deviation] = []
        """What was odd about the request, or made us hang up."""
        self._head: bytearray | None = bytearray()
        self._receive: Receive | None = None
        self._gathering: Gathering | None = None
        """Who tells when to read; None while the loop does."""
        self._descriptor = -1
        self._is_gathered = False
        self._resume: Callable[[], None] | None = None
        self._early: deque[str | bytes] = deque()
        self._fragments: list[Frame] = []

    # Coming in

    def hand_to(self, receive: Receive, gathering: Gathering, *, resume: Callable[[], None]) -> None:
        """From now on give every message to `receive`, those that came before first, the others when gathered.

        `resume` is called when the box reads again what we write.
        """
        self._receive, self._resume = receive, resume
        if not self.transport.is_closing():
            self.transport.pause_reading()
            self._gathering = gathering
            self._descriptor = self.transport.get_extra_info("socket").fileno()
            self.read_on()
        while self._early:
            receive(self._early.popleft())

    def read_on(self) -> None:
        """Read what comes, also after `stop_reading`."""
        if self._gathering is not None and not self._is_gathered and not self.transport.is_closing():
            self._gathering.add(self._descriptor, self._read)
            self._is_gathered = True

    def stop_reading(self) -> None:
        """Leave what comes to the kernel."""
        if self._gathering is not None and self._is_gathered:
            self._gathering.remove(self._descriptor)
            self._is_gathered = False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over; its descriptor will soon be another's."""
        self.stop_reading()
        super().connection_lost(exc)

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, READ_BYTES_MAX)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.data_received(data)
        else:
            # The box hung up. The transport finds that out in its own way, and tells us.
            self.stop_reading()
            self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Mend the request before the library reads it; later, take the usual kind of frame the short way."""
        if self._head is not None:
            self._request_received(data)
            return
        if self._receive is not None and self._is_between_frames() and (text := whole_text(data)) is not None:
            self.heard_at = self.loop.time()
            self.pinged_at = None
            self._receive(text)
            return
        super().data_received(data)

    def process_event(self, event: Event) -> None:
        """Note that the box is alive: whatever it sends counts, a pong no more than a message (H11)."""
        self.heard_at = self.loop.time()
        self.pinged_at = None
        if not isinstance(event, Frame):
            super().process_event(event)
        elif event.opcode is Opcode.PONG:
            self.has_ponged = True
        elif event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self._fragments.append(event)
            if event.fin:
                self._message_received()

    def resume_writing(self) -> None:
        """The box reads again."""
        super().resume_writing()
        self.blocked_at = None
        if self._resume is not None:
            self._resume()

    def pause_writing(self) -> None:
        """The box does not read what we write."""
        super().pause_writing()
        self.blocked_at = self.loop.time()

    def _request_received(self, data: bytes) -> None:
        """Hold the request back until it is complete."""
        assert self._head is not None
        self._head += data
        end = self._head.find(END_OF_HEAD)
        if end < 0:
            if len(self._head) > HEAD_BYTES_MAX:
                self.drop()
            return
        head, rest = bytes(self._head[: end + len(END_OF_HEAD)]), bytes(self._head[end + len(END_OF_HEAD) :])
        self._head = None
        repaired = repair_request(head)
        self.deviations += repaired.deviations
        super().data_received(repaired.head + rest)

    def _is_between_frames(self) -> bool:
        protocol = self.protocol
        return protocol.state is OPEN and not protocol.reader.buffer and protocol.current_size is None

    def _message_received(self) -> None:
        fragments, self._fragments = self._fragments, []
        whole = b"".join(fragment.data for fragment in fragments)
        if fragments[0].opcode is Opcode.BINARY:
            self._deliver(whole)
            return
        try:
            self._deliver(whole.decode())
        except UnicodeDecodeError as error:
            self.deviations.append(deviation(Code.FRAME_UNREADABLE, sample=error))
            self.protocol.fail(CloseCode.INVALID_DATA, f"{error.reason} at position {error.start}")
            self.send_data()

    def _deliver(self, message: str | bytes) -> None:
        if self._receive is not None:
            self._receive(message)
            return
        # Still on the way in. What one chunk of TCP holds is kept, the rest stays with the kernel.
        self._early.append(message)
        self.transport.pause_reading()

    # Going out

    def write(self, text: str) -> bool:
        """Send a message without waiting; False when the connection is over."""
        protocol = self.protocol
        if protocol.state is not OPEN:
            return False
        frame = text_frame(text)
        if frame is not None:
            self.transport.write(frame)
        else:
            protocol.send_text(text.encode())
            self.send_data()
        return True

    def ping_quietly(self) -> None:
        """Send a ping whose pong nobody waits for."""
        if self.protocol.state is OPEN and self.transport.get_write_buffer_size() == 0:
            self.protocol.send_ping(b"")
            self.send_data()
            self.pinged_at = self.loop.time()

    def say_goodbye(self, code: int, reason: str) -> None:
        """Ask the box to hang up, without waiting for it; one that does not is soon overdue."""
        if self.protocol.state is OPEN:
            self.protocol.send_close(code, reason)
            self.send_data()
            assert self.close_timeout is not None
            self.close_deadline = self.loop.time() + self.close_timeout

    def drop(self) -> None:
        """End the TCP connection without a word: some boxes never call again after a proper goodbye (H10)."""
        self.transport.abort()

    @property
    def is_overdue(self) -> bool:
        """Whether the box should have hung up by now, after a goodbye or an error."""
        return self.close_deadline is not None and self.loop.time() > self.close_deadline

    def faults(self) -> list[Deviation]:
        """Tell what the box did that made us hang up (1002, 1007, 1009)."""
        error = self.protocol.parser_exc
        if isinstance(error, PayloadTooBig):
            return [*self.deviations, deviation(Code.FRAME_TOO_LARGE, sample=error)]
        if isinstance(error, ProtocolError):
            code = Code.COMPRESSED_FRAME if RESERVED_BITS in str(error) else Code.FRAME_UNREADABLE
            return [*self.deviations, deviation(code, sample=error)]
        return self.deviations
