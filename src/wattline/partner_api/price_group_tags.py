"""Tags that stand beside the lines of a price."""

from http import HTTPStatus

import msgspec

from wattline.operations import price_group_tags as verbs
from wattline.partner_api.bodies import given
from wattline.partner_api.call import Call
from wattline.partner_api.price_group_bodies import CreatePriceGroupTag, PatchPriceGroupTag, TagQuery
from wattline.partner_api.routing import Group
from wattline.queries.partner_price_group_tags import find_tags, tag_by_id, tags_by_ids
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.price_groups import PriceGroupTag, price_group_tag_of

price_group_tags = Group("Price groups")


@price_group_tags.route("GET", "/price-group-tags", "get-price-group-tags", "price-groups:read")
async def get_tags(call: Call, query: TagQuery) -> Page[PriceGroupTag]:
    """List price group tags."""
    async with call.database.read() as connection:
        found = await find_tags(connection, query.name, query.partner_external_id, query.window, viewer=call.viewer)
        rows = await tags_by_ids(connection, found.ids)
    return page_of([price_group_tag_of(row) for row in rows], found, query.window)


@price_group_tags.route(
    "POST", "/price-group-tags", "post-price-group-tag", "price-groups:write", success=HTTPStatus.CREATED
)
async def create_tag(call: Call, body: CreatePriceGroupTag) -> PriceGroupTag:
    """Add a tag, to be named by prices with its id."""
    new = verbs.NewTag(**msgspec.structs.asdict(body))
    return await _shown(call, await verbs.create_tag(call.database, new, asked_by=call.viewer, now=call.now))


@price_group_tags.route("GET", "/price-group-tags/{id}", "get-price-group-tag", "price-groups:read")
async def get_tag(call: Call, id: int) -> PriceGroupTag:
    """Show one tag."""
    return await _shown(call, id)


@price_group_tags.route("PATCH", "/price-group-tags/{id}", "patch-price-group-tag", "price-groups:write")
async def patch_tag(call: Call, id: int, body: PatchPriceGroupTag) -> PriceGroupTag:
    """Change a tag. What is not sent, or null, stays as it is."""
    await verbs.patch_tag(call.database, id, given(body), asked_by=call.viewer, now=call.now)
    return await _shown(call, id)


@price_group_tags.route("DELETE", "/price-group-tags/{id}", "delete-price-group-tag", "price-groups:delete")
async def delete_tag(call: Call, id: int) -> None:
    """Take a tag away; prices that had it have none."""
    await verbs.delete_tag(call.database, id, asked_by=call.viewer, now=call.now)


async def _shown(call: Call, tag_id: int) -> PriceGroupTag:
    async with call.database.read() as connection:
        return price_group_tag_of(await tag_by_id(connection, tag_id, viewer=call.viewer))
