"""One emulated charge point, alive: the pure box, its line to the central system, and the clock that drives both."""

import asyncio
import json
import random
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from websockets.exceptions import InvalidURI

from wattline.emulator.box import Box, Registration
from wattline.emulator.clock import Clock
from wattline.emulator.delivery import failed, link_down, link_up, take
from wattline.emulator.handshake import Address
from wattline.emulator.interceptor import Direction, Effect, Interceptor, Onward, passing_of
from wattline.emulator.line import Line
from wattline.emulator.outbox import Entry
from wattline.emulator.quirks import Quirk, break_schema
from wattline.emulator.redial import redial_seconds
from wattline.emulator.v16.answers import hear_answer
from wattline.emulator.v16.commands import obey
from wattline.emulator.v16.spelling import spell
from wattline.wire.ocpp import schemas
from wattline.wire.ocpp.conversation import Answered, Asked, Conversation
from wattline.wire.ocpp.messages import Misunderstood, understand
from wattline.wire.ocpp.rpc import Call, CallResult
from wattline.wire.ocpp.versions import V16, ErrorCode, Side

log = structlog.get_logger("wattline.emulator")

# OCPP-J names no time-out; half a minute is what most firmware waits.
ANSWER_SECONDS = 30.0
# However fast the model's time runs, a real server and a busy machine need this.
ANSWER_SECONDS_MIN = 2.0
SLOW_ANSWER_SECONDS = 45.0
DIAL_SECONDS = 20.0
FRAMES_KEPT = 200


@dataclass(frozen=True, slots=True)
class SeenFrame:
    """A frame as it crossed the line, for people who look."""

    number: int
    at: datetime
    direction: Direction
    text: str


class Visitor(Protocol):
    """Somebody who uses the charge point by themselves, without being told from outside."""

    def live(self, now: datetime) -> datetime:
        """Do what is to be done now, and say when to be called again at the latest."""


