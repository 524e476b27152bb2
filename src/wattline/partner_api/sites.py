"""Sites."""

from http import HTTPStatus

import msgspec

from wattline.operations import sites as verbs
from wattline.partner_api.bodies import (
    given,
)
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.partner_api.site_bodies import CreateSite, PatchSite, SiteQuery
from wattline.queries.partner_sites import find_sites, site_by_id, sites_by_ids
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.sites import Site, site_of

sites = Group("Sites")


@sites.route("GET", "/sites", "get-sites", "charge-points:read")
async def get_sites(call: Call, query: SiteQuery) -> Page[Site]:
    """List sites: places with charge points."""
    async with call.database.read() as connection:
        found = await find_sites(connection, query.as_filter(), query.window, viewer=call.viewer)
        rows = await sites_by_ids(connection, found.ids)
    return page_of([site_of(row) for row in rows], found, query.window)


@sites.route("POST", "/sites", "post-site", "charge-points:write", success=HTTPStatus.CREATED)
async def create_site(call: Call, body: CreateSite) -> Site:
    """Add a site."""
    new = verbs.NewSite(
        team_id=body.team_id,
        name=body.name,
        address=body.address.as_address(),
        visibility=body.visibility,
        partner_external_id=body.partner_external_id,
        partner_custom_payload=body.partner_custom_payload,
    )
    return await _shown(call, await verbs.create_site(call.database, new, asked_by=call.viewer, now=call.now))


@sites.route("GET", "/sites/{siteId}", "get-site", "charge-points:read")
async def get_site(call: Call, site_id: int) -> Site:
    """Show one site."""
    return await _shown(call, site_id)


@sites.route("PATCH", "/sites/{siteId}", "patch-site", "charge-points:write")
async def patch_site(call: Call, site_id: int, body: PatchSite) -> Site:
    """Change a site. What is not sent, or null, stays as it is."""
    changes = given(body)
    if "address" in changes:
        changes |= msgspec.structs.asdict(changes.pop("address"))
    await verbs.patch_site(call.database, site_id, changes, asked_by=call.viewer, now=call.now)
    return await _shown(call, site_id)


@sites.route("DELETE", "/sites/{siteId}", "delete-site", "charge-points:delete", success=HTTPStatus.NO_CONTENT)
async def delete_site(call: Call, site_id: int) -> None:
    """Take a site away; its charge points stay, without a site."""
    await verbs.delete_site(call.database, site_id, asked_by=call.viewer, now=call.now)


async def _shown(call: Call, site_id: int) -> Site:
    async with call.database.read() as connection:
        return site_of(await site_by_id(connection, site_id, viewer=call.viewer))
