"""Commands made by chance from the official schemas: none breaks a charge point, and every answer conforms."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

import ocpp
from tests.ocpp.emulator.stage import KEY, NOON, Stage
from wattline.emulator.configuration import KEYS
from wattline.emulator.v16.commands import COMMANDS
from wattline.wire.ocpp.messages import Understood, understand
from wattline.wire.ocpp.schemas import Direction
from wattline.wire.ocpp.versions import V16

Schema = dict[str, Any]

WHOLE = st.integers(-1, 3) | st.sampled_from([60, 3600, 2**31 - 1, 2**63, 10**20, -(10**9)])
NUMBERS = st.sampled_from([0, 6, 8.1, 16, 32, -5, 1e9, 1e308])
TIMES = st.sampled_from(
    ["2026-11-20T12:30:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-01-01T00:00:00Z"]
)
TEXTS = {
    "key": st.sampled_from([*KEYS, "Nonsense"]),
    "value": st.sampled_from(["true", "0", "1", "900", "2147483647", "99999999999", "", "Voltage"]),
    "idTag": st.sampled_from([KEY, "FRIEND"]),
}


@cache
def schema_of(action: str) -> Schema:
    """The official schema of a command."""
    path = Path(ocpp.__file__).parent / "v16" / "schemas" / f"{action}.json"
    schema: Schema = json.loads(path.read_text())
    return schema


def values(schema: Schema, definitions: Schema, name: str = "") -> st.SearchStrategy[Any]:
    """Whatever a part of a schema allows, and a little more."""
    if "$ref" in schema:
        return values(definitions[schema["$ref"].rpartition("/")[2]], definitions, name)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            fields = {key: values(part, definitions, key) for key, part in schema.get("properties", {}).items()}
            required = {key: fields[key] for key in schema.get("required", [])}
            optional = {key: part for key, part in fields.items() if key not in required}
            return st.fixed_dictionaries(required, optional=optional)
        case "array":
            return st.lists(values(schema["items"], definitions), max_size=3)
        case "integer":
            return WHOLE
        case "number":
            return NUMBERS
        case _ if schema.get("format") == "date-time" or name.endswith(("Date", "Time", "From", "To", "Schedule")):
            return TIMES
    return TEXTS.get(name, st.text(max_size=20))


def payloads(action: str) -> st.SearchStrategy[tuple[str, Any]]:
    """A command and a payload for it."""
    schema = schema_of(action)
    return st.tuples(st.just(action), values(schema, schema.get("definitions", {})))


ANY_COMMAND = st.sampled_from(sorted(COMMANDS)).flatmap(payloads)


@settings(max_examples=200, deadline=None)
@given(commands=st.lists(st.tuples(ANY_COMMAND, st.sampled_from([0, 5, 60])), min_size=1, max_size=8))
def test_no_command_breaks_a_charge_point(commands: list[tuple[tuple[str, Any], int]]) -> None:
    stage = Stage(connectors=2).plug().tap()
    for (action, payload), seconds in commands:
        got = understand(V16, action, Direction.REQUEST, payload, received_at=NOON)
        if isinstance(got, Understood) and stage.box.is_online:
            stage.command(action, **got.payload)
        stage.wait(seconds)
