"""The description of the API for programs, made of the routes: OpenAPI 3.1."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from wattline import __version__
from wattline.partner_api.examples import example_of
from wattline.partner_api.openapi_schemas import REF, Json, never_null, path_schema, schema_of, schemas_of
from wattline.partner_api.openapi_words import ABOUT, ERRORS, LIMIT_HEADERS
from wattline.partner_api.routing import Route, path_names
from wattline.partner_api.serving import PREFIX
from wattline.wire.partner.errors import Error

_LIMITS = {name: {"$ref": f"#/components/headers/{name}"} for name in LIMIT_HEADERS}


def describe(routes: Sequence[Route], *, server_url: str) -> Json:
    """Describe all routes."""
    answers = {id(route.answer): route.answer for route in routes if route.answer is not None}
    inputs = [kind for route in routes for kind in (route.query, route.body) if kind is not None]
    _, components = schemas_of([*answers.values(), *inputs, Error])
    _, in_bodies = schemas_of(inputs)
    for name in components.keys() - in_bodies.keys():
        # What we answer is always complete, fields without a value are null.
        components[name]["required"] = list(components[name].get("properties", {}))
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Wattline Partner API", "version": __version__, "description": ABOUT.strip()},
        "servers": [{"url": server_url}],
        "tags": [{"name": name} for name in dict.fromkeys(route.group for route in routes)],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in components.items() if name not in _names_of_queries(routes)},
            "responses": {status.name: _error_response(status, *said) for status, said in ERRORS.items()},
            "securitySchemes": {"BearerAccessToken": {"type": "http", "scheme": "bearer"}},
            "headers": {
                name: {"description": text, "schema": {"type": "string"}} for name, text in LIMIT_HEADERS.items()
            },
        },
    }


def parameters(route: Route, components: Mapping[str, Any]) -> list[Json]:
    """Describe the changing parts of a route's path, then its filters."""
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": path_schema(route.path_types[name])}
        for name in path_names(route.path)
    ]
    if route.query is None:
        return in_path
    shape = components[route.query.__name__]
    in_query = [
        {"name": name, "in": "query", "required": name in shape.get("required", ()), "schema": never_null(schema)}
        for name, schema in shape["properties"].items()
    ]
    return in_path + in_query


def _operation(route: Route, components: Mapping[str, Any]) -> Json:
    summary, _, rest = route.description.partition("\n")
    operation: Json = {
        "operationId": route.operation_id,
        "tags": [route.group],
        "summary": summary.rstrip("."),
        "description": _description(route, summary, rest.strip()),
        "parameters": parameters(route, components),
        "responses": _responses(route, components),
        "security": [] if route.open else [{"BearerAccessToken": []}],
        "x-scopes": list(route.scopes),
        "x-beta": route.beta,
    }
    if route.deprecated:
        operation["deprecated"] = True
    if route.body is not None:
        schema = schema_of(route.body)
        content = {"schema": schema, "example": example_of(schema, components)}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _description(route: Route, summary: str, rest: str) -> str:
    scopes = " or ".join(f"`{scope}`" for scope in route.scopes)
    needs = "" if route.open else f"Needs the scope {scopes}." if scopes else "Any valid token will do."
    shapes = [
        kind.__doc__ for kind in (route.query, route.body) if isinstance(kind, type) and "\n" in (kind.__doc__ or "")
    ]
    return "\n\n".join(part.strip() for part in [summary, rest, *map(str, shapes), needs] if part)


def _responses(route: Route, components: Mapping[str, Any]) -> Json:
    success: Json = {"description": HTTPStatus(route.success).phrase, "headers": _LIMITS}
    if route.answer is not None:
        schema = schema_of(route.answer)
        success["content"] = {"application/json": {"schema": schema, "example": example_of(schema, components)}}
    refusals = {
        str(int(status)): {"$ref": f"#/components/responses/{status.name}"}
        for status in ERRORS
        if route.scopes or status is not HTTPStatus.FORBIDDEN
    }
    return {str(int(route.success)): success} | refusals


def _error_response(status: HTTPStatus, code: str, message: str) -> Json:
    example = {
        "status": status.name,
        "message": message,
        "errorCode": code,
        "readableMessage": message,
        "context": None,
    }
    content = {"application/json": {"schema": {"$ref": REF.format(name="Error")}, "example": example}}
    return {"description": status.phrase, "headers": _LIMITS, "content": content}


def _names_of_queries(routes: Sequence[Route]) -> set[str]:
    # Filters are described as parameters, one by one.
    return {route.query.__name__ for route in routes if route.query is not None}
