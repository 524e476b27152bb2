"""Nested teams."""

from http import HTTPStatus

from wattline.operations import nested_teams as verbs
from wattline.operations.nested_teams import Nesting
from wattline.partner_api.call import Call
from wattline.partner_api.member_bodies import NestedQuery, NestedTeamInvite, PatchNestedTeam, changes_of
from wattline.partner_api.routing import Group
from wattline.queries.partner_people import find_nestings, nesting_by_id, nestings_by_ids
from wattline.queries.partner_sites import connectors_of_sites
from wattline.queries.partner_teams import team_by_id
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.people import NestedTeam, nested_team_of

nested_teams = Group("Nested teams")


@nested_teams.route("GET", "/nested-teams", "getNestedTeams", "team-members:read")
async def get_nested_teams(call: Call, query: NestedQuery) -> Page[NestedTeam]:
    """List the teams nested in yours, and those in which yours are nested."""
    async with call.database.read() as connection:
        found = await find_nestings(
            connection, query.state, query.window, viewer=call.viewer, include_deleted=query.include_deleted
        )
        rows = await nestings_by_ids(connection, found.ids)
    return page_of([nested_team_of(row) for row in rows], found, query.window)


@nested_teams.route("POST", "/nested-teams/invite", "invite", "team-members:write")
async def invite(call: Call, body: NestedTeamInvite) -> NestedTeam:
    """Invite a team of yours to charge at another's charge points. Teams of others are invited by their join code."""
    connectors = None if body.access == "all" else list(body.selected_charge_point_ids or ())
    async with call.database.read() as connection:
        nested = await team_by_id(connection, body.nested_team_id, viewer=call.viewer)
        if connectors is not None and body.selected_site_ids:
            connectors += await connectors_of_sites(connection, body.selected_site_ids, body.parent_team_id)
    nesting = Nesting(parent_team_id=body.parent_team_id, price_group_id=body.price_group_id, connector_ids=connectors)
    relation_id = await verbs.nest_team(
        call.database, nesting, join_code=nested["join_code"], accepted=False, asked_by=call.viewer, now=call.now
    )
    return await _shown(call, relation_id)


@nested_teams.route("GET", "/nested-teams/{relationId}", "getNestedTeam", "team-members:read")
async def get_nested_team(call: Call, relation_id: int) -> NestedTeam:
    """Show one relation."""
    return await _shown(call, relation_id)


@nested_teams.route("PATCH", "/nested-teams/{relationId}", "updateNestedTeam", "team-members:write")
async def patch_nested_team(call: Call, relation_id: int, body: PatchNestedTeam) -> NestedTeam:
    """Change price, note or charge points, for the parent team. What is not sent, or null, stays as it is."""
    await verbs.edit_nesting(call.database, relation_id, changes_of(body), asked_by=call.viewer, now=call.now)
    return await _shown(call, relation_id)


@nested_teams.route(
    "DELETE", "/nested-teams/{relationId}", "deleteNestedTeam", "team-members:delete", success=HTTPStatus.NO_CONTENT
)
async def delete_nested_team(call: Call, relation_id: int) -> None:
    """Let go of a nested team, or leave a parent. Charges that run go on."""
    await verbs.end_nesting(call.database, relation_id, asked_by=call.viewer, now=call.now)


@nested_teams.route("POST", "/nested-teams/{relationId}/accept-invite", "acceptInvite", "team-members:write")
async def accept_invite(call: Call, relation_id: int) -> NestedTeam:
    """Accept for the nested team."""
    await verbs.answer_nesting(call.database, relation_id, accept=True, asked_by=call.viewer, now=call.now)
    return await _shown(call, relation_id)


@nested_teams.route("POST", "/nested-teams/{relationId}/reject-invite", "rejectInvite", "team-members:write")
async def reject_invite(call: Call, relation_id: int) -> NestedTeam:
    """Reject for the nested team; the answer is the last one can see of it."""
    await verbs.answer_nesting(call.database, relation_id, accept=False, asked_by=call.viewer, now=call.now)
    async with call.database.read() as connection:
        (row,) = await nestings_by_ids(connection, [relation_id])
    return nested_team_of(row)


async def _shown(call: Call, relation_id: int) -> NestedTeam:
    async with call.database.read() as connection:
        return nested_team_of(await nesting_by_id(connection, relation_id, viewer=call.viewer))
