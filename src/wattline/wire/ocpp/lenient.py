"""Mend a payload that breaks its schema, where it is clear what was meant; note each oddity as a deviation.

Driven by the official schema itself, so it knows no message by name: one walk over schema and payload together builds
a new payload. A value that no rule can mend is left out if it is optional; if it is required, its object is incomplete:
an incomplete entry of a list is dropped, an incomplete payload is refused.

Too long text (F1), empty lists (F4) and numbers with too many decimals are kept as they are: nothing is lost by it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from wattline.wire.ocpp.deviations import Code, Deviation, deviation
from wattline.wire.ocpp.fitting import NOTHING, fit_boolean, fit_number, fit_text, fit_whole, fit_word
from wattline.wire.ocpp.rpc import Payload
from wattline.wire.ocpp.schemas import Direction, Violation, schema, violations
from wattline.wire.ocpp.spellings import DEFAULTS, FALLBACKS, MEANING_DEPENDS_ON, ORIGINAL_KEPT_IN, bare
from wattline.wire.ocpp.times import parse_time, write_exactly
from wattline.wire.ocpp.versions import Version

# OCPP 1.6 is of October 2015: no charge point that speaks it can mean an earlier time.
CLOCKS_BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
# A clock may be off a little; only beyond this it is worth telling the owner.
CLOCK_AHEAD_MAX = timedelta(minutes=5)

# More kinds of oddity in one message tell nothing new.
NOTED_MAX = 50

TOLERATED = frozenset({"maxLength", "minItems", "multipleOf"})
"""Schema keywords that a mended payload may still break: nothing is lost by keeping what breaks them."""

Schema = Mapping[str, Any]


class Mended(msgspec.Struct, frozen=True):
    """A payload made readable. When `faults` is not empty it is not, and the first one says why."""

    payload: Payload
    deviations: tuple[Deviation, ...]
    faults: tuple[Violation, ...]


def mend(version: Version, action: str, direction: Direction, payload: Payload, *, received_at: datetime) -> Mended:
    """Mend a payload; the given one is left as it is. `received_at` stands in for times that tell nothing."""
    mender = _Mender(version, action, direction, received_at)
    mended = mender.mend_payload(payload)
    faults = violations(version, action, direction, mended, ignoring=TOLERATED)
    return Mended(mended, tuple(mender.noted.values()), tuple(faults))


class _Mender:
    """One walk over one payload."""

    def __init__(self, version: Version, action: str, direction: Direction, received_at: datetime) -> None:
        self._root = schema(version, action, direction)
        self._action = action
        self._received_at = received_at
        self.noted: dict[tuple[Code, str], Deviation] = {}
        """Each kind of oddity once for each place, whatever the index in a list."""

    def mend_payload(self, payload: Payload) -> Payload:
        return self._object(self._root, payload, "")[0]

    def _value(self, rule: Schema, value: object, path: str) -> object:
        """Mend one value by its rule; NOTHING when that is impossible."""
        if "$ref" in rule:
            rule = self._root["definitions"][rule["$ref"].rpartition("/")[2]]
        match rule["type"]:
            case "object":
                return self._object_or_nothing(rule, value, path)
            case "array":
                return self._list(rule, value, path)
            case "string" if rule.get("format") == "date-time":
                return self._time(value, path)
            case "string":
                return self._text(rule, value, path)
            case "integer":
                fitted, oddity = fit_whole(value)
            case "number":
                fitted, oddity = fit_number(value)
            case _:
                fitted, oddity = fit_boolean(value)
        self._note(oddity, path, value)
        return fitted

    def _object(self, rule: Schema, value: Payload, path: str) -> tuple[Payload, bool]:
        """Mend an object; tell whether it is complete. A required field beyond repair stays as it came."""
        fields: Mapping[str, Schema] = rule.get("properties", {})
        required: Sequence[str] = rule.get("required", ())
        given = self._given(fields, required, value, path)
        mended: Payload = {}
        for name, inner in given.items():
            fitted = self._value(fields[name], inner, _join(path, name))
            if fitted is not NOTHING:
                mended[name] = fitted
        _keep_originals(fields, given, mended)
        complete = True
        for name in given:
            if name not in mended and name not in required:
                self._note(Code.FIELD_UNUSABLE, _join(path, name), given[name])
                complete &= not _changes_the_meaning(name, given)
        for name in required:
            if name not in mended and not self._stand_in(name, fields[name], path, mended, was_given=name in given):
                complete = False
                if name in given:
                    mended[name] = given[name]
        return mended, complete

    def _given(
        self, fields: Mapping[str, Schema], required: Sequence[str], value: Payload, path: str
    ) -> dict[str, object]:
        """Pick what is given: without nulls and empty words (F2), and without fields OCPP does not know (F5)."""
        given: dict[str, object] = {}
        misspelt = {bare(known): known for known in fields if known not in value} if value.keys() - fields else {}
        for name, inner in value.items():
            known = name if name in fields else misspelt.pop(bare(name), None)
            if known is None:
                self._note(Code.EXTRA_FIELD, _join(path, name), inner)
            elif inner is None or (inner == "" and known not in required and fields[known].keys() & {"enum", "format"}):
                self._note(Code.NULL_FIELD, _join(path, known), inner)
            else:
                self._note(None if known == name else Code.FIELD_SPELLING, _join(path, known), name)
                given[known] = inner
        return given

    def _stand_in(self, name: str, rule: Schema, path: str, mended: Payload, *, was_given: bool) -> bool:
        """Put the usual value in the place of a required field; tell whether there is one."""
        if rule.get("format") == "date-time":
            self._note(Code.TIME_UNREADABLE if was_given else Code.TIME_MISSING, _join(path, name))
            mended[name] = write_exactly(self._received_at)
            return True
        if path or (self._action, name) not in DEFAULTS:
            return False
        self._note(Code.FIELD_MISSING, name)
        mended[name] = DEFAULTS[self._action, name]
        return True

    def _object_or_nothing(self, rule: Schema, value: object, path: str) -> object:
        if isinstance(value, list) and len(value) == 1:
            self._note(Code.NOT_A_LIST, path, value)
            value = value[0]
        if not isinstance(value, dict):
            return NOTHING
        mended, complete = self._object(rule, value, path)
        return mended if complete else NOTHING

    def _list(self, rule: Schema, value: object, path: str) -> list[object]:
        if not isinstance(value, list):
            self._note(Code.NOT_A_LIST, path, value)
            value = [value]
        mended = []
        for entry in value:
            fitted = self._value(rule["items"], entry, f"{path}[]")
            if fitted is NOTHING:
                self._note(Code.ENTRY_DROPPED, f"{path}[]", entry)
            else:
                mended.append(fitted)
        if not mended and "minItems" in rule:
            self._note(Code.EMPTY_LIST, path, value)
        return mended

    def _text(self, rule: Schema, value: object, path: str) -> object:
        field = path.rpartition(".")[2]
        text, oddity = fit_text(value, structures=field == "data")
        self._note(oddity, path, value)
        if not isinstance(text, str):
            return NOTHING
        if "enum" in rule:
            word, oddity = fit_word(field, text, rule["enum"])
            self._note(oddity, path, text)
            return word
        if "maxLength" in rule and len(text) > rule["maxLength"]:
            self._note(Code.TEXT_TOO_LONG, path, text)
        return text

    def _time(self, value: object, path: str) -> object:
        read = parse_time(str(value))
        if read is None:
            return NOTHING
        self._note(read.oddity, path, value)
        at = read.at
        if path.endswith("timestamp"):
            if at < CLOCKS_BEGIN:
                self._note(Code.CLOCK_NOT_SET, path, value)
                at = self._received_at
            elif at > self._received_at + CLOCK_AHEAD_MAX:
                self._note(Code.CLOCK_AHEAD, path, value)
        return write_exactly(at)

    def _note(self, code: Code | None, path: str, sample: object = "") -> None:
        if code is not None and (code, path) not in self.noted and len(self.noted) < NOTED_MAX:
            self.noted[code, path] = deviation(code, path, sample)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _changes_the_meaning(name: str, given: Mapping[str, object]) -> bool:
    # Signed data is kept whatever stands around it: it carries its own units inside.
    return name in MEANING_DEPENDS_ON and given.get("format") != "SignedData"


def _keep_originals(fields: Mapping[str, Schema], given: Mapping[str, object], mended: Payload) -> None:
    """Keep a word that became "other" where people will look for it."""
    for name, place in ORIGINAL_KEPT_IN.items():
        became_other = name in mended and mended[name] == FALLBACKS[name] != given[name]
        if became_other and place in fields and place not in given:
            mended[place] = str(given[name])[: fields[place]["maxLength"]]
