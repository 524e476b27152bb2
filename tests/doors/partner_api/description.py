"""What the API says of itself, for holding it against the contract and its answers against it."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs
import msgspec

from wattline.partner_api.app import ROUTES
from wattline.partner_api.openapi import describe

PREFIX = "/api/v1"


@cache
def description() -> dict[str, Any]:
    """The document at /api/v1/openapi.json, as programs read it."""
    described: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(describe(ROUTES, server_url="http://wattline.test"))
    )
    return described


def components() -> Mapping[str, Any]:
    """Every shape by name."""
    shapes: Mapping[str, Any] = description()["components"]["schemas"]
    return shapes


def kind_of(schema: Mapping[str, Any]) -> tuple[str, bool]:
    """Write a schema in the words of contract.json, and whether it may be null."""
    if "anyOf" in schema:
        kinds = [kind_of(part)[0] for part in schema["anyOf"]]
        return " or ".join(kind for kind in kinds if kind != "null"), "null" in kinds
    if "$ref" in schema:
        return kind_of_component(schema["$ref"].rpartition("/")[2]), False
    if "enum" in schema:
        values = [value for value in schema["enum"] if value is not None]
        if values and isinstance(values[0], int):
            return "integer", False
        return f"one of {' '.join(map(str, values))}", None in schema["enum"]
    match schema.get("type"):
        case "array":
            return f"[{kind_of(schema.get('items', {}))[0]}]", False
        case "string":
            return ("time" if schema.get("format") == "date-time" else "string"), False
        case "object" | None:
            return "json", schema.get("type") is None
        case simple:
            return str(simple), False


def kind_of_component(name: str) -> str:
    """A shape with fields goes by its name, an enumeration by its values."""
    schema = components()[name]
    return name if "properties" in schema else kind_of(schema)[0]


def must_conform(method: str, path: str, status: int, body: Any) -> None:
    """Fail unless an answer is as its operation describes it; refusals have one shape for all."""
    if status >= 400:
        validator("Error").validate(body)
        return
    route = next((one for one in ROUTES if one.method == method and pattern_of(one.path).fullmatch(path)), None)
    assert route is not None, path
    assert status == route.success
    responses = description()["paths"][PREFIX + route.path][method.lower()]["responses"]
    content = responses[str(status)].get("content")
    assert (content is None) == (body is None), f"{method} {path} answered {body!r}"
    if content is not None:
        validator_of(route.operation_id).validate(body)


@cache
def pattern_of(path: str) -> re.Pattern[str]:
    """A route's path, for finding it again."""
    return re.compile(re.sub(r"{\w+}", "[^/]+", path))


@cache
def validator_of(operation_id: str) -> Any:
    """What checks an operation's answer."""
    (route,) = (one for one in ROUTES if one.operation_id == operation_id)
    responses = description()["paths"][PREFIX + route.path][route.method.lower()]["responses"]
    return compiled(responses[str(int(route.success))]["content"]["application/json"]["schema"])


@cache
def validator(name: str) -> Any:
    """What checks a shape."""
    return compiled({"$ref": f"#/components/schemas/{name}"})


def compiled(schema: Mapping[str, Any]) -> Any:
    """Make a validator that knows every shape."""
    return jsonschema_rs.validator_for(
        {
            **schema,
            "components": description()["components"],
            "$schema": "https://json-schema.org/draft/2020-12/schema",
        },
        validate_formats=True,
    )
