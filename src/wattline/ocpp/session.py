"""One socket of one box: reads frames in order, answers each call, keeps what must be kept of it."""

import asyncio
from datetime import datetime

import structlog
from websockets.exceptions import ConnectionClosed

from wattline.ocpp.box import Box, Received, Refused
from wattline.ocpp.outgoing import Outgoing
from wattline.ocpp.patience import PATIENCE_SECONDS
from wattline.ocpp.recorder import readable
from wattline.ocpp.socket import BoxSocket
from wattline.ocpp.v16.routes import ROUTES
from wattline.operations.connections import Lease
from wattline.operations.frames import FrameRow
from wattline.wire.ocpp.conversation import Answered, Asked, Conversation, Event, NotConform, Repeated
from wattline.wire.ocpp.deviations import Code
from wattline.wire.ocpp.messages import Misunderstood, understand
from wattline.wire.ocpp.rpc import Call
from wattline.wire.ocpp.schemas import Direction
from wattline.wire.ocpp.versions import V16, ErrorCode, Side

log = structlog.get_logger()

# They come all day from every box; kept raw only for boxes that somebody looks into.
UNRECORDED = frozenset({"Heartbeat", "MeterValues"})

# A call that cannot be stored in this time is answered with an error; the box sends it again.
HANDLE_SECONDS_MAX = PATIENCE_SECONDS + 5.0

BOOT = "BootNotification"

TRY_AGAIN = "The server could not store this; send it again later."


class Session:
    """A box on its socket, from the granted lease to the end of the connection."""

    __slots__ = ("_farewell", "_has_talked", "_talk", "blocked_since", "box", "is_busy", "lease", "outgoing", "socket")

    def __init__(self, socket: BoxSocket, box: Box, lease: Lease) -> None:
        self.socket = socket
        self.box = box
        self.lease = lease
        self._talk = Conversation(Side.CENTRAL_SYSTEM)
        self.outgoing = Outgoing(box, self._talk, self._send_call)
        self.is_busy = False
        self._farewell: tuple[int, str] | None = None
        self.blocked_since: float | None = None
        """Since when a frame of ours waits for a box that does not read."""
        self._has_talked = False

    async def run(self) -> None:
        """Read until the socket is gone or the session is ended. One frame is finished before the next is looked at."""
        try:
            async for data in self.socket:
                self.is_busy = True
                await self._take(data)
                self.is_busy = False
                if self._farewell is not None:
                    await self._say_farewell()
                    break
        except ConnectionClosed:
            pass
        finally:
            self.is_busy = False
            self.outgoing.close()

    def end(self, code: int, reason: str) -> None:
        """End the connection; a call that is being worked on is answered first."""
        self._farewell = (code, reason)
        if not self.is_busy:
            self.box.shared.spawn(self._say_farewell())

    async def _say_farewell(self) -> None:
        # Field note H10: some boxes never call again after a proper goodbye.
        if self.box.quirks.drop_instead_of_close:
            self.socket.drop()
        else:
            assert self._farewell is not None
            await self.socket.close(*self._farewell)

    async def _take(self, data: str | bytes) -> None:
        event = self._talk.receive(data, now=self.socket.loop.time())
        received_at = self.box.shared.clock()
        if event.deviations:
            self.box.shared.deviations.note(self.box.id, event.deviations)
        action, message_id = _name(event)
        if self._records(action):
            self._record(received_at, True, action, message_id, readable(data))
        if type(event) is Asked:
            reply: str | None = await self._answer(event.call, Received(event.call.id, received_at))
        else:
            reply = event.reply
            if type(event) is Answered:
                self.outgoing.answered(event)
        if reply is not None:
            await self._send(reply, action, message_id)
        if type(event) is Asked:
            self._note_progress(event.call.action)

    async def _answer(self, call: Call, received: Received) -> str:
        """Act on a call and write its answer. Whatever goes wrong, the box gets a CALLERROR and stays connected."""
        got = understand(V16, call.action, Direction.REQUEST, call.payload, received_at=received.at)
        if got.deviations:
            self.box.shared.deviations.note(self.box.id, got.deviations)
        if isinstance(got, Misunderstood):
            return self._talk.refuse(call, got.code, got.description, got.details)
        try:
            async with asyncio.timeout(HANDLE_SECONDS_MAX):
                answer = await ROUTES[call.action].handle(self.box, got.message, received)
            return self._talk.answer(call, answer)
        except Refused as refused:
            self.box.note(Code.PAYLOAD_REFUSED, call.action, refused.description)
            return self._talk.refuse(call, refused.code, refused.description)
        except NotConform:
            log.exception("our answer breaks the schema", action=call.action, box=self.box.identity)
        except Exception:
            log.exception("a call could not be handled", action=call.action, box=self.box.identity)
        return self._talk.refuse(call, ErrorCode.INTERNAL_ERROR, TRY_AGAIN)

    def _note_progress(self, action: str) -> None:
        if action == BOOT:
            if self._has_talked:
                self.box.note(Code.CALL_BEFORE_BOOT)
            self.outgoing.booted()
        elif not self._has_talked:
            self.outgoing.talked()
        self._has_talked = True

    async def _send_call(self, text: str, action: str, message_id: str) -> None:
        await self._send(text, action, message_id)

    async def _send(self, text: str, action: str | None, message_id: str | None) -> None:
        if self._records(action):
            self._record(self.box.shared.clock(), False, action, message_id, readable(text))
        self.blocked_since = self.socket.loop.time()
        await self.socket.send(text)
        self.blocked_since = None

    def _records(self, action: str | None) -> bool:
        return self.box.records_all or action not in UNRECORDED

    def _record(self, at: datetime, inbound: bool, action: str | None, message_id: str | None, body: str) -> None:
        self.box.shared.recorder.put(FrameRow(self.box.operator_id, self.box.id, at, inbound, action, message_id, body))


def _name(event: Event) -> tuple[str | None, str | None]:
    """Return action and message id of what arrived, where it has any."""
    if isinstance(event, Asked | Repeated):
        return event.call.action, event.call.id
    if isinstance(event, Answered):
        return event.sent.action, event.sent.id
    return None, None
