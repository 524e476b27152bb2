"""One part of a tariff, a period or a group of them, as programs read, change and delete it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from msgspec import Struct

from wattline.partner_api.bodies import given
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.wire.partner.shapes import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What the three operations need to know. The ids are those of the contract."""

    path: str
    noun: str
    shown: type[Shape]
    show: Callable[[Call, int], Awaitable[Shape]]
    get_id: str
    read_scope: str
    patch_id: str
    body: type[Struct]
    patch: Callable[..., Awaitable[None]]
    delete_id: str
    delete: Callable[..., Awaitable[None]]
    with_it: str = ""


def offer_part(group: Group, part: Part) -> None:
    """Add the three operations to a chapter of the API."""

    async def get(call: Call, id: int) -> Any:
        return await part.show(call, id)

    async def patch(call: Call, id: int, body: Any) -> Any:
        await part.patch(call.database, id, given(body), asked_by=call.viewer, now=call.now)
        return await part.show(call, id)

    async def delete(call: Call, id: int) -> None:
        await part.delete(call.database, id, asked_by=call.viewer, now=call.now)

    get.__doc__ = f"Show {part.noun}."
    patch.__doc__ = f"Change {part.noun}. What is not sent, or null, stays as it is."
    delete.__doc__ = f"Take {part.noun} away{part.with_it}."
    # Routes read their shapes off the annotations.
    get.__annotations__["return"] = patch.__annotations__["return"] = part.shown
    patch.__annotations__["body"] = part.body
    group.route("GET", part.path, part.get_id, part.read_scope)(get)
    group.route("PATCH", part.path, part.patch_id, "tariffs:write")(patch)
    group.route("DELETE", part.path, part.delete_id, "tariffs:delete", success=HTTPStatus.NO_CONTENT)(delete)
