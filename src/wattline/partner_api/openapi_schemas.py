"""Shapes as OpenAPI describes them."""

from collections.abc import Iterable
from typing import Any

import msgspec

Json = dict[str, Any]

REF = "#/components/schemas/{name}"


def schema_of(kind: Any) -> Json:
    """Describe a shape by reference to the components."""
    (schema,), _ = schemas_of([kind])
    return schema


def schemas_of(kinds: Iterable[Any]) -> tuple[list[Json], dict[str, Any]]:
    """Describe shapes, and every shape they are made of."""
    schemas, components = msgspec.json.schema_components(list(kinds), ref_template=REF)
    return [_dress(schema) for schema in schemas], {name: _dress(schema) for name, schema in components.items()}


def _dress(schema: Any) -> Any:
    """Add the formats that generators of clients want: ids do not fit into 32 bits."""
    if isinstance(schema, list):
        return [_dress(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    dressed = {key: _dress(value) for key, value in schema.items()}
    if dressed.get("format") == "decimal":
        # Exact numbers are numbers in JSON all the same.
        return {"type": "number"}
    # A field may be called `type` as well; then it has a schema, not a name.
    match dressed.get("type"):
        case "integer":
            dressed.setdefault("format", "int64")
        case "number":
            dressed.setdefault("format", "double")
    return dressed


def never_null(schema: Json) -> Json:
    """A filter that is not set is not sent; there is no null in a query."""
    if "anyOf" not in schema:
        return schema
    (kind,) = (part for part in schema["anyOf"] if part.get("type") != "null")
    return dict(kind)


def path_schema(kind: type) -> Json:
    """Describe a changing part of a path."""
    return {"type": "integer", "format": "int64"} if kind is int else {"type": "string"}
