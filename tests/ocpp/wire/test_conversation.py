"""One socket: every call gets one answer, one call of ours is in flight, late and foreign answers change nothing."""

import json

import pytest

from wattline.wire.ocpp.conversation import (
    ANSWERS_REMEMBERED,
    CALLS_OWED_MAX,
    Answered,
    Asked,
    Broken,
    CallInFlight,
    Conversation,
    Dropped,
    Event,
    NotConform,
    Repeated,
)
from wattline.wire.ocpp.deviations import Code
from wattline.wire.ocpp.rpc import CallError, CallResult
from wattline.wire.ocpp.v16 import MeterValuesResponse
from wattline.wire.ocpp.versions import ErrorCode, Side

HEARTBEAT = '[2,"1","Heartbeat",{}]'
METER_VALUES = (
    '[2,"2","MeterValues",{"connectorId":1,"meterValue":'
    '[{"timestamp":"2026-11-20T12:00:00Z","sampledValue":[{"value":"1"}]}]}]'
)
TIME = {"currentTime": "2026-11-20T12:00:00Z"}


@pytest.fixture
def talk() -> Conversation:
    return Conversation(Side.CENTRAL_SYSTEM)


def asked(event: Event) -> Asked:
    assert isinstance(event, Asked)
    return event


def codes(event: Event) -> list[Code]:
    return [deviation.code for deviation in event.deviations]


def reset(talk: Conversation, message_id: str = "r1", *, now: float = 0.0, timeout: float = 30.0) -> str:
    return talk.call("Reset", {"type": "Soft"}, id=message_id, now=now, timeout=timeout)


def test_a_call_is_asked_and_answered(talk: Conversation) -> None:
    event = asked(talk.receive(HEARTBEAT, now=0.0))
    assert event.reply is None
    assert len(talk.unanswered) == 1
    assert talk.answer(event.call, TIME) == '[3,"1",{"currentTime":"2026-11-20T12:00:00Z"}]'
    assert not talk.unanswered


def test_a_call_can_be_refused(talk: Conversation) -> None:
    event = asked(talk.receive(HEARTBEAT, now=0.0))
    text = talk.refuse(event.call, ErrorCode.INTERNAL_ERROR, "database away", {"retry": True})
    assert text == '[4,"1","InternalError","database away",{"retry":true}]'
    assert talk.unanswered == ()


def test_a_refused_call_is_asked_anew_when_it_comes_again(talk: Conversation) -> None:
    talk.refuse(asked(talk.receive(METER_VALUES, now=0.0)).call, ErrorCode.INTERNAL_ERROR, "database away")
    assert codes(asked(talk.receive(METER_VALUES, now=1.0))) == []


def test_a_call_is_answered_only_once(talk: Conversation) -> None:
    call = asked(talk.receive(HEARTBEAT, now=0.0)).call
    talk.answer(call, TIME)
    with pytest.raises(AssertionError, match="answered already"):
        talk.answer(call, TIME)


def test_an_answer_that_breaks_the_schema_is_not_sent(talk: Conversation) -> None:
    call = asked(talk.receive(HEARTBEAT, now=0.0)).call
    with pytest.raises(NotConform, match="currentTime") as caught:
        talk.answer(call, {})
    assert caught.value.violations[0].code is ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION
    assert talk.unanswered == (call,)


def test_a_broken_frame_is_answered_at_once(talk: Conversation) -> None:
    event = talk.receive('[2,"1","MakeCoffee",{}]', now=0.0)
    assert isinstance(event, Broken)
    assert event.reply == '[4,"1","NotImplemented","MakeCoffee: NotImplemented",{}]'
    assert talk.unanswered == ()


def test_noise_is_not_answered(talk: Conversation) -> None:
    event = talk.receive(b"\xff\x00", now=0.0)
    assert isinstance(event, Broken)
    assert event.reply is None