class Station:
    """Runs a box. All of it happens in callbacks of the event loop; only dialling needs a task."""

    def __init__(
        self,
        box: Box,
        url: str,
        password: str | None,
        *,
        clock: Clock,
        chance: random.Random,
        interceptor: Interceptor,
        keeps_frames: bool,
    ) -> None:
        self.box = box
        self.visitors: list[Visitor] = []
        self.frames: deque[SeenFrame] | None = deque(maxlen=FRAMES_KEPT) if keeps_frames else None
        self._url = url
        self._password = password
        self._clock = clock
        self._chance = chance
        self._interceptor = interceptor
        self._line: Line | None = None
        self._talk = Conversation(Side.CHARGE_POINT)
        self._dialling: asyncio.Task[None] | None = None
        self._wake: asyncio.TimerHandle | None = None
        self._next_ping_at = 0.0
        self._redial_at = 0.0
        self._open_by = 0.0
        self._failures = 0
        self._link_number = 0
        self._messages_sent = 0
        self._frames_seen = 0
        self._is_running = False

    # Life -------------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Switch the charge point on."""
        self._is_running = True
        self._redial_at = _seconds()
        self.go_on()

    async def stop(self) -> None:
        """Switch it off, with a goodbye to the central system."""
        self._is_running = False
        if self._wake is not None:
            self._wake.cancel()
        if self._dialling is not None:
            self._dialling.cancel()
            await asyncio.gather(self._dialling, return_exceptions=True)
        if self._line is not None:
            self._line.close()

    def do(self, deed: Callable[[datetime], None]) -> None:
        """Let somebody do something to the box; what follows from it is sent at once. Raises Impossible."""
        try:
            deed(self._clock.now())
        finally:
            self.go_on()

    def go_on(self) -> None:
        """Live up to now: let visitors act, dial or hang up, send what waits, and plan the next time."""
        if not self._is_running:
            return
        now = self._clock.now()
        self.box.pass_time(now)
        next_visit_at = min((visitor.live(now) for visitor in self.visitors), default=None)
        self._mind_the_line()
        self._send_what_waits(now)
        self._plan(next_visit_at)

    def _plan(self, next_visit_at: datetime | None) -> None:
        if self._wake is not None:
            self._wake.cancel()
        model_times = [at for at in (self.box.next_at, next_visit_at) if at is not None]
        loop_times = [_seconds() + self._clock.seconds_until(min(model_times))] if model_times else []
        if self._talk.waiting is not None:
            loop_times.append(self._talk.waiting.deadline)
        if self._line is not None and self._line.is_open and self._next_ping_at:
            loop_times.append(self._next_ping_at)
        if self.box.wants_link and (self._line is None or not self._line.is_open):
            loop_times.append(self._redial_at if self._line is None else self._open_by)
        self._wake = asyncio.get_running_loop().call_at(min(loop_times), self.go_on) if loop_times else None

    # The line ---------------------------------------------------------------------------------------------------------

    def _mind_the_line(self) -> None:
        if not self.box.wants_link:
            if self._line is not None:
                self._line.abort()
        elif self._line is None:
            if self._dialling is None and _seconds() >= self._redial_at:
                self._dialling = asyncio.create_task(self._dial())
        elif self._link_number != self.box.link_number:
            self._failures = 0
            self._line.close()
        elif self._line.is_open:
            self._keep_alive()
        elif _seconds() >= self._open_by:
            self._line.abort()

    def _keep_alive(self) -> None:
        assert self._line is not None
        if self._next_ping_at and _seconds() >= self._next_ping_at:
            self._line.ping()
            self._plan_ping()
        if self._talk.expire(_seconds()) is not None:
            failed(self.box)

    def _plan_ping(self) -> None:
        seconds = self.box.keys.number("WebSocketPingInterval")
        self._next_ping_at = _seconds() + seconds if seconds else 0.0

    async def _dial(self) -> None:
        password = _password_from(self.box) or self._password
        self._link_number = self.box.link_number
        self._open_by = _seconds() + DIAL_SECONDS
        try:
            address = Address(self._url, self.box.identity, password, self.box.quirks)
            line, uri = Line(address, self), address.uri
            async with asyncio.timeout(DIAL_SECONDS):
                self._line = line
                await asyncio.get_running_loop().create_connection(
                    lambda: line, uri.host, uri.port, ssl=ssl.create_default_context() if uri.secure else None
                )
        except (OSError, TimeoutError, InvalidURI, ValueError) as error:
            self._dialling = None
            self.line_lost(str(error) or "no answer", None)
        finally:
            self._dialling = None

    def line_opened(self) -> None:
        """The handshake went well: introduce ourselves."""
        log.info("connected", identity=self.box.identity)
        self._talk = Conversation(Side.CHARGE_POINT)
        self._plan_ping()
        link_up(self.box, self._clock.now())
        self.go_on()

    def line_lost(self, why: str, status: int | None) -> None:
        """The line is gone, or could not be had: come back later."""
        was_registered = self.box.registration is Registration.ACCEPTED and self.box.is_linked
        self._line = None
        self._failures = 0 if was_registered else self._failures + 1
        wait = redial_seconds(self._failures, status=status, chance=self._chance.random())
        self._redial_at = _seconds() + wait
        if self._is_running and self._failures <= 1:
            log.info("not connected", identity=self.box.identity, why=why, redial_seconds=round(wait, 1))
        link_down(self.box, self._clock.now())
        self.go_on()

    # Sending ----------------------------------------------------------------------------------------------------------

    def _send_what_waits(self, now: datetime) -> None:
        if self._line is None or not self._line.is_open or self._talk.waiting is not None:
            return
        entry = take(self.box, now)
        if entry is not None:
            self._send_call(entry)

    def _send_call(self, entry: Entry) -> None:
        action, payload = spell(self.box, entry.message)
        self._messages_sent += 1
        counted = Quirk.CLOCK_STARTS_IN_1970 in self.box.quirks
        text = self._talk.call(
            action,
            payload,
            id=str(self._messages_sent) if counted else f"{self._chance.getrandbits(96):024x}",
            now=_seconds(),
            timeout=max(ANSWER_SECONDS / self._clock.speed, ANSWER_SECONDS_MIN),
            check=not break_schema(self.box.quirks),
        )
        self._send(text, action)

    def _send(self, text: str, action: str) -> None:
        if Quirk.PRETTY_JSON in self.box.quirks:
            text = json.dumps(json.loads(text), indent=1, separators=(" ,", " : "))
        for effect in self._judge(Direction.SENT, text, action):
            if isinstance(effect, Onward):
                self._later(effect.after_seconds, self._put_on_line, effect.text)
            else:
                asyncio.get_running_loop().call_soon(self._take_in, effect.text)

    def _put_on_line(self, text: str) -> None:
        if self._line is not None:
            self._note(Direction.SENT, text)
            self._line.send(text)

    # Hearing ----------------------------------------------------------------------------------------------------------

    def line_said(self, text: str | bytes) -> None:
        """A message came: let the interceptor see it first."""
        spelled = text if isinstance(text, str) else text.decode(errors="replace")
        self._note(Direction.RECEIVED, spelled)
        waiting = self._talk.waiting
        for effect in self._judge(Direction.RECEIVED, spelled, waiting.action if waiting else None):
            if isinstance(effect, Onward):
                self._later(effect.after_seconds, self._take_in, effect.text)
            else:
                self._put_on_line(effect.text)

    def _take_in(self, text: str) -> None:
        event = self._talk.receive(text, now=_seconds())
        if event.reply is not None:
            self._put_on_line(event.reply)
        self.box.pass_time(self._clock.now())
        match event:
            case Asked(call):
                self._obey(call)
            case Answered():
                self._hear(event)
        self.go_on()

    def _hear(self, event: Answered) -> None:
        if not isinstance(event.frame, CallResult):
            failed(self.box)
            return
        got = understand(
            V16, event.sent.action, schemas.Direction.RESPONSE, event.frame.payload, received_at=self.box.now
        )
        if isinstance(got, Misunderstood):
            failed(self.box)
        else:
            hear_answer(self.box, got.payload)

    def _obey(self, call: Call) -> None:
        got = understand(V16, call.action, schemas.Direction.REQUEST, call.payload, received_at=self.box.now)
        if isinstance(got, Misunderstood):
            self._send(self._talk.refuse(call, got.code, got.description, got.details), call.action)
            return
        answer = obey(self.box, call.action, got.payload)
        if answer is None:
            self._send(self._talk.refuse(call, ErrorCode.NOT_IMPLEMENTED, call.action), call.action)
            return
        text = self._talk.answer(call, answer)
        slow = Quirk.SLOW_ANSWERS in self.box.quirks
        self._later(SLOW_ANSWER_SECONDS if slow else 0.0, self._send, text, call.action)

    # Around it --------------------------------------------------------------------------------------------------------

    def _judge(self, direction: Direction, text: str, action: str | None) -> Sequence[Effect]:
        if not self._interceptor.rules:
            return [Onward(text)]
        passing = passing_of(self.box.identity, direction, text, answered_action=action)
        return [Onward(text)] if passing is None else self._interceptor.judge(passing)

    def _later(self, seconds: float, deed: Callable[..., None], *arguments: str) -> None:
        if not seconds:
            deed(*arguments)
            return
        line = self._line

        def if_the_line_holds() -> None:
            if self._line is line:
                deed(*arguments)

        asyncio.get_running_loop().call_later(seconds / self._clock.speed, if_the_line_holds)

    def _note(self, direction: Direction, text: str) -> None:
        self._frames_seen += 1
        if self.frames is not None:
            self.frames.append(SeenFrame(self._frames_seen, self._clock.now(), direction, text))


def _password_from(box: Box) -> str | None:
    key = box.keys.text("AuthorizationKey")
    return key or None


def _seconds() -> float:
    return asyncio.get_running_loop().time()
