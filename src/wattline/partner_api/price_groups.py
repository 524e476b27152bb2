"""Price groups: what charging costs, for whom, and where."""

from dataclasses import replace
from http import HTTPStatus

from wattline.operations import price_groups as verbs
from wattline.operations.price_application import apply_price_group
from wattline.partner_api.call import Call
from wattline.partner_api.price_group_bodies import (
    NO_TEAM,
    ApplyPriceGroup,
    CreateOrUpdatePriceGroupDto,
    PriceGroupQuery,
)
from wattline.partner_api.routing import Group
from wattline.queries.partner_price_groups import find_price_groups, price_group_by_id, price_groups_by_ids
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.price_groups import PriceGroup, price_group_of

price_groups = Group("Price groups")


@price_groups.route("GET", "/price-groups", "getPriceGroups", "price-groups:read")
async def get_price_groups(call: Call, query: PriceGroupQuery) -> Page[PriceGroup]:
    """List the price groups a team can use: its own, and those its operator made for all teams.

    `teamId=-1` lists those of every team.
    """
    team_id = None if query.team_id == NO_TEAM else query.team_id
    async with call.database.read() as connection:
        found = await find_price_groups(connection, team_id, query.window, viewer=call.viewer)
        rows = await price_groups_by_ids(connection, found.ids)
    return page_of([price_group_of(*row) for row in rows], found, query.window)


@price_groups.route("POST", "/price-groups", "create-price-group", "price-groups:write", success=HTTPStatus.CREATED)
async def create_price_group(call: Call, body: CreateOrUpdatePriceGroupDto) -> PriceGroup:
    """Add a price group, in the currency of its team. The first of its type becomes the team's default.

    Prices are numbers of the main unit, like 2.95. A price of type `spot` has in `price` what counts where no spot
    price is known. `kwh` and `tariff` with a `tariffId` cost what the tariff says hour by hour.
    """
    group_id = await verbs.create_price_group(call.database, body.as_draft(), asked_by=call.viewer, now=call.now)
    return await _shown(call, group_id)


@price_groups.route("GET", "/price-groups/{id}", "getPriceGroup", "price-groups:read")
async def get_price_group(call: Call, id: int) -> PriceGroup:
    """Show one price group."""
    return await _shown(call, id)


@price_groups.route("PUT", "/price-groups/{id}", "update-price-group", "price-groups:write")
async def update_price_group(call: Call, id: int, body: CreateOrUpdatePriceGroupDto) -> PriceGroup:
    """Put other prices into a price group. Charges that have begun keep the prices they began with."""
    async with call.database.read() as connection:
        before, _ = await price_group_by_id(connection, id, viewer=call.viewer)
    # What the contract has no fields for stays as it was set in the Portal.
    draft = replace(
        body.as_draft(),
        minimum_minor=before["minimum_minor"],
        maximum_minor=before["maximum_minor"],
        spot_series_id=before["spot_series_id"],
        tax_rate_ids=tuple(before["tax_rate_ids"]),
    )
    await verbs.update_price_group(call.database, id, draft, asked_by=call.viewer, now=call.now)
    return await _shown(call, id)


@price_groups.route(
    "DELETE", "/price-groups/{id}", "delete-price-group", "price-groups:delete", success=HTTPStatus.NO_CONTENT
)
async def delete_price_group(call: Call, id: int) -> None:
    """Take a price group away; where it counted, the default of its type does from now on."""
    await verbs.delete_price_group(call.database, id, asked_by=call.viewer, now=call.now)


@price_groups.route("PUT", "/price-groups/{id}/apply", "apply-price-group", "price-groups:write")
async def apply(call: Call, id: int, body: ApplyPriceGroup) -> PriceGroup:
    """Let a price group count at charge points, at all charge points of sites, or for members, besides where it does.

    Public prices for fast charge points in the EU are checked against the law (AFIR, Article 5).
    """
    await apply_price_group(call.database, id, body.as_application(), asked_by=call.viewer, now=call.now)
    return await _shown(call, id)


@price_groups.route("PUT", "/price-groups/{id}/default", "set-default-price-group", "price-groups:write")
async def set_default(call: Call, id: int) -> PriceGroup:
    """Make a price group its team's default of its type, instead of the one that was."""
    await verbs.set_default(call.database, id, asked_by=call.viewer, now=call.now)
    return await _shown(call, id)


async def _shown(call: Call, price_group_id: int) -> PriceGroup:
    async with call.database.read() as connection:
        return price_group_of(*await price_group_by_id(connection, price_group_id, viewer=call.viewer))
