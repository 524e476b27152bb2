"""Member groups; the contract calls them profiles."""

from http import HTTPStatus

from wattline.operations import member_groups as verbs
from wattline.partner_api.call import Call
from wattline.partner_api.member_bodies import (
    CreateTeamMemberProfile,
    PatchTeamMemberProfile,
    ProfileQuery,
    changes_of,
    team_named,
    terms_of,
)
from wattline.partner_api.routing import Group
from wattline.queries.partner_people import find_profiles, profile_by_id, profiles_by_ids
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.people import TeamMemberProfile, team_member_profile_of

team_member_profiles = Group("Team members")


@team_member_profiles.route("GET", "/team-member-profiles", "getTeamMemberProfiles", "team-members:read")
async def get_profiles(call: Call, query: ProfileQuery) -> Page[TeamMemberProfile]:
    """List member groups."""
    async with call.database.read() as connection:
        found = await find_profiles(connection, query.team_id, query.name, query.window, viewer=call.viewer)
        rows = await profiles_by_ids(connection, found.ids)
    return page_of([team_member_profile_of(row) for row in rows], found, query.window)


@team_member_profiles.route(
    "POST", "/team-member-profiles", "post-team-member-profile", "team-members:write", success=HTTPStatus.CREATED
)
async def create_profile(call: Call, body: CreateTeamMemberProfile) -> TeamMemberProfile:
    """Make a member group."""
    new = verbs.NewGroup(
        team_id=team_named(body.team_id), name=body.name, description=body.description, terms=terms_of(body)
    )
    return await _shown(call, await verbs.create_group(call.database, new, asked_by=call.viewer, now=call.now))


@team_member_profiles.route("GET", "/team-member-profiles/{id}", "getTeamMemberProfile", "team-members:read")
async def get_profile(call: Call, id: int) -> TeamMemberProfile:
    """Show one member group."""
    return await _shown(call, id)


@team_member_profiles.route("PATCH", "/team-member-profiles/{id}", "updateTeamMemberProfile", "team-members:write")
async def patch_profile(call: Call, id: int, body: PatchTeamMemberProfile) -> TeamMemberProfile:
    """Change a member group and with it everybody in it. What is not sent, or null, stays as it is."""
    await verbs.edit_group(call.database, id, changes_of(body), asked_by=call.viewer, now=call.now)
    return await _shown(call, id)


@team_member_profiles.route(
    "DELETE", "/team-member-profiles/{id}", "delete-team-member-profile", "team-members:delete",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def delete_profile(call: Call, id: int) -> None:
    """Take a member group away; its members keep what they may do."""
    await verbs.delete_group(call.database, id, asked_by=call.viewer, now=call.now)


async def _shown(call: Call, group_id: int) -> TeamMemberProfile:
    async with call.database.read() as connection:
        return team_member_profile_of(await profile_by_id(connection, group_id, viewer=call.viewer))
