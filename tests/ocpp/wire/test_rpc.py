"""Frames: what arrives is read, or blamed in the right way; nothing that arrives raises."""

import json
import math
from dataclasses import replace

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wattline.wire.ocpp import rpc
from wattline.wire.ocpp.deviations import Code
from wattline.wire.ocpp.rpc import Call, CallError, CallResult, Fault, Frame
from wattline.wire.ocpp.versions import V16, ErrorCode, Side

# What a later version of OCPP would bring: other answers to the unreadable and unknown, other spelling.
LATER = replace(
    V16,
    name="2.0.1",
    unknown_type_code=ErrorCode.GENERIC_ERROR,
    unreadable_id="-1",
    spellings={ErrorCode.FORMATION_VIOLATION: "FormatViolation"},
)


def read(data: str | bytes, sender: Side = Side.CHARGE_POINT) -> Frame | Fault:
    return rpc.read_frame(data, sender=sender)


def codes(frame: Frame | Fault) -> list[Code]:
    return [deviation.code for deviation in frame.deviations]


def answer_to(data: str | bytes) -> tuple[str, str] | None:
    """Return id and code of the CALLERROR a fault asks for."""
    fault = read(data)
    assert isinstance(fault, Fault)
    return None if fault.answer is None else (fault.answer.id, fault.answer.code)


def test_a_call_is_read() -> None:
    call = read('[2,"19223201","BootNotification",{"chargePointVendor":"VendorX","chargePointModel":"Single"}]')
    assert call == Call("19223201", "BootNotification", {"chargePointVendor": "VendorX", "chargePointModel": "Single"})


def test_bytes_are_read_like_text() -> None:
    assert read(b'[2,"1","Heartbeat",{}]') == read('[2,"1","Heartbeat",{}]') == Call("1", "Heartbeat", {})


def test_an_answer_is_read() -> None:
    assert read('[3,"7",{"status":"Accepted"}]') == CallResult("7", {"status": "Accepted"})


def test_an_error_is_read() -> None:
    assert read('[4,"7","GenericError","no","x"]') == CallError(
        "7", "GenericError", "no", {}, read('[4,"7","GenericError","no","x"]').deviations
    )
    assert read('[4,"7","InternalError","",{"a":1}]') == CallError("7", "InternalError", "", {"a": 1})


def test_what_we_write_is_compact() -> None:
    assert rpc.encode_call("a", "Reset", {"type": "Hard"}) == '[2,"a","Reset",{"type":"Hard"}]'
    assert rpc.encode_result("a", {"status": "Accepted"}) == '[3,"a",{"status":"Accepted"}]'
    error = rpc.call_error("a", ErrorCode.NOT_IMPLEMENTED, "x" * 300, version=V16)
    assert rpc.encode_error(error) == '[4,"a","NotImplemented","' + "x" * 255 + '",{}]'


def test_error_codes_are_spelled_as_the_version_spells_them() -> None:
    code = ErrorCode.FORMATION_VIOLATION
    assert rpc.call_error("1", code, "", version=V16).code == "FormationViolation"
    assert rpc.call_error("1", code, "", version=LATER).code == "FormatViolation"


def test_f6_pretty_printed_json_is_read() -> None:
    text = '\r\n[ 2 ,\n "77" ,\t"Authorize" ,\n  {\n    "idTag" : "AABBCCDD"\n  }\n]\n'
    assert read(text) == Call("77", "Authorize", {"idTag": "AABBCCDD"})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\x41", r"\x41"),
        (r"it\'s", "it's"),
        ("tab\there", "tab\there"),
        ("bell\x07", "bell�"),
        (r"zero\u0000", "zero�"),
        (r"half\ud83d", "half�"),
        (r"other half\ude00", "other half�"),
        (r"whole\ud83d\ude00 \ud83d", "whole😀 �"),
        (r"fine\n\u00e9 \q", "fine\né \\q"),
        ("\ud800", "�"),
    ],
)
def test_f6_bad_escapes_and_damaged_text_are_mended(written: str, meant: str) -> None:
    call = read(f'[2,"1","Authorize",{{"idTag":"{written}"}}]')
    assert isinstance(call, Call)
    assert call.payload == {"idTag": meant}
    assert codes(call) == [Code.TEXT_REPAIRED]


