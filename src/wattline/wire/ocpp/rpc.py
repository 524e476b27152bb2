"""The frames of OCPP-J: text in, a call or an answer out, or the fault to answer with. No I/O.

OCPP-J 1.6, section 4.2. A frame is a JSON array:

    [2, id, action, payload]                    CALL        someone asks
    [3, id, payload]                            CALLRESULT  the answer
    [4, id, code, description, details]         CALLERROR   the answer when asking went wrong

Whatever arrives, `read_frame` returns; it never raises. What can be read safely is read, and the oddity is noted.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from wattline.wire.ocpp.deviations import Code, Deviation, deviation
from wattline.wire.ocpp.exact import ACTION as METER_VALUES
from wattline.wire.ocpp.exact import read_meter_values
from wattline.wire.ocpp.text_repair import needs_repair, repair_text
from wattline.wire.ocpp.v16 import Shape
from wattline.wire.ocpp.versions import V16, ErrorCode, Side, Version

# OCPP-J 1.6, section 4.1.4: a message id has at most 36 characters, room for a UUID.
MESSAGE_ID_CHARACTERS_MAX = 36
# Longer ones are echoed up to the longest text any OCPP field allows for a name; beyond that it is no id.
MESSAGE_ID_CHARACTERS_ACCEPTED = 255
# OCPP 2.0.1 part 4, section 4.2.3, allows 255 characters; 1.6 names no limit, but may have been built with one.
DESCRIPTION_CHARACTERS_MAX = 255
# Twice the deepest message of any version (2.1, charging schedules); deeper ones only want to exhaust our stack.
DEPTH_MAX = 32

Payload = dict[str, Any]


class Call(msgspec.Struct, frozen=True, gc=False):
    """CALL: one side asks the other to do `action`."""

    id: str
    action: str
    payload: Payload
    deviations: tuple[Deviation, ...] = ()
    message: Shape | None = None
    """The payload in its shape, where it was read in one step; `payload` is empty then."""


class CallResult(msgspec.Struct, frozen=True, gc=False):
    """CALLRESULT: the answer to the call of the same id."""

    id: str
    payload: Payload
    deviations: tuple[Deviation, ...] = ()


class CallError(msgspec.Struct, frozen=True, gc=False):
    """CALLERROR: the call of the same id could not be worked on. `code` is whatever text the sender chose."""

    id: str
    code: str
    description: str = ""
    details: Payload = {}
    deviations: tuple[Deviation, ...] = ()


class Fault(msgspec.Struct, frozen=True, gc=False):
    """A frame that cannot be used. `answer` is the CALLERROR to send, or None when nothing may be answered."""

    explanation: str
    deviations: tuple[Deviation, ...]
    answer: CallError | None = None


Frame = Call | CallResult | CallError


def read_frame(data: str | bytes, *, sender: Side, version: Version = V16) -> Frame | Fault:
    """Read what `sender` sent. Text that is almost JSON is mended; what stays unreadable becomes a Fault."""
    if version is V16 and sender is Side.CHARGE_POINT and isinstance(data, str):
        meter_values = read_meter_values(data)
        if meter_values is not None:
            return Call(meter_values[0], METER_VALUES, {}, (), meter_values[1])
    text, deviations = _as_text(data)
    try:
        if needs_repair(text):
            text, deviations = _mend(text, deviations)
        items = _decode(text)
    except _NOT_JSON:
        text, deviations = _mend(text, deviations)
        try:
            items = _decode(text)
        except _NOT_JSON as error:
            return _fault(version, f"not JSON: {error}", deviations, message_id=_id_in_broken_call(text), sample=text)
    if text.count("[") + text.count("{") > DEPTH_MAX and _is_deeper(items, DEPTH_MAX):
        why = f"nested deeper than {DEPTH_MAX} levels"
        return _fault(version, why, deviations, message_id=_id_in_broken_call(text), sample=text)
    if not isinstance(items, list) or not items:
        return _fault(version, "a message is a JSON array that begins with its type number", deviations, sample=text)
    return _read_items(items, deviations, sender, version)


def encode_call(message_id: str, action: str, payload: object) -> str:
    """Write a CALL as compact JSON: some charge points compare raw text and know no spaces (field notes, section 1).

    Raises OverflowError for whole numbers beyond 64 bits, which only a raw command can hold.
    """
    return _encode((2, message_id, action, payload)).decode()


def encode_result(message_id: str, payload: object) -> str:
    """Write a CALLRESULT as compact JSON."""
    return _encode((3, message_id, payload)).decode()


def encode_error(error: CallError) -> str:
    """Write a CALLERROR as compact JSON."""
    description = error.description[:DESCRIPTION_CHARACTERS_MAX]
    return _encode((4, error.id, error.code, description, error.details)).decode()


def call_error(
    message_id: str, code: ErrorCode, description: str, details: Mapping[str, object] | None = None, *, version: Version
) -> CallError:
    """Make a CALLERROR with the code as this version spells it."""
    return CallError(message_id, version.spellings.get(code, code.value), description, dict(details or {}))


# Text -----------------------------------------------------------------------------------------------------------------

_decode = msgspec.json.decode
_encode = msgspec.json.Encoder().encode
# msgspec refuses bad JSON with DecodeError, halves of surrogate pairs and integers of thousands of digits with
# ValueError, and nesting of about a thousand levels with RecursionError, long before the stack is in danger.
_NOT_JSON = (msgspec.DecodeError, ValueError, RecursionError)

_BROKEN_CALL = re.compile(r'\s*\[\s*"?2"?\s*,\s*(?:"(?P<text>[^"\\]{1,36})"|(?P<number>\d{1,36}))\s*,')


def _as_text(data: str | bytes) -> tuple[str, tuple[Deviation, ...]]:
    if isinstance(data, str):
        return data, ()
    try:
        return data.decode(), ()
    except UnicodeDecodeError as error:
        spot = data[max(0, error.start - 20) : error.end + 20]
        return data.decode(errors="replace"), (deviation(Code.TEXT_REPAIRED, sample=repr(spot)),)


def _mend(text: str, deviations: tuple[Deviation, ...]) -> tuple[str, tuple[Deviation, ...]]:
    mended, more = repair_text(text)
    return mended, deviations + more


def _id_in_broken_call(text: str) -> str | None:
    """Find the id of a call whose payload is broken: with it, the sender learns that we could not read it."""
    found = _BROKEN_CALL.match(text)
    return found and (found["text"] or found["number"])


def _is_deeper(value: object, levels: int) -> bool:
    """Tell whether lists and objects are nested deeper than so many levels, without recursion."""
    layer = [value]
    for _ in range(levels):
        layer = [inner for outer in layer for inner in _inside(outer)]
    return any(isinstance(value, dict | list) for value in layer)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


# Items ----------------------------------------------------------------------------------------------------------------


def _read_items(items: list[Any], deviations: tuple[Deviation, ...], sender: Side, version: Version) -> Frame | Fault:
    number = items[0]
    if isinstance(number, str) and number.isdecimal() and len(number) == 1:
        number = int(number)
        deviations += (deviation(Code.MESSAGE_TYPE, sample=repr(items[0])),)
    message_id, more = _read_id(items[1] if len(items) > 1 else None)
    deviations += more
    if type(number) is not int or number not in version.message_types:
        return _unknown_type(items, message_id, deviations, version)
    if number == _CALL:
        return _read_call(items, message_id, deviations, sender, version)
    if message_id is None:
        # An answer is never answered, not even a broken one (OCPP-J 1.6, section 4.1.3).
        return Fault("an answer without a message id", (*deviations, _unreadable(items)))
    return _ANSWERS[number](items, message_id, deviations)


def _read_id(raw: object) -> tuple[str | None, tuple[Deviation, ...]]:
    if type(raw) is str and 0 < len(raw) <= MESSAGE_ID_CHARACTERS_MAX:
        return raw, ()
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None, ()
    text = str(raw)
    if len(text) > MESSAGE_ID_CHARACTERS_ACCEPTED:
        return None, ()
    return text, (deviation(Code.MESSAGE_ID_LENGTH if isinstance(raw, str) else Code.MESSAGE_ID_NOT_TEXT, sample=text),)


def _unknown_type(
    items: list[Any], message_id: str | None, deviations: tuple[Deviation, ...], version: Version
) -> Fault:
    why = f"no message type of OCPP {version.name}"
    deviations += (deviation(Code.MESSAGE_TYPE, sample=repr(items[0])),)
    if version.unknown_type_code is None or message_id is None:
        return Fault(why, deviations)
    return Fault(why, deviations, call_error(message_id, version.unknown_type_code, why, version=version))


def _read_call(
    items: list[Any], message_id: str | None, deviations: tuple[Deviation, ...], sender: Side, version: Version
) -> Call | Fault:
    if message_id is None:
        return _fault(version, "a call without a message id", deviations, sample=items)
    action = items[2] if len(items) > 2 else None
    if not isinstance(action, str):
        return _fault(version, "a call without an action", deviations, message_id=message_id, sample=items)
    senders = version.actions.get(action)
    if senders is None:
        return _refused(version, message_id, ErrorCode.NOT_IMPLEMENTED, Code.ACTION_UNKNOWN, action, deviations)
    if sender not in senders:
        return _refused(version, message_id, ErrorCode.NOT_SUPPORTED, Code.ACTION_WRONG_WAY, action, deviations)
    payload, more = _read_payload(items, 3)
    if payload is None:
        return _fault(version, "a payload is a JSON object", deviations, message_id=message_id, sample=items)
    return Call(message_id, action, payload, deviations + more)


def _read_result(items: list[Any], message_id: str, deviations: tuple[Deviation, ...]) -> CallResult:
    payload, more = _read_payload(items, 2)
    if payload is None:
        # The command was answered; what exactly is lost. An empty answer says so to whoever waits for it.
        return CallResult(message_id, {}, (*deviations, deviation(Code.PAYLOAD_MISSING, sample=items[2])))
    return CallResult(message_id, payload, deviations + more)


def _read_error(items: list[Any], message_id: str, deviations: tuple[Deviation, ...]) -> CallError:
    code, description, details = (*items[2:5], None, None, None)[:3]
    if not (isinstance(code, str) and code and isinstance(description, str) and isinstance(details, dict)):
        deviations += (deviation(Code.ERROR_INCOMPLETE, sample=items),)
    return CallError(
        message_id,
        code if isinstance(code, str) and code else ErrorCode.GENERIC_ERROR.value,
        description if isinstance(description, str) else "",
        details if isinstance(details, dict) else {},
        deviations + _extra(items, 5),
    )


def _read_payload(items: list[Any], position: int) -> tuple[Payload | None, tuple[Deviation, ...]]:
    """Read the payload; {} for what stands for "nothing" in some firmware, None for what is no object at all."""
    raw = items[position] if len(items) > position else None
    if isinstance(raw, dict):
        return raw, _extra(items, position + 1)
    if raw is None or raw in ([], ""):
        return {}, (deviation(Code.PAYLOAD_MISSING, sample=items), *_extra(items, position + 1))
    return None, ()


def _extra(items: list[Any], length: int) -> tuple[Deviation, ...]:
    return (deviation(Code.EXTRA_ELEMENTS, sample=items[length:]),) if len(items) > length else ()


_CALL = 2
_ANSWERS: Mapping[int, Callable[[list[Any], str, tuple[Deviation, ...]], CallResult | CallError]] = {
    3: _read_result,
    4: _read_error,
}


# Faults ---------------------------------------------------------------------------------------------------------------


def _fault(
    version: Version, why: str, deviations: tuple[Deviation, ...], *, sample: object, message_id: str | None = None
) -> Fault:
    """Blame the form of a frame, and answer it when we know, or this version says, under which id."""
    answer_id = version.unreadable_id if message_id is None else message_id
    deviations += (_unreadable(sample),)
    if answer_id is None:
        return Fault(why, deviations)
    return Fault(why, deviations, call_error(answer_id, ErrorCode.FORMATION_VIOLATION, why, version=version))


def _refused(
    version: Version, message_id: str, code: ErrorCode, note: Code, action: str, deviations: tuple[Deviation, ...]
) -> Fault:
    why = f"{action[:50]}: {code.value}"
    return Fault(why, (*deviations, deviation(note, sample=action)), call_error(message_id, code, why, version=version))


def _unreadable(sample: object) -> Deviation:
    return deviation(Code.FRAME_UNREADABLE, sample=sample)
