"""Where the API describes itself: /api/v1/openapi.json for programs, /api/docs for people. No token needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from wattline.partner_api.openapi import ABOUT, describe
from wattline.partner_api.routing import Route
from wattline.partner_api.serving import PREFIX
from wattline.web.pages import answer, environment, theme_of
from wattline.wire.partner.shapes import to_json

HttpRequest = Request[Any, Any, Any]

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a table of fields or filters."""

    name: str
    kind: str
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    paragraphs: Sequence[str]
    scopes: Sequence[str]
    open: bool
    tags: Sequence[str]
    parameters: Sequence[Field]
    body: Sequence[Field]
    body_example: str
    status: int
    answer_example: str


def reference_handlers(routes: Sequence[Route]) -> list[HTTPRouteHandler]:
    """Make the handlers that describe these routes."""

    @cache
    def description(server_url: str) -> bytes:
        return to_json(describe(routes, server_url=server_url))

    @cache
    def page(server_url: str, theme: str) -> str:
        template = environment(TEMPLATES).get_template("reference.jinja")
        about = ABOUT.strip().split("\n* ")
        groups = chapters(routes, msgspec.json.decode(description(server_url)))
        return template.render(theme=theme, about=about, groups=groups, base_url=server_url + PREFIX)

    @get(f"{PREFIX}/openapi.json", opt={"public": True}, include_in_schema=False)
    async def openapi(request: HttpRequest) -> Response[bytes]:
        return Response(description(_server_url(request)), media_type="application/json")

    @get("/api/docs", opt={"public": True}, include_in_schema=False)
    async def docs(request: HttpRequest) -> Response[bytes]:
        return answer(request, page(_server_url(request), theme_of(request)))

    return [openapi, docs]


def chapters(routes: Sequence[Route], document: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """Sort the operations of the description into the chapters of the page."""
    groups: dict[str, list[Operation]] = {}
    for route in routes:
        groups.setdefault(route.group, []).append(_operation(route, document))
    return groups


def _operation(route: Route, document: Mapping[str, Any]) -> Operation:
    described = document["paths"][PREFIX + route.path][route.method.lower()]
    shapes = document["components"]["schemas"]
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    success = described["responses"][str(int(route.success))].get("content", {}).get("application/json", {})
    return Operation(
        id=route.operation_id,
        method=route.method,
        path=route.path,
        summary=described["summary"],
        paragraphs=[part.replace("\n", " ") for part in described["description"].split("\n\n")[1:-1]],
        scopes=route.scopes,
        open=route.open,
        tags=[name for name, on in (("deprecated", route.deprecated), ("beta", route.beta)) if on],
        parameters=[Field(one["name"], kind_of(one["schema"]), one["required"]) for one in described["parameters"]],
        body=_fields(body.get("schema", {}), shapes),
        body_example=_pretty(body),
        status=int(route.success),
        answer_example=_pretty(success),
    )


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


def _fields(schema: Mapping[str, Any], shapes: Mapping[str, Any]) -> list[Field]:
    shape = shapes.get(schema.get("$ref", "").rpartition("/")[2], {})
    required = shape.get("required", ())
    return [Field(name, kind_of(kind), name in required) for name, kind in shape.get("properties", {}).items()]


def _pretty(content: Mapping[str, Any]) -> str:
    if "example" not in content:
        return ""
    return msgspec.json.format(msgspec.json.encode(content["example"]), indent=2).decode()


def _server_url(request: HttpRequest) -> str:
    web = request.app.state.settings.web
    return web.public_url or f"http://localhost:{web.port}"
