"""Members, member groups and nested teams, and bodies about them, for tables over all routes."""

from collections.abc import Mapping
from typing import Any

from tests.doors.partner_api.story import Stage, Tenant
from wattline.operations.deeplinks import Destination, create_deeplink
from wattline.operations.invitations import Link, NewInvitation, invite_member
from wattline.operations.member_groups import NewGroup, create_group
from wattline.operations.nested_teams import Nesting, nest_team
from wattline.operations.teams import NewTeam, create_team
from wattline.operations.users import NewUser, create_user


def link(stage: Stage) -> Link:
    """Make the link of a letter."""
    return Link(token=stage.chance.uuid(), web_url="http://wattline.test", pepper=b"pepper of the tests")


async def make_people(stage: Stage, tenant: Tenant) -> Mapping[str, int]:
    """Invite a member, make a group and nest a team; return ids by the paths they are used in."""
    viewer, now, operator_id = tenant.viewer, stage.clock(), tenant.viewer.operator_id
    who: dict[str, Any] = {"asked_by": viewer, "now": now}
    email = f"driver-{operator_id}@wattline.example"
    user = NewUser(operator_id=operator_id, email=email, display_name="Demo driver", role="Driver")
    user_id = await create_user(stage.database, user, password="long enough it is", now=now)
    new = NewInvitation(team_id=tenant.team_id, email=f"guest-{operator_id}@wattline.example")
    member_id = await invite_member(stage.database, new, link=link(stage), **who)
    group = NewGroup(team_id=tenant.team_id, name="Employees")
    group_id = await create_group(stage.database, group, **who)
    below = await create_team(stage.database, NewTeam(name="Tenants"), join_code=f"below-{operator_id}", **who)
    nesting = Nesting(parent_team_id=tenant.team_id)
    relation_id = await nest_team(stage.database, nesting, join_code=f"below-{operator_id}", accepted=False, **who)
    link_id = await create_deeplink(
        stage.database, Destination(url="https://wattline.example/"), comment=None, operator_id=None,
        code=f"code-{operator_id}", **who,
    )  # fmt: skip
    async with stage.database.read() as connection:
        event_id = await connection.fetchval("select max(id) from audit where operator_id = $1", operator_id)
    return {
        "deeplink": link_id, "event": event_id, "user": user_id, "below": below,
        "/team-members": member_id, "/team-member-profiles": group_id,
        "/nested-teams": relation_id,
    }  # fmt: skip


def people_bodies(tenant: Tenant, people: Mapping[str, int]) -> dict[str, Any]:
    """Write complete bodies."""
    return {
        "post-team-member": {"teamId": tenant.team_id, "email": "new@wattline.example", "role": "user"},
        "patchTeamMember": {"note": "Night shift"},
        "post-team-member-profile": {
            "teamId": tenant.team_id, "name": "Guests", "description": "", "role": "user",
            "teamWalletChargePaymentType": "none", "canPayForChargesCountryIds": [],
        },
        "updateTeamMemberProfile": {"description": "Everybody"},
        "invite": {
            "parentTeamId": people["below"], "nestedTeamId": tenant.team_id, "priceGroupId": 1, "access": "all",
        },
        "updateNestedTeam": {"note": "Until summer"},
        "post-deeplink": {"destinationType": "LINK", "destination": {"url": "https://wattline.example/there"}},
        "patch-deeplink": {"comment": "On the door"},
    }  # fmt: skip