def test_the_same_call_while_we_work_on_it_is_answered_once(talk: Conversation) -> None:
    call = asked(talk.receive(METER_VALUES, now=0.0)).call
    again = talk.receive(METER_VALUES, now=10.0)
    assert isinstance(again, Repeated)
    assert again.reply is None
    assert codes(again) == [Code.CALL_REPEATED]
    assert talk.unanswered == (call,)


def test_a_repeat_of_what_names_its_time_gets_the_first_answer(talk: Conversation) -> None:
    first = talk.answer(asked(talk.receive(METER_VALUES, now=0.0)).call, MeterValuesResponse())
    again = talk.receive(METER_VALUES, now=60.0)
    assert isinstance(again, Repeated)
    assert again.reply == first == '[3,"2",{}]'


def test_b7_a_heartbeat_under_a_constant_id_is_asked_each_time(talk: Conversation) -> None:
    talk.answer(asked(talk.receive(HEARTBEAT, now=0.0)).call, TIME)
    assert codes(asked(talk.receive(HEARTBEAT, now=300.0))) == [Code.CALL_REPEATED]


def test_b7_ids_that_begin_anew_are_new_calls(talk: Conversation) -> None:
    talk.answer(asked(talk.receive(HEARTBEAT, now=0.0)).call, TIME)
    other = asked(talk.receive('[2,"1","Authorize",{"idTag":"AA"}]', now=1.0))
    assert codes(other) == [Code.MESSAGE_ID_REUSED]
    assert talk.answer(other.call, {"idTagInfo": {"status": "Accepted"}}).startswith('[3,"1",')


def test_an_id_reused_before_the_answer_is_answered_as_well(talk: Conversation) -> None:
    first = asked(talk.receive(HEARTBEAT, now=0.0))
    second = asked(talk.receive('[2,"1","Authorize",{"idTag":"AA"}]', now=10.0))
    assert codes(second) == [Code.MESSAGE_ID_REUSED]
    talk.answer(second.call, {"idTagInfo": {"status": "Accepted"}})
    assert talk.unanswered == (first.call,)


def test_only_the_last_answers_are_remembered(talk: Conversation) -> None:
    talk.answer(asked(talk.receive(METER_VALUES, now=0.0)).call, {})
    for number in range(ANSWERS_REMEMBERED):
        talk.answer(asked(talk.receive(f'[2,"h{number}","Heartbeat",{{}}]', now=1.0)).call, TIME)
    assert isinstance(talk.receive(METER_VALUES, now=2.0), Asked)


def test_a_call_before_the_answer_to_the_last_one_is_noted(talk: Conversation) -> None:
    talk.receive(HEARTBEAT, now=0.0)
    assert codes(asked(talk.receive(METER_VALUES, now=1.0))) == [Code.CALL_BEFORE_ANSWER]


def test_a_call_after_the_last_one_may_have_timed_out_is_no_breach(talk: Conversation) -> None:
    talk.receive(HEARTBEAT, now=0.0)
    assert codes(asked(talk.receive(METER_VALUES, now=20.0))) == []


def test_too_many_calls_without_an_answer_are_refused(talk: Conversation) -> None:
    for number in range(CALLS_OWED_MAX):
        asked(talk.receive(f'[2,"{number}","Heartbeat",{{}}]', now=0.0))
    event = talk.receive('[2,"last","Heartbeat",{}]', now=0.0)
    assert isinstance(event, Broken)
    assert json.loads(event.reply or "")[1:3] == ["last", "GenericError"]
    assert len(talk.unanswered) == CALLS_OWED_MAX


def test_our_call_waits_for_its_answer(talk: Conversation) -> None:
    assert reset(talk, now=5.0) == '[2,"r1","Reset",{"type":"Soft"}]'
    assert talk.waiting is not None
    assert talk.waiting.deadline == 35.0
    event = talk.receive('[3,"r1",{"status":"Accepted"}]', now=6.0)
    assert isinstance(event, Answered)
    assert event.sent.action == "Reset"
    assert event.frame == CallResult("r1", {"status": "Accepted"})
    assert talk.waiting is None


