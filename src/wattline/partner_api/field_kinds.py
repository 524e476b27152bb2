"""Kinds of fields, in a word or two."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a table of fields or filters."""

    name: str
    kind: str
    required: bool


def kind_of(schema: Mapping[str, Any]) -> str:
    """Say in a word or two what a schema takes."""
    if "anyOf" in schema:
        return " or ".join(kind_of(part) for part in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return ", ".join(str(one) for one in schema["enum"] if one is not None)
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    if schema.get("format") == "date-time":
        return "time"
    words = {"integer": "whole number", "string": "text", "boolean": "true or false", "null": "null"}
    limits = [f"{sign} {schema[key]}" for key, sign in _SIGNS.items() if abs(schema.get(key, 2**60)) < 2**60]
    kind = str(schema.get("type", "any JSON"))
    return " ".join([words.get(kind, kind), *limits])


_SIGNS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "minLength": "length ≥", "maxLength": "length ≤"}


def fields_of(schema: Mapping[str, Any], shapes: Mapping[str, Any]) -> list[Field]:
    """List the fields of a shape by reference; none for what is no shape."""
    shape = shapes.get(schema.get("$ref", "").rpartition("/")[2], {})
    required = shape.get("required", ())
    return [Field(name, kind_of(kind), name in required) for name, kind in shape.get("properties", {}).items()]
