"""Operations as the page for people shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from wattline.partner_api.field_kinds import Field, fields_of, kind_of
from wattline.partner_api.routing import Route
from wattline.partner_api.serving import PREFIX


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
        body=fields_of(body.get("schema", {}), shapes),
        body_example=_pretty(body),
        status=int(route.success),
        answer_example=_pretty(success),
    )


def _pretty(content: Mapping[str, Any]) -> str:
    if "example" not in content:
        return ""
    return msgspec.json.format(msgspec.json.encode(content["example"]), indent=2).decode()