def test_f6_a_tag_that_is_not_utf_8_is_mended() -> None:
    call = read(b'[2,"1","Authorize",{"idTag":"AB\xff\xfeCD"}]')
    assert isinstance(call, Call)
    assert call.payload == {"idTag": "AB��CD"}
    assert codes(call) == [Code.TEXT_REPAIRED]


@pytest.mark.parametrize("stray", ["\ufeff", "\x00", "\x1a"])
def test_f6_stray_characters_around_a_frame_are_ignored(stray: str) -> None:
    call = read(f'{stray}[2,"1","Heartbeat",{{}}]\r\n{stray}')
    assert isinstance(call, Call)
    assert codes(call) == [Code.TEXT_AROUND_FRAME]


def test_f6_trailing_commas_are_ignored() -> None:
    call = read('[2,"1","Authorize",{"idTag":"A,]",},]')
    assert isinstance(call, Call)
    assert call.payload == {"idTag": "A,]"}


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "Infinity", "nan", "1e999", "-1.5E+400", "9" * 5000])
def test_impossible_numbers_are_read_as_not_given(number: str) -> None:
    call = read(f'[2,"1","StopTransaction",{{"meterStop":{number},"idTag":"NaN"}}]')
    assert isinstance(call, Call)
    assert call.payload == {"meterStop": None, "idTag": "NaN"}
    assert codes(call) == [Code.NOT_A_NUMBER]


def test_a_large_whole_number_arrives_as_it_is() -> None:
    call = read('[2,"1","StopTransaction",{"transactionId":9223372036854775807}]')
    assert isinstance(call, Call)
    assert call.payload == {"transactionId": 2**63 - 1}


@pytest.mark.parametrize("text", ["", " ", "no json", "{}", "[]", '"text"', "17", "null", "[[", '{"a":1', "[2"])
def test_what_is_no_frame_cannot_be_answered(text: str) -> None:
    fault = read(text)
    assert isinstance(fault, Fault)
    assert fault.answer is None
    assert codes(fault) == [Code.FRAME_UNREADABLE]


def test_a_later_version_answers_what_it_cannot_read_with_minus_one() -> None:
    fault = rpc.read_frame("no json", sender=Side.CHARGE_POINT, version=LATER)
    assert isinstance(fault, Fault)
    assert fault.answer is not None
    assert (fault.answer.id, fault.answer.code) == ("-1", "FormatViolation")


def test_a_call_with_a_broken_payload_is_answered_by_its_id() -> None:
    assert answer_to('[2,"abc","Heartbeat",{"a"') == ("abc", "FormationViolation")
    assert answer_to('[2, 17, "Heartbeat", {"a"') == ("17", "FormationViolation")
    assert answer_to('[3,"abc",{"a"') is None


@pytest.mark.parametrize("depth", [40, 900, 100_000])
def test_deep_nesting_is_refused_without_exhausting_the_stack(depth: int) -> None:
    assert answer_to('[2,"1","DataTransfer",' + '{"a":' * depth + "1" + "}" * depth + "]") == (
        "1",
        "FormationViolation",
    )
    assert answer_to('[2,"1","DataTransfer",' + "[" * depth + "]" * depth + "]") == ("1", "FormationViolation")
    assert answer_to("[" * depth + "]" * depth) is None


def test_many_brackets_are_no_deep_nesting() -> None:
    meter_values = [{"timestamp": "2026-11-20T12:00:00Z", "sampledValue": [{"value": "1"}]}] * 50
    call = read(json.dumps([2, "1", "MeterValues", {"connectorId": 1, "meterValue": meter_values}]))
    assert isinstance(call, Call)


