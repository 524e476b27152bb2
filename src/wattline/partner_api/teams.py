"""Teams."""

from http import HTTPStatus

import msgspec

from wattline.domain.refusals import Unknown
from wattline.operations import teams as verbs
from wattline.partner_api.bodies import given
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.partner_api.team_bodies import CreateTeam, PatchTeam, TeamQuery, UpdateTeamState
from wattline.queries.partner_teams import find_teams, team_by_id, teams_by_ids, user_by_email
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.teams import Team, team_of

teams = Group("Teams")

# Two groups of what people can read to each other: 40 bits.
JOIN_CODE_LENGTH = 9


@teams.route("GET", "/teams", "get-teams", "teams:read")
async def get_teams(call: Call, query: TeamQuery) -> Page[Team]:
    """List teams: who owns charge points and pays for charges."""
    async with call.database.read() as connection:
        found = await find_teams(connection, query.as_filter(), query.window, viewer=call.viewer)
        rows = await teams_by_ids(connection, found.ids)
    return page_of([team_of(row) for row in rows], found, query.window)


@teams.route("POST", "/teams", "post-team", "teams:write", success=HTTPStatus.CREATED)
async def create_team(call: Call, body: CreateTeam) -> Team:
    """Add a team. Only keys that see every team may: another would never see what it made."""
    fields = msgspec.structs.asdict(body)
    del fields["user_id"], fields["user_email"], fields["address"], fields["payment_method"]
    new = verbs.NewTeam(
        **fields,
        address=body.address.as_address(),
        payment_method=body.payment_method or "source",
        owner_user_id=await _owner(call, body.user_id, body.user_email),
    )
    join_code = call.chance.human_id()[:JOIN_CODE_LENGTH]
    team_id = await verbs.create_team(call.database, new, asked_by=call.viewer, join_code=join_code, now=call.now)
    return await _shown(call, team_id)


@teams.route("GET", "/teams/{id}", "get-team", "teams:read")
async def get_team(call: Call, id: int) -> Team:
    """Show one team."""
    return await _shown(call, id)


@teams.route("PATCH", "/teams/{id}", "patch-team", "teams:write")
async def patch_team(call: Call, id: int, body: PatchTeam) -> Team:
    """Change a team. What is not sent, or null, stays as it is."""
    changes = given(body)
    owner = await _owner(call, changes.pop("user_id", None), changes.pop("user_email", None))
    if owner is not None:
        changes["owner_user_id"] = owner
    if "address" in changes:
        changes |= msgspec.structs.asdict(changes.pop("address"))
    await verbs.patch_team(call.database, id, changes, asked_by=call.viewer, now=call.now)
    return await _shown(call, id)


@teams.route("DELETE", "/teams/{id}", "delete-team", "teams:delete", success=HTTPStatus.NO_CONTENT)
async def delete_team(call: Call, id: int) -> None:
    """Take a team away, when it has no charge points and no running charges any more."""
    await verbs.delete_team(call.database, id, asked_by=call.viewer, now=call.now)


@teams.route("POST", "/teams/{id}/freeze", "freeze-team", "teams:write")
async def freeze_team(call: Call, id: int, body: UpdateTeamState) -> Team:
    """Freeze a team: it can neither charge nor pay until it is unfrozen."""
    await verbs.freeze_team(call.database, id, reason=body.reason, asked_by=call.viewer, now=call.now)
    return await _shown(call, id)


@teams.route("POST", "/teams/{id}/unfreeze", "unfreeze-team", "teams:write")
async def unfreeze_team(call: Call, id: int) -> Team:
    """Let a team charge and pay again."""
    await verbs.unfreeze_team(call.database, id, asked_by=call.viewer, now=call.now)
    return await _shown(call, id)


async def _shown(call: Call, team_id: int) -> Team:
    async with call.database.read() as connection:
        return team_of(await team_by_id(connection, team_id, viewer=call.viewer))


async def _owner(call: Call, user_id: int | None, email: str | None) -> int | None:
    if user_id is not None or email is None:
        return user_id
    async with call.database.read() as connection:
        found = await user_by_email(connection, email, viewer=call.viewer)
    if found is None:
        raise Unknown("user", email)
    return found
