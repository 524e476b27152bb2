"""Deeplinks."""

from datetime import date
from http import HTTPStatus
from typing import Any

from wattline.domain.refusals import Invalid
from wattline.operations import deeplinks as verbs
from wattline.partner_api.bodies import Id, PageQuery
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.partner_deeplinks import deeplink_by_id, deeplinks_by_ids, find_deeplinks
from wattline.wire.partner.deeplinks import DeeplinkDto, DestinationType, deeplink_of
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.shapes import Shape

deeplinks = Group("Deeplinks")

CODE_LENGTH = 12


class DeeplinkQuery(PageQuery, kw_only=True):
    """Which links."""

    operator_id: Id | None = None
    from_created_at: date | None = None
    from_updated_at: date | None = None


class CreateDeeplink(Shape, kw_only=True):
    """A new link. `destination` has `url` for LINK; `resourceType`, which is `charge-point`, and `resourceId` else."""

    destination_type: DestinationType
    destination: dict[str, Any]
    comment: str | None = None
    operator_id: Id | None = None


class PatchDeeplink(Shape, kw_only=True):
    """What changes; null leaves a field as it is. Another `destinationType` needs its `destination`."""

    destination_type: DestinationType | None = None
    destination: dict[str, Any] | None = None
    comment: str | None = None


@deeplinks.route("GET", "/deeplinks", "get-deeplinks", "deeplinks:read")
async def get_deeplinks(call: Call, query: DeeplinkQuery) -> Page[DeeplinkDto]:
    """List links: short addresses for stickers and letters."""
    async with call.database.read() as connection:
        found = await find_deeplinks(
            connection, query.window, operator_id=query.operator_id, created_from=query.from_created_at,
            updated_from=query.from_updated_at, viewer=call.viewer,
        )  # fmt: skip
        rows = await deeplinks_by_ids(connection, found.ids)
    return page_of([deeplink_of(row, web_url=call.web_url) for row in rows], found, query.window)


@deeplinks.route("POST", "/deeplinks", "post-deeplink", "deeplinks:write", success=HTTPStatus.CREATED)
async def create_deeplink(call: Call, body: CreateDeeplink) -> DeeplinkDto:
    """Make a link."""
    made = await verbs.create_deeplink(
        call.database, verbs.destination_of(body.destination_type, body.destination), comment=body.comment,
        operator_id=body.operator_id, code=call.chance.uuid().replace("-", "")[:CODE_LENGTH], asked_by=call.viewer,
        now=call.now,
    )  # fmt: skip
    return await _shown(call, made)


@deeplinks.route("GET", "/deeplinks/{deeplinkId}", "get-deeplink", "deeplinks:read")
async def get_deeplink(call: Call, deeplink_id: int) -> DeeplinkDto:
    """Show one link."""
    return await _shown(call, deeplink_id)


@deeplinks.route("PATCH", "/deeplinks/{deeplinkId}", "patch-deeplink", "deeplinks:write")
async def patch_deeplink(call: Call, deeplink_id: int, body: PatchDeeplink) -> DeeplinkDto:
    """Change a link. Its address stays, so that what is printed goes on working."""
    before = await _shown(call, deeplink_id)
    kind = body.destination_type or before.destination_type
    if body.destination is None and kind != before.destination_type:
        raise Invalid("destination", "is needed with another destinationType.")
    destination = None if body.destination is None else verbs.destination_of(kind, body.destination)
    await verbs.edit_deeplink(call.database, deeplink_id, destination, body.comment, asked_by=call.viewer, now=call.now)
    return await _shown(call, deeplink_id)


@deeplinks.route(
    "DELETE", "/deeplinks/{deeplinkId}", "delete-deeplink", "deeplink:delete", success=HTTPStatus.NO_CONTENT
)
async def delete_deeplink(call: Call, deeplink_id: int) -> None:
    """End a link."""
    await verbs.delete_deeplink(call.database, deeplink_id, asked_by=call.viewer, now=call.now)


async def _shown(call: Call, deeplink_id: int) -> DeeplinkDto:
    async with call.database.read() as connection:
        return deeplink_of(await deeplink_by_id(connection, deeplink_id, viewer=call.viewer), web_url=call.web_url)