def test_an_unknown_action_is_not_implemented() -> None:
    fault = read('[2,"1","MakeCoffee",{}]')
    assert codes(fault) == [Code.ACTION_UNKNOWN]
    assert answer_to('[2,"1","MakeCoffee",{}]') == ("1", "NotImplemented")


def test_an_action_from_the_wrong_side_is_not_supported() -> None:
    assert codes(read('[2,"1","Reset",{"type":"Hard"}]')) == [Code.ACTION_WRONG_WAY]
    assert answer_to('[2,"1","Reset",{"type":"Hard"}]') == ("1", "NotSupported")
    assert isinstance(read('[2,"1","Reset",{"type":"Hard"}]', Side.CENTRAL_SYSTEM), Call)
    assert isinstance(read('[2,"1","Heartbeat",{}]', Side.CENTRAL_SYSTEM), Fault)


def test_both_sides_may_transfer_data() -> None:
    for side in Side:
        assert isinstance(read('[2,"1","DataTransfer",{"vendorId":"x"}]', side), Call)


def test_an_unknown_type_is_ignored_as_1_6_demands() -> None:
    fault = read('[9,"1","Heartbeat",{}]')
    assert isinstance(fault, Fault)
    assert fault.answer is None
    assert codes(fault) == [Code.MESSAGE_TYPE]


def test_a_later_version_answers_an_unknown_type() -> None:
    for text, expected in [('[9,"1"]', "1"), ("[9]", None)]:
        fault = rpc.read_frame(text, sender=Side.CHARGE_POINT, version=LATER)
        assert isinstance(fault, Fault)
        assert (fault.answer and fault.answer.id) == expected


@pytest.mark.parametrize("number", ["true", "2.5", "null", '"two"', '"22"', "[2]", "5", "6", "-2"])
def test_odd_type_numbers_are_no_calls(number: str) -> None:
    assert isinstance(read(f'[{number},"1","Heartbeat",{{}}]'), Fault)


def test_a_type_number_as_text_is_understood() -> None:
    call = read('["2","1","Heartbeat",{}]')
    assert isinstance(call, Call)
    assert codes(call) == [Code.MESSAGE_TYPE]


@pytest.mark.parametrize(("raw", "answered"), [("17", "17"), ("-3", "-3"), ("1.5", "1.5")])
def test_a_number_as_message_id_is_answered_with_its_text(raw: str, answered: str) -> None:
    call = read(f'[2,{raw},"Heartbeat",{{}}]')
    assert isinstance(call, Call)
    assert call.id == answered
    assert codes(call) == [Code.MESSAGE_ID_NOT_TEXT]


@pytest.mark.parametrize("raw", ["null", "true", "[]", "{}", '"' + "x" * 256 + '"', "1" * 300])
def test_a_call_without_a_usable_id_cannot_be_answered(raw: str) -> None:
    assert answer_to(f'[2,{raw},"Heartbeat",{{}}]') is None
    assert isinstance(read(f"[3,{raw},{{}}]"), Fault)


@pytest.mark.parametrize("length", [0, 37, 255])
def test_ids_of_odd_length_are_echoed(length: int) -> None:
    call = read(json.dumps([2, "x" * length, "Heartbeat", {}]))
    assert isinstance(call, Call)
    assert call.id == "x" * length
    assert codes(call) == [Code.MESSAGE_ID_LENGTH]


@pytest.mark.parametrize("text", ['[2,"1"]', '[2,"1",null]', '[2,"1",7,{}]', '[2,"1",{},"Heartbeat"]'])
def test_a_call_without_an_action_is_malformed(text: str) -> None:
    assert answer_to(text) == ("1", "FormationViolation")


@pytest.mark.parametrize("text", ['[2,"1","Heartbeat"]', '[2,"1","Heartbeat",null]', '[2,"1","Heartbeat",[]]'])
def test_a_missing_payload_is_an_empty_one(text: str) -> None:
    call = read(text)
    assert isinstance(call, Call)
    assert call.payload == {}
    assert codes(call) == [Code.PAYLOAD_MISSING]


