"""One socket of one box: takes its messages in order, answers each call, keeps what must be kept of it.

A message is worked on as soon as it is read, unless the one before is still being stored; then it waits. No task and no
queue of its own stand between a socket and the handlers: with thousands of boxes they would cost more than the work
itself.
"""

import asyncio
from collections import deque
from datetime import datetime

import structlog

from wattline.ocpp.box import Box, Received, Refused
from wattline.ocpp.outgoing import Outgoing
from wattline.ocpp.recorder import readable
from wattline.ocpp.socket import BoxSocket
from wattline.ocpp.v16.routes import ROUTES
from wattline.operations.connections import Lease
from wattline.operations.frames import FrameRow
from wattline.wire.ocpp.conversation import Answered, Asked, Conversation, Event, NotConform, Repeated
from wattline.wire.ocpp.deviations import Code
from wattline.wire.ocpp.messages import Misunderstood, understand_call
from wattline.wire.ocpp.rpc import Call
from wattline.wire.ocpp.v16 import Shape
from wattline.wire.ocpp.versions import V16, ErrorCode, Side

log = structlog.get_logger()

# They come all day from every box; kept raw only for boxes that somebody looks into.
UNRECORDED = frozenset({"Heartbeat", "MeterValues"})

# Messages of one box that wait while one is being stored; then its TCP connection is left unread.
WAITING_MAX = 16

# How a message shows what it is before it is read; oddly written ones just wait.
CALLS_BEGIN = frozenset(("[2", b"[2"))
ANSWERS_BEGIN = frozenset(("[3", "[4", b"[3", b"[4"))

BOOT = "BootNotification"

TRY_AGAIN = "The server could not store this; send it again later."


