"""Who owes whom an answer on one socket. A state machine without I/O; `now` walks in as seconds that never go back.

OCPP-J 1.6, section 4.1.1: a side sends no call before its last one is answered or timed out. So our direction has one
place, `waiting`; theirs is a short list, because charge points do not keep to it (field notes, section 5, row 13).

    ours     free ──call──▶ waiting ──their answer──▶ free            Answered
                            waiting ──expire────────▶ free            a late answer is Dropped by its id
    theirs   call ────────▶ owed ────answer─────────▶ remembered      Asked; the same text again: Repeated
                            owed ────refuse─────────▶ forgotten       the same text again: Asked
"""

from collections import deque
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from wattline.wire.ocpp import rpc
from wattline.wire.ocpp.deviations import Code, Deviation, deviation
from wattline.wire.ocpp.rpc import Call, CallError, CallResult, Fault, Payload
from wattline.wire.ocpp.schemas import Direction, Violation, is_valid, violations
from wattline.wire.ocpp.versions import V16, ErrorCode, Side, Version

# A charge point sends one call at a time; one that sends this many without an answer is out of control.
CALLS_OWED_MAX = 32
# After so long the sender may have given up waiting, and its next call is no breach of the rule.
PATIENCE_SECONDS = 5.0
# Only the last call can honestly be repeated; a few more absorb charge points that send without waiting.
ANSWERS_REMEMBERED = 4
# How many ids of our finished calls are known, so that a second or late answer is told from an unknown one.
CALLS_REMEMBERED = 8

# These name the time they speak of: the same text is the same event, and our answer holds. Any other message (say a
# Heartbeat under a constant id) may be a new one that looks the same.
DATED_ACTIONS = frozenset({"MeterValues", "StartTransaction", "StopTransaction", "SecurityEventNotification"})


class CallInFlight(Exception):
    """A call of ours still waits for its answer; the next one has to wait too."""


