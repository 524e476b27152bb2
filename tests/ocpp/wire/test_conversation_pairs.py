"""Both ends at once: a central system and a charge point wired to each other, over a line that loses and repeats."""

from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from wattline.wire.ocpp.conversation import Answered, Asked, Broken, Conversation, Dropped, Event, Repeated, Sent
from wattline.wire.ocpp.rpc import CallError, CallResult
from wattline.wire.ocpp.versions import ErrorCode, Side

QUESTIONS = {
    Side.CENTRAL_SYSTEM: ("Reset", {"type": "Soft"}, {"status": "Accepted"}),
    Side.CHARGE_POINT: ("Heartbeat", {}, {"currentTime": "2026-11-20T12:00:00Z"}),
}
TIMEOUT = 30.0


class TwoEnds(RuleBasedStateMachine):
    """Each end asks, answers, refuses and gives up at will; the line may lose, repeat or hold back what it carries."""

    asked = Bundle("asked")

    @initialize()
    def connect(self) -> None:
        self.now = 0.0
        self.number = 0
        self.ends = {side: Conversation(side) for side in Side}
        self.line: dict[Side, deque[str]] = {side: deque() for side in Side}
        """What is on its way to each side."""
        self.sent: dict[Side, list[Sent]] = {side: [] for side in Side}
        self.outcomes: dict[str, list[str]] = {}

    @rule(side=st.sampled_from(Side))
    def ask(self, side: Side) -> None:
        end = self.ends[side]
        if end.waiting is None:
            self.number += 1
            action, payload, _ = QUESTIONS[side]
            message_id = f"{side}-{self.number}"
            text = end.call(action, payload, id=message_id, now=self.now, timeout=TIMEOUT)
            self.line[side.other].append(text)
            self.outcomes[message_id] = []

    @rule(side=st.sampled_from(Side), repeat=st.booleans())
    def deliver(self, side: Side, repeat: bool) -> None:
        if self.line[side]:
            text = self.line[side][0] if repeat else self.line[side].popleft()
            self.take(side, self.ends[side].receive(text, now=self.now))

    @rule(side=st.sampled_from(Side))
    def lose(self, side: Side) -> None:
        if self.line[side]:
            self.line[side].popleft()

    @rule(side=st.sampled_from(Side))
    def overtake(self, side: Side) -> None:
        self.line[side].rotate()

    @rule(side=st.sampled_from(Side), refuse=st.booleans())
    def reply(self, side: Side, refuse: bool) -> None:
        end = self.ends[side]
        for call in end.unanswered[:1]:
            if refuse:
                text = end.refuse(call, ErrorCode.GENERIC_ERROR, "not today")
            else:
                text = end.answer(call, QUESTIONS[side.other][2])
            self.line[side.other].append(text)

    @rule(seconds=st.sampled_from([1.0, 10.0, TIMEOUT]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for end in self.ends.values():
            expired = end.expire(self.now)
            if expired is not None:
                self.outcomes[expired.id].append("expired")

    @precondition(lambda self: any(end.waiting for end in self.ends.values()))
    @rule()
    def reconnect(self) -> None:
        for side, end in self.ends.items():
            given_up = end.abandon()
            if given_up is not None:
                self.outcomes[given_up.id].append("abandoned")
            self.ends[side] = Conversation(side)
            self.line[side].clear()

    def take(self, side: Side, event: Event) -> None:
        assert not isinstance(event, Broken), "both ends speak OCPP"
        if event.reply is not None:
            self.line[side.other].append(event.reply)
        if isinstance(event, Answered):
            assert isinstance(event.frame, CallResult | CallError)
            assert event.frame.id == event.sent.id
            self.outcomes[event.sent.id].append("answered")
        if isinstance(event, Asked | Repeated):
            assert event.call.action == QUESTIONS[side.other][0]
        if isinstance(event, Dropped):
            assert event.why != "wrong-way", "no end answers itself"

    @invariant()
    def every_call_ends_once(self) -> None:
        for message_id, outcomes in getattr(self, "outcomes", {}).items():
            is_waiting = any(end.waiting and end.waiting.id == message_id for end in self.ends.values())
            assert len(outcomes) == (0 if is_waiting else 1)


TwoEnds.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestTwoEnds = TwoEnds.TestCase


@given(st.lists(st.binary() | st.text(), max_size=20))
def test_whatever_arrives_a_conversation_goes_on(noise: list[bytes | str]) -> None:
    talk = Conversation(Side.CENTRAL_SYSTEM)
    for data in noise:
        talk.receive(data, now=0.0)
    event = talk.receive('[2,"a real one","Heartbeat",{}]', now=1.0)
    assert isinstance(event, Asked)
    assert talk.answer(event.call, QUESTIONS[Side.CHARGE_POINT][2])