class Session:
    """A box on its socket, from the granted lease to the end of the connection."""

    __slots__ = (
        "_call",
        "_farewell",
        "_has_talked",
        "_talk",
        "_waiting",
        "_work",
        "box",
        "lease",
        "outgoing",
        "socket",
    )

    def __init__(self, socket: BoxSocket, box: Box, lease: Lease) -> None:
        self.socket = socket
        self.box = box
        self.lease = lease
        self._talk = Conversation(Side.CENTRAL_SYSTEM)
        self.outgoing = Outgoing(box, self._talk, self._send)
        self._waiting: deque[str | bytes] | None = None
        self._call: Call | None = None
        self._work: asyncio.Future[Shape] | None = None
        """The call that is being stored."""
        self._farewell: tuple[int, str] | None = None
        self._has_talked = False

    async def run(self) -> None:
        """Take messages until the socket is gone and the last one is dealt with."""
        try:
            self.socket.hand_to(self._receive, self.box.shared.gathering, resume=self._go_on)
            await self.socket.wait_closed()
            while self._work is not None:
                await asyncio.wait([self._work])
        finally:
            self.outgoing.close()

    def end(self, code: int, reason: str) -> None:
        """End the connection; a call that is being worked on is answered first."""
        self._farewell = (code, reason)
        if self._work is None:
            self._say_farewell()

    def _say_farewell(self) -> None:
        # Field note H10: some boxes never call again after a proper goodbye.
        if self.box.quirks.drop_instead_of_close:
            self.socket.drop()
        else:
            assert self._farewell is not None
            self.socket.say_goodbye(*self._farewell)

    def _receive(self, data: str | bytes) -> None:
        """Take a message when its time comes. Answers never wait: they belong to our own calls."""
        if data[:2] in ANSWERS_BEGIN:
            self._take(data)
        else:
            self._line_up(data)

    def _line_up(self, data: str | bytes) -> None:
        """Take a message now, or when its turn comes."""
        if self._work is None and not self.socket.blocked_at and not self._waiting:
            self._take(data)
            return
        if self._work is not None and data[:2] in CALLS_BEGIN:
            self.box.note(Code.CALL_BEFORE_ANSWER)
        if self._waiting is None:
            self._waiting = deque()
        self._waiting.append(data)
        if len(self._waiting) == WAITING_MAX:
            self.socket.stop_reading()

    def _go_on(self) -> None:
        """Take the messages that waited, up to one that has to be stored."""
        while self._waiting and self._work is None and not self.socket.blocked_at:
            if len(self._waiting) == WAITING_MAX:
                self.socket.read_on()
            self._take(self._waiting.popleft())

    def _take(self, data: str | bytes) -> None:
        event = self._talk.receive(data, now=self.socket.heard_at)
        at = self.box.shared.clock()
        if isinstance(data, bytes):
            self.box.note(Code.BINARY_FRAME)
        if event.deviations:
            self.box.shared.deviations.note(self.box.id, event.deviations)
        if not isinstance(event, Asked) or self.box.records_all or event.call.action not in UNRECORDED:
            self._record(at, True, *_name(event), data)
        if isinstance(event, Asked):
            self._begin(event.call, Received(event.call.id, at))
            return
        if isinstance(event, Answered):
            self.outgoing.answered(event)
        if event.reply is not None:
            self._send(event.reply, *_name(event))

    def _begin(self, call: Call, received: Received) -> None:
        """Act on a call: answered at once, or when it is stored."""
        self.box.shared.calls.note_received(call.action)
        got = understand_call(V16, call, received_at=received.at)
        if got.deviations:
            self.box.shared.deviations.note(self.box.id, got.deviations)
        if isinstance(got, Misunderstood):
            self._finish(call, self._talk.refuse(call, got.code, got.description, got.details))
            return
        try:
            answer = ROUTES[call.action].handle(self.box, got.message, received)
        except Exception as error:
            self._finish(call, self._refusal(call, error))
            return
        if isinstance(answer, Shape):
            self._finish(call, self._written(call, answer))
            return
        self._call = call
        self._work = work = asyncio.ensure_future(answer)
        work.add_done_callback(self._stored)

    def _stored(self, work: "asyncio.Future[Shape]") -> None:
        """The call that was worked on is done: answer it, and go on with what waited."""
        call, self._call, self._work = self._call, None, None
        assert call is not None
        error = asyncio.CancelledError() if work.cancelled() else work.exception()
        self._finish(call, self._written(call, work.result()) if error is None else self._refusal(call, error))
        if self._farewell is not None:
            self._say_farewell()
        else:
            self._go_on()

    def _written(self, call: Call, answer: Shape) -> str:
        try:
            return self._talk.answer(call, answer)
        except NotConform as error:
            return self._refusal(call, error)

    def _refusal(self, call: Call, error: BaseException) -> str:
        """Write the CALLERROR for what went wrong. The box stays connected whatever it was."""
        if isinstance(error, Refused):
            self.box.note(Code.PAYLOAD_REFUSED, call.action, error.description)
            return self._talk.refuse(call, error.code, error.description)
        log.error("a call could not be handled", action=call.action, box=self.box.identity, exc_info=error)
        return self._talk.refuse(call, ErrorCode.INTERNAL_ERROR, TRY_AGAIN)

    def _finish(self, call: Call, reply: str) -> None:
        self._send(reply, call.action, call.id)
        if call.action == BOOT:
            if self._has_talked:
                self.box.note(Code.CALL_BEFORE_BOOT)
            self.outgoing.booted()
        elif not self._has_talked:
            self.outgoing.talked()
        self._has_talked = True

    def _send(self, text: str, action: str | None, message_id: str | None) -> bool:
        if self.box.records_all or action not in UNRECORDED:
            self._record(self.box.shared.clock(), False, action, message_id, text)
        return self.socket.write(text)

    def _record(
        self, at: datetime, inbound: bool, action: str | None, message_id: str | None, data: str | bytes
    ) -> None:
        box = self.box
        box.shared.recorder.put(FrameRow(box.operator_id, box.id, at, inbound, action, message_id, readable(data)))


def _name(event: Event) -> tuple[str | None, str | None]:
    """Return action and message id of what arrived, where it has any."""
    if isinstance(event, Asked | Repeated):
        return event.call.action, event.call.id
    if isinstance(event, Answered):
        return event.sent.action, event.sent.id
    return None, None
