"""A team that somebody makes for themselves, where the operator lets anybody in."""

from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.naming import checked_name
from wattline.domain.refusals import NotReady
from wattline.operations.operators import viewer_of_operator
from wattline.operations.teams import NewTeam, create_team
from wattline.operations.users import User

# More teams than a family or a small company has; whoever needs others asks the operator.
OWN_TEAMS_MAX = 5


async def found_team(database: Database, name: str, *, user: User, join_code: str, now: datetime) -> int:
    """Make a team that a person owns, and return its id. Raises Invalid, and NotReady where that is not wanted."""
    name = checked_name(name, field="team")
    async with database.read() as connection:
        row = await connection.fetchrow(MAY, user.operator_id, user.id)
    assert row is not None
    if not row["sign_up_open"]:
        raise NotReady("Teams are made by the operator here. Ask to be invited to one.")
    if row["teams"] >= OWN_TEAMS_MAX:
        raise NotReady(f"You own {row['teams']} teams already. Ask the operator for more.")
    asker = await viewer_of_operator(database, user.operator_id, name=user.display_name)
    new = NewTeam(name=name, type="private", contact_email=user.email, owner_user_id=user.id)
    return await create_team(database, new, asked_by=asker, join_code=join_code, now=now)


MAY = """
select sign_up_open, (select count(*) from team where owner_user_id = $2 and deleted_at is null) as teams
from operator where id = $1
"""
