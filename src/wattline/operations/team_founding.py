"""Teams that people make for themselves, at the operator where their account is at home."""

from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.naming import checked_name
from wattline.domain.refusals import Invalid, NotReady
from wattline.operations.teams import NewTeam, create_team

TYPES = ("private", "professional")
# Enough for a person's home and company; whoever needs more is helped by the operator.
OWN_TEAMS_MAX = 5


async def found_team(
    database: Database, name: str, *, type: str, asked_by: Viewer, join_code: str, now: datetime
) -> int:
    """Make a team that its founder owns, and return its id. Raises Invalid, and NotReady for one too many."""
    if type not in TYPES:
        raise Invalid("type", "choose one.")
    async with database.read() as connection:
        founder = await connection.fetchrow(FOUNDER, asked_by.user_id)
    assert founder is not None
    if founder["teams"] >= OWN_TEAMS_MAX:
        raise NotReady(f"You own {OWN_TEAMS_MAX} teams already. Ask the operator to make another for you.")
    new = NewTeam(
        name=checked_name(name), type=type, contact_email=founder["email"], owner_user_id=asked_by.user_id,
        currency=founder["currency"],
    )  # fmt: skip
    home = founder["operator_id"]
    # Founding is the one thing that reaches beyond a person's own view: into the operator that took their account.
    host = Viewer(name=asked_by.name, operator_id=home, operator_ids=(home,), user_id=asked_by.user_id)
    return await create_team(database, new, asked_by=host, join_code=join_code, now=now)


FOUNDER = """
select u.operator_id, u.email,
  (select count(*) from team t where t.owner_user_id = u.id and t.deleted_at is null) as teams,
  coalesce((select t.currency from team t where t.operator_id = u.operator_id and t.deleted_at is null
            order by t.id limit 1), 'eur') as currency
from users u where u.id = $1
"""