def test_our_call_may_be_answered_by_an_error(talk: Conversation) -> None:
    reset(talk)
    event = talk.receive('[4,"r1","NotSupported","",{}]', now=1.0)
    assert isinstance(event, Answered)
    assert event.frame == CallError("r1", "NotSupported")


def test_an_answer_whose_id_became_a_number_is_known(talk: Conversation) -> None:
    reset(talk, "17")
    event = talk.receive('[3,17,{"status":"Accepted"}]', now=1.0)
    assert isinstance(event, Answered)
    assert codes(event) == [Code.MESSAGE_ID_NOT_TEXT]


def test_only_one_call_is_in_flight(talk: Conversation) -> None:
    reset(talk)
    with pytest.raises(CallInFlight, match="Reset"):
        reset(talk, "r2")
    assert talk.waiting is not None
    assert talk.waiting.id == "r1"


def test_their_call_does_not_wait_for_ours(talk: Conversation) -> None:
    reset(talk)
    asked(talk.receive(HEARTBEAT, now=0.0))
    assert talk.waiting is not None


def test_a_call_that_breaks_the_schema_is_not_sent(talk: Conversation) -> None:
    with pytest.raises(NotConform, match="Firm"):
        talk.call("Reset", {"type": "Firm"}, id="1", now=0.0, timeout=1.0)
    assert talk.waiting is None


def test_a_raw_call_is_sent_as_told(talk: Conversation) -> None:
    text = talk.call("Reset", {"type": "Firm"}, id="1", now=0.0, timeout=1.0, check=False)
    assert text == '[2,"1","Reset",{"type":"Firm"}]'


def test_an_answer_after_the_time_is_late_and_changes_nothing(talk: Conversation) -> None:
    reset(talk, timeout=30.0)
    assert talk.expire(29.9) is None
    expired = talk.expire(30.0)
    assert expired is not None
    assert expired.id == "r1"
    reset(talk, "r2", now=31.0)
    event = talk.receive('[3,"r1",{"status":"Accepted"}]', now=32.0)
    assert isinstance(event, Dropped)
    assert event.why == "late"
    assert codes(event) == [Code.ANSWER_LATE]
    assert talk.waiting is not None


def test_a_second_answer_is_late(talk: Conversation) -> None:
    reset(talk)
    talk.receive('[3,"r1",{"status":"Accepted"}]', now=1.0)
    event = talk.receive('[4,"r1","GenericError","",{}]', now=2.0)
    assert isinstance(event, Dropped)
    assert event.why == "late"


def test_an_answer_to_nothing_is_dropped(talk: Conversation) -> None:
    event = talk.receive('[3,"x",{}]', now=0.0)
    assert isinstance(event, Dropped)
    assert (event.why, event.reply) == ("unknown", None)
    assert codes(event) == [Code.ANSWER_UNKNOWN]


@pytest.mark.parametrize("is_answered", [True, False])
def test_an_answer_to_their_own_call_goes_the_wrong_way(talk: Conversation, is_answered: bool) -> None:
    call = asked(talk.receive(HEARTBEAT, now=0.0)).call
    if is_answered:
        talk.answer(call, TIME)
    event = talk.receive('[3,"1",{}]', now=1.0)
    assert isinstance(event, Dropped)
    assert event.why == "wrong-way"
    assert codes(event) == [Code.ANSWER_WRONG_WAY]


def test_nothing_expires_while_nothing_waits(talk: Conversation) -> None:
    assert talk.expire(1e9) is None


def test_when_the_socket_is_gone_the_outcome_is_unknown(talk: Conversation) -> None:
    assert talk.abandon() is None
    reset(talk)
    sent = talk.abandon()
    assert sent is not None
    assert sent.action == "Reset"
    assert talk.waiting is None
