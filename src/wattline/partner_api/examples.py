"""Examples of bodies and answers, made of their schemas, so that each operation has one and none is out of date."""

from collections.abc import Mapping
from typing import Any

from wattline.partner_api.example_values import USUALLY_NULL, VALUES


def example_of(schema: Mapping[str, Any], components: Mapping[str, Any], name: str = "") -> object:
    """Make an example of a schema; `name` is the field it is for."""
    if (name in USUALLY_NULL and _may_be_null(schema)) or (
        "default" in schema and schema["default"] is None and name not in VALUES
    ):
        return None
    if name in VALUES and _suits(VALUES[name], schema, components):
        return VALUES[name]
    if "$ref" in schema:
        return example_of(_named(schema, components), components, name)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], components, name)
    if "enum" in schema:
        return schema["enum"][0]
    return _of_type(schema, components, name)


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    """Tell whether null is among what a schema takes; some fields are called the same and always there."""
    if "anyOf" in schema:
        return {"type": "null"} in schema["anyOf"]
    return None in schema["enum"] if "enum" in schema else not schema.keys() & {"type", "$ref"}


def _of_type(schema: Mapping[str, Any], components: Mapping[str, Any], name: str) -> object:
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {field: example_of(kind, components, field) for field, kind in fields.items()}
        case "array":
            return [example_of(schema["items"], components, name.removesuffix("s"))] if "items" in schema else []
        case "string" if schema.get("format") == "date-time":
            return "2026-11-20T12:00:00Z"
        case "string" if schema.get("format") == "date":
            return "2026-11-20"
        case "string":
            return "text"
        case "integer":
            return 1
        case "number":
            return 1.5
        case "boolean":
            return True
    return None


def _suits(value: object, schema: Mapping[str, Any], components: Mapping[str, Any]) -> bool:
    """Tell whether a value is of a schema's type: fields of one name differ between shapes."""
    if "$ref" in schema:
        return _suits(value, _named(schema, components), components)
    if "anyOf" in schema:
        return any(_suits(value, part, components) for part in schema["anyOf"])
    if "enum" in schema:
        return value in list(schema["enum"])
    if isinstance(value, dict) and not value.keys() >= set(schema.get("required", ())):
        return False
    is_one: bool = schema.get("type", _type_of(value)) == _type_of(value)
    return is_one


def _type_of(value: object) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _named(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Mapping[str, Any]:
    named: Mapping[str, Any] = components[schema["$ref"].rpartition("/")[2]]
    return named
