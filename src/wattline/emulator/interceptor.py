"""Frames on their way can be dropped, delayed, doubled, edited, answered or rejected: rules for testers.

A rule says which frames it means and what becomes of them. Directions are the charge point's: `sent` goes to the
central system, `received` comes from it. The first rule that matches decides; what none matches passes unchanged.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec

from wattline.wire.ocpp import rpc
from wattline.wire.ocpp.versions import V16, ErrorCode

# A forgotten rule must not hold frames for days.
DELAY_SECONDS_MAX = 3600.0

Seconds = Annotated[float, msgspec.Meta(ge=0, le=DELAY_SECONDS_MAX)]
Ordinal = Annotated[int, msgspec.Meta(ge=1)]


class Direction(StrEnum):
    """Which way a frame goes, seen from the charge point."""

    SENT = "sent"
    RECEIVED = "received"


class Kind(StrEnum):
    """What a frame is."""

    CALL = "call"
    RESULT = "result"
    ERROR = "error"


class Deed(msgspec.Struct, frozen=True, tag_field="do", tag=str.lower, forbid_unknown_fields=True):
    """What becomes of a frame."""


class Drop(Deed, frozen=True):
    """It is lost."""


class Delay(Deed, frozen=True):
    """It arrives later; what comes after it may overtake it."""

    seconds: Seconds


class Duplicate(Deed, frozen=True):
    """It arrives twice, the second time so much later."""

    seconds: Seconds = 0.0


class Edit(Deed, frozen=True):
    """Its payload is changed by a JSON merge patch (RFC 7396): null removes a field."""

    payload: dict[str, Any]


class Answer(Deed, frozen=True):
    """It never arrives; its sender gets this answer. Only for calls."""

    payload: dict[str, Any]


class Reject(Deed, frozen=True):
    """It never arrives; its sender gets a CALLERROR. Only for calls."""

    code: ErrorCode = ErrorCode.INTERNAL_ERROR
    description: str = "rejected by the interceptor"


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which frames are meant, and what becomes of them.

    `identity` may hold wildcards. An answer has the action of its call. `nth` means only that one of the frames that
    match, counted per charge point from 1; `times` means only the first so many.
    """

    direction: Direction
    identity: str = "*"
    kind: Kind | None = None
    action: str | None = None
    nth: Ordinal | None = None
    times: Ordinal | None = None
    then: Drop | Delay | Duplicate | Edit | Answer | Reject


@dataclass(frozen=True, slots=True)
class Passing:
    """A frame on its way."""

    identity: str
    direction: Direction
    kind: Kind
    action: str | None
    id: str
    payload: dict[str, Any]
    text: str


@dataclass(frozen=True, slots=True)
class Onward:
    """It goes on, as this text, so many seconds later."""

    text: str
    after_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Return:
    """This goes back to its sender."""

    text: str


Effect = Onward | Return


class Interceptor:
    """The rules in force, and how often each has matched."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._rules: list[Rule] = []
        self._seen: Counter[tuple[int, str]] = Counter()
        self.set_rules(rules)

    @property
    def rules(self) -> Sequence[Rule]:
        """The rules in force, first to last."""
        return self._rules

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Put these rules in place of all others; counting begins anew."""
        self._rules = list(rules)
        self._seen.clear()

    def judge(self, passing: Passing) -> Sequence[Effect]:
        """Say what becomes of a frame; nothing at all when it is dropped."""
        for number, rule in enumerate(self._rules):
            if _means(rule, passing) and self._is_its_turn(number, rule, passing.identity):
                return _carry_out(rule.then, passing)
        return [Onward(passing.text)]

    def _is_its_turn(self, number: int, rule: Rule, identity: str) -> bool:
        self._seen[number, identity] += 1
        seen = self._seen[number, identity]
        return (rule.nth is None or seen == rule.nth) and (rule.times is None or seen <= rule.times)


def passing_of(identity: str, direction: Direction, text: str, *, answered_action: str | None) -> Passing | None:
    """Read a frame as far as rules need it; None when it is no readable frame. `answered_action` is the action of the
    call that waits for an answer in this direction."""
    frame = msgspec.json.decode(text)
    if not isinstance(frame, list) or len(frame) < 3:
        return None
    match frame:
        case [2, str(id), str(action), dict(payload), *_]:
            return Passing(identity, direction, Kind.CALL, action, id, payload, text)
        case [3, str(id), dict(payload), *_]:
            return Passing(identity, direction, Kind.RESULT, answered_action, id, payload, text)
        case [4, str(id), *_]:
            return Passing(identity, direction, Kind.ERROR, answered_action, id, {}, text)
    return None


def _means(rule: Rule, passing: Passing) -> bool:
    return (
        rule.direction is passing.direction
        and (rule.kind is None or rule.kind is passing.kind)
        and (rule.action is None or rule.action == passing.action)
        and fnmatchcase(passing.identity, rule.identity)
    )


def _carry_out(deed: Deed, passing: Passing) -> Sequence[Effect]:
    match deed:
        case Drop():
            return []
        case Delay(seconds):
            return [Onward(passing.text, seconds)]
        case Duplicate(seconds):
            return [Onward(passing.text), Onward(passing.text, seconds)]
        case Edit(patch):
            return [Onward(_edited(passing, merge(passing.payload, patch)))]
        case Answer(payload) if passing.kind is Kind.CALL:
            return [Return(rpc.encode_result(passing.id, payload))]
        case Reject(code, description) if passing.kind is Kind.CALL:
            return [Return(rpc.encode_error(rpc.call_error(passing.id, code, description, version=V16)))]
    return [Onward(passing.text)]


def merge(target: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def _edited(passing: Passing, payload: dict[str, Any]) -> str:
    match passing.kind:
        case Kind.CALL:
            return rpc.encode_call(passing.id, passing.action or "", payload)
        case Kind.RESULT:
            return rpc.encode_result(passing.id, payload)
    return passing.text