class NotConform(Exception):
    """We were about to send what the official schema forbids: our mistake, never the other side's."""

    def __init__(self, action: str, found: list[Violation]) -> None:
        super().__init__(f"{action}: " + "; ".join(f"{violation.path} {violation.message}" for violation in found))
        self.violations = found


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A call of ours that waits for its answer until `deadline`."""

    id: str
    action: str
    payload: Any
    sent_at: float
    deadline: float


class Asked(msgspec.Struct, frozen=True, gc=False):
    """They ask us something new. Answer with `answer` or `refuse`."""

    call: Call
    deviations: tuple[Deviation, ...] = ()
    reply: str | None = None


class Repeated(msgspec.Struct, frozen=True, gc=False):
    """They ask the very same again. `reply` is our answer of then; None while we still work on it."""

    call: Call
    deviations: tuple[Deviation, ...]
    reply: str | None


class Answered(msgspec.Struct, frozen=True, gc=False):
    """Our call has its answer."""

    sent: Sent
    frame: CallResult | CallError
    deviations: tuple[Deviation, ...] = ()
    reply: str | None = None


class Dropped(msgspec.Struct, frozen=True, gc=False):
    """An answer that belongs to no waiting call of ours: it changes nothing."""

    frame: CallResult | CallError
    why: Literal["late", "unknown", "wrong-way"]
    deviations: tuple[Deviation, ...]
    reply: str | None = None


class Broken(msgspec.Struct, frozen=True, gc=False):
    """A frame we cannot use. `reply` is the CALLERROR to send, if one may be sent."""

    fault: Fault
    deviations: tuple[Deviation, ...]
    reply: str | None


Event = Asked | Repeated | Answered | Dropped | Broken


class _Owed(msgspec.Struct, frozen=True, gc=False):
    id: str
    fingerprint: int
    call: Call
    since: float


class _Past(msgspec.Struct, frozen=True, gc=False):
    id: str
    fingerprint: int
    reply: str


class Conversation:
    """One socket's calls and answers, seen from `side`."""

    __slots__ = ("_answered", "_finished", "_owed", "_side", "_version", "waiting")

    def __init__(self, side: Side, version: Version = V16) -> None:
        self._side = side
        self._version = version
        self._owed: list[_Owed] = []
        self._answered: deque[_Past] = deque(maxlen=ANSWERS_REMEMBERED)
        self._finished: deque[str] = deque(maxlen=CALLS_REMEMBERED)
        self.waiting: Sent | None = None
        """Our call in flight."""

    @property
    def unanswered(self) -> tuple[Call, ...]:
        """Their calls that we have not answered yet, oldest first."""
        return tuple(owed.call for owed in self._owed)

    def receive(self, data: str | bytes, *, now: float) -> Event:
        """Take what arrived and say what it means. Never raises; send `event.reply` when there is one."""
        frame = rpc.read_frame(data, sender=self._side.other, version=self._version)
        if isinstance(frame, Call):
            return self._receive_call(frame, hash(data), now)
        if isinstance(frame, Fault):
            return _broken(frame)
        return self._receive_answer(frame)

    def answer(self, call: Call, payload: Payload | msgspec.Struct) -> str:
        """Write the answer to their call. Raises NotConform when it breaks the schema; nothing has changed then."""
        body = msgspec.to_builtins(payload)
        self._must_conform(call.action, Direction.RESPONSE, body)
        fingerprint = self._settle(call)
        text = rpc.encode_result(call.id, body)
        self._answered.append(_Past(call.id, fingerprint, text))
        return text

    def refuse(self, call: Call, code: ErrorCode, description: str, details: Payload | None = None) -> str:
        """Write a CALLERROR to their call. It is not remembered: when they try again, so do we."""
        self._settle(call)
        return rpc.encode_error(rpc.call_error(call.id, code, description, details, version=self._version))

    def call(
        self,
        action: str,
        payload: Payload | msgspec.Struct,
        *,
        id: str,
        now: float,
        timeout: float,
        check: bool = True,
    ) -> str:
        """Write a call of ours, which then waits for its answer for `timeout` seconds.

        `check=False` is for the raw command door, which sends what it is told (field notes, section 1).
        Raises CallInFlight, and NotConform when the payload breaks the schema; nothing has changed then.
        """
        if self.waiting is not None:
            raise CallInFlight(self.waiting.action)
        body = msgspec.to_builtins(payload)
        if check:
            self._must_conform(action, Direction.REQUEST, body)
        text = rpc.encode_call(id, action, body)
        self.waiting = Sent(id, action, body, now, now + timeout)
        return text

    def expire(self, now: float) -> Sent | None:
        """Stop waiting if the time is over; return the call that got no answer."""
        return self.abandon() if self.waiting is not None and now >= self.waiting.deadline else None

    def abandon(self) -> Sent | None:
        """Stop waiting, for instance because the socket is gone; return the call whose outcome nobody knows."""
        sent, self.waiting = self.waiting, None
        if sent is not None:
            self._finished.append(sent.id)
        return sent

    def _receive_call(self, call: Call, fingerprint: int, now: float) -> Event:
        notes = call.deviations
        for known in self._theirs():
            if known.id == call.id:
                if known.fingerprint == fingerprint:
                    notes += (deviation(Code.CALL_REPEATED, sample=call.action),)
                    if isinstance(known, _Owed):
                        return Repeated(call, notes, None)
                    if call.action in DATED_ACTIONS:
                        return Repeated(call, notes, known.reply)
                else:
                    notes += (deviation(Code.MESSAGE_ID_REUSED, sample=call.id),)
        if self._owed and now - self._owed[-1].since < PATIENCE_SECONDS:
            notes += (deviation(Code.CALL_BEFORE_ANSWER, sample=call.action),)
        if len(self._owed) >= CALLS_OWED_MAX:
            why = f"more than {CALLS_OWED_MAX} calls without an answer"
            return _broken(
                Fault(why, notes, rpc.call_error(call.id, ErrorCode.GENERIC_ERROR, why, version=self._version))
            )
        self._owed.append(_Owed(call.id, fingerprint, call, now))
        return Asked(call, notes)

    def _receive_answer(self, frame: CallResult | CallError) -> Event:
        if self.waiting is not None and frame.id == self.waiting.id:
            sent = self.waiting
            self.abandon()
            return Answered(sent, frame, frame.deviations)
        if frame.id in self._finished:
            return _dropped(frame, "late", Code.ANSWER_LATE)
        if any(frame.id == known.id for known in self._theirs()):
            return _dropped(frame, "wrong-way", Code.ANSWER_WRONG_WAY)
        return _dropped(frame, "unknown", Code.ANSWER_UNKNOWN)

    def _theirs(self) -> Sequence[_Owed | _Past]:
        """List their calls we know, those still owed first."""
        return (*self._owed, *self._answered)

    def _settle(self, call: Call) -> int:
        """Strike a call off the list of what we owe; return its fingerprint."""
        for place, owed in enumerate(self._owed):
            if owed.call is call:
                del self._owed[place]
                return owed.fingerprint
        raise AssertionError(f"{call.action} {call.id} was not asked here, or is answered already")

    def _must_conform(self, action: str, direction: Direction, payload: Any) -> None:
        if not is_valid(self._version, action, direction, payload):
            raise NotConform(action, violations(self._version, action, direction, payload))


def _broken(fault: Fault) -> Broken:
    return Broken(fault, fault.deviations, rpc.encode_error(fault.answer) if fault.answer else None)


def _dropped(frame: CallResult | CallError, why: Literal["late", "unknown", "wrong-way"], code: Code) -> Dropped:
    return Dropped(frame, why, (*frame.deviations, deviation(code, sample=frame.id)))
