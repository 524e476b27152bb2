"""Members of teams."""

from http import HTTPStatus

from wattline.domain.refusals import Invalid
from wattline.operations import invitations, join_requests, members
from wattline.operations.invitations import Link, NewInvitation
from wattline.partner_api.call import Call
from wattline.partner_api.member_bodies import (
    CreateTeamMember,
    MemberQuery,
    PatchTeamMember,
    changes_of,
    team_named,
    terms_of,
)
from wattline.partner_api.routing import Group
from wattline.queries.partner_people import find_members, member_by_id, members_by_ids
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.people import TeamMember, team_member_of

team_members = Group("Team members")


@team_members.route("GET", "/team-members", "getTeamMembers", "team-members:read")
async def get_members(call: Call, query: MemberQuery) -> Page[TeamMember]:
    """List members, also those who are invited or ask to join."""
    async with call.database.read() as connection:
        found = await find_members(connection, query.as_filter(), query.window, viewer=call.viewer, now=call.now)
        rows = await members_by_ids(connection, found.ids, now=call.now)
    return page_of([team_member_of(row) for row in rows], found, query.window)


@team_members.route("POST", "/team-members", "post-team-member", "team-members:write", success=HTTPStatus.CREATED)
async def create_member(call: Call, body: CreateTeamMember) -> TeamMember:
    """Invite somebody to a team by e-mail or user id. Until they accept, it gives them nothing."""
    if body.phone is not None:
        raise Invalid("phone", "cannot be invited: we send no text messages. Name an email or a userId.")
    new = NewInvitation(
        team_id=team_named(body.team_id),
        email=body.email,
        user_id=body.user_id,
        group_id=body.team_member_profile_id,
        terms=terms_of(body),
        note=body.note,
        partner_external_id=body.partner_external_id,
        partner_custom_payload=body.partner_custom_payload,
    )
    return await _shown(
        call,
        await invitations.invite_member(call.database, new, link=_link(call), asked_by=call.viewer, now=call.now),
    )


@team_members.route("GET", "/team-members/{id}", "getTeamMember", "team-members:read")
async def get_member(call: Call, id: int) -> TeamMember:
    """Show one member."""
    return await _shown(call, id)


@team_members.route("PATCH", "/team-members/{id}", "patchTeamMember", "team-members:write")
async def patch_member(call: Call, id: int, body: PatchTeamMember) -> TeamMember:
    """Change what a member may do. In a profile, the profile says it. What is not sent, or null, stays as it is."""
    await members.edit_member(call.database, id, changes_of(body), asked_by=call.viewer, now=call.now)
    return await _shown(call, id)


@team_members.route(
    "DELETE", "/team-members/{id}", "delete-team-member", "team-members:delete", success=HTTPStatus.NO_CONTENT
)
async def delete_member(call: Call, id: int) -> None:
    """Take somebody out of a team, or an invitation back. Charges that run go on and are paid as they began."""
    await members.remove_member(call.database, id, asked_by=call.viewer, now=call.now)


@team_members.route("POST", "/team-members/{id}/accept", "acceptTeamMemberJoinRequest", "team-members:write")
async def accept_member(call: Call, id: int) -> TeamMember:
    """Let somebody in who asked to join."""
    await join_requests.answer_request(call.database, id, accept=True, asked_by=call.viewer, now=call.now)
    return await _shown(call, id)


@team_members.route("POST", "/team-members/{id}/resend-invite", "resendTeamMemberInvite", "team-members:write")
async def resend_invite(call: Call, id: int) -> TeamMember:
    """Send an invitation again; the link of the one before is over."""
    await invitations.resend_invitation(call.database, id, link=_link(call), asked_by=call.viewer, now=call.now)
    return await _shown(call, id)


async def _shown(call: Call, member_id: int) -> TeamMember:
    async with call.database.read() as connection:
        return team_member_of(await member_by_id(connection, member_id, viewer=call.viewer, now=call.now))


def _link(call: Call) -> Link:
    return Link(token=call.chance.uuid() + call.chance.uuid(), web_url=call.web_url, pepper=call.settings.pepper)
