"""MeterValues that obey the official schema to the letter, read in one step: nine of ten messages are such.

The decoder checks what the schema asks for while it reads, so there is no dict in between and no second look. Its types
are made from the schema. Whatever it does not take is left to rpc.py and messages.py, which know what may be forgiven.
"""

from collections.abc import Mapping
from functools import cache
from types import GenericAlias
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from wattline.wire.ocpp.schemas import Direction, schema
from wattline.wire.ocpp.times import read_rfc3339
from wattline.wire.ocpp.v16 import MeterValue, MeterValues, SampledValue, Whole
from wattline.wire.ocpp.versions import V16

ACTION = "MeterValues"
MESSAGE_ID_CHARACTERS_MAX = 36
# By here the action of a frame has been named, whatever its id and even with a few spaces.
HEAD_CHARACTERS = 64


def read_meter_values(text: str) -> tuple[str, MeterValues] | None:
    """Return message id and payload of a MeterValues call; None for any other frame, and for the least oddity."""
    # What is escaped may be what PostgreSQL cannot keep.
    if f'"{ACTION}"' not in text[:HEAD_CHARACTERS] or "\\" in text:
        return None
    try:
        _, message_id, _, given = _decoder().decode(text)
        meter_values = tuple(
            [
                MeterValue(timestamp=read_rfc3339(each.timestamp), sampled_value=each.sampled_value)
                for each in given.meter_value
            ]
        )
    except (msgspec.DecodeError, ValueError):
        return None
    return message_id, MeterValues(
        connector_id=given.connector_id, meter_value=meter_values, transaction_id=given.transaction_id
    )


def _struct(name: str, fields: Mapping[str, object], base: type[msgspec.Struct] = msgspec.Struct) -> Any:
    """Make a type in which what the schema does not name is not taken; what may be missing is None then, never null."""
    given = [(field, kind) if field in REQUIRED else (field, kind, None) for field, kind in fields.items()]
    return msgspec.defstruct(
        name, given, bases=(base,), rename="camel", kw_only=True, forbid_unknown_fields=True, frozen=True, gc=False,
        omit_defaults=True,
    )  # fmt: skip


def _some(kind: Any) -> Any:
    return Annotated[tuple[kind, ...], Meta(min_length=1)]


def _words(rule: Mapping[str, Any]) -> object:
    return _one_of(*rule["enum"]) if "enum" in rule else str


def _one_of(*values: object) -> object:
    return Literal[values]


@cache
def _decoder() -> Any:
    """Make what decodes a frame with such a call."""
    rule = schema(V16, ACTION, Direction.REQUEST)
    words = rule["properties"]["meterValue"]["items"]["properties"]["sampledValue"]["items"]["properties"]
    sampled_value = _struct("SampledValue", {name: _words(word) for name, word in words.items()}, SampledValue)
    meter_value = _struct("MeterValue", {"timestamp": str, "sampled_value": _some(sampled_value)})
    payload = _struct(
        "MeterValues", {"connector_id": Whole, "transaction_id": Whole, "meter_value": _some(meter_value)}
    )
    message_id = Annotated[str, Meta(min_length=1, max_length=MESSAGE_ID_CHARACTERS_MAX)]
    return msgspec.json.Decoder(GenericAlias(tuple, (_one_of(2), message_id, _one_of(ACTION), payload)))


REQUIRED = frozenset({"value", "timestamp", "sampled_value", "connector_id", "meter_value"})