@pytest.mark.parametrize("payload", ["7", '"{}"', "[1]", "true"])
def test_a_payload_that_is_no_object_is_malformed(payload: str) -> None:
    assert answer_to(f'[2,"1","Heartbeat",{payload}]') == ("1", "FormationViolation")


def test_extra_parts_are_ignored() -> None:
    for text in (
        '[2,"1","Heartbeat",{},{}]',
        '[3,"1",{},1]',
        '[4,"1","GenericError","",{},1]',
        '[2,"1","Heartbeat",null,1]',
    ):
        frame = read(text)
        assert not isinstance(frame, Fault)
        assert codes(frame)[-1] is Code.EXTRA_ELEMENTS


def test_an_answer_without_a_payload_says_nothing() -> None:
    for text in ('[3,"1"]', '[3,"1",null]', '[3,"1","Accepted"]'):
        result = read(text)
        assert isinstance(result, CallResult)
        assert result.payload == {}
        assert codes(result) == [Code.PAYLOAD_MISSING]


@pytest.mark.parametrize(
    "text", ['[4,"1"]', '[4,"1",null,null,null]', '[4,"1",7,8,"SQL"]', '[4,"1",""]', '[4,"1","","",{}]']
)
def test_an_incomplete_error_is_still_an_error(text: str) -> None:
    error = read(text)
    assert isinstance(error, CallError)
    assert (error.code, error.description, error.details) == ("GenericError", "", {})
    assert codes(error) == [Code.ERROR_INCOMPLETE]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
FRAME_LIKE = st.tuples(
    st.sampled_from([2, 3, 4, "2", 5, 2.0, None]) | JSON_VALUES,
    st.text(max_size=40) | JSON_VALUES,
    st.sampled_from([*V16.actions, "Nonsense"]) | JSON_VALUES,
    JSON_VALUES,
    JSON_VALUES,
)


def must_be_answerable(data: str | bytes) -> None:
    for sender in Side:
        frame = rpc.read_frame(data, sender=sender)
        if isinstance(frame, Fault) and frame.answer is not None:
            _, message_id, code, _, _ = json.loads(rpc.encode_error(frame.answer))
            assert message_id == frame.answer.id
            assert code in set(ErrorCode)
        assert msgspec.json.encode(frame.deviations), "a deviation can be stored"


@given(st.binary() | st.text())
@example("\ud800")
@example(b"\x00")
@example('[2,"\ud800","Heartbeat",{}]')
def test_any_bytes_are_a_frame_or_a_fault(data: str | bytes) -> None:
    must_be_answerable(data)


@given(FRAME_LIKE, st.integers(min_value=1, max_value=5))
@example((2, math.nan, "Heartbeat", {}, None), 4)
def test_anything_like_a_frame_is_a_frame_or_a_fault(parts: tuple[object, ...], length: int) -> None:
    must_be_answerable(json.dumps(parts[:length]))


@given(FRAME_LIKE, st.data())
def test_a_damaged_frame_is_a_frame_or_a_fault(parts: tuple[object, ...], data: st.DataObject) -> None:
    text = json.dumps(parts, ensure_ascii=False)
    cut = data.draw(st.integers(min_value=0, max_value=len(text)))
    must_be_answerable(text[:cut] + data.draw(st.text(max_size=3)) + text[cut + data.draw(st.integers(0, 3)) :])


@given(st.text(min_size=1, max_size=36), st.sampled_from(sorted(V16.actions)), st.dictionaries(st.text(), st.text()))
def test_what_we_write_can_be_read(message_id: str, action: str, payload: dict[str, str]) -> None:
    sender = min(V16.actions[action])
    if "\x00" in message_id + "".join([*payload, *payload.values()]):
        return  # JSON may carry it, PostgreSQL may not: it is replaced when read.
    frame = rpc.read_frame(rpc.encode_call(message_id, action, payload), sender=sender)
    assert frame == Call(message_id, action, payload)
    assert rpc.read_frame(rpc.encode_result(message_id, payload), sender=sender) == CallResult(message_id, payload)
