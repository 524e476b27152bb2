"""Operator and team for commands that were told none: both called Default, made when they are first needed."""

import secrets
from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.operations.operators import create_operator, viewer_of_operator
from wattline.operations.teams import NewTeam, create_team

NAME = "Default"
IDENTIFIER = "DEF"
ASKER = "command line"


async def viewer_for_commands(database: Database, operator: str | None, *, now: datetime) -> Viewer:
    """Return who the command line acts as: the operator with this name or identifier, else the first one.

    Makes the operator Default in an empty database. Raises Unknown for a name that fits none.
    """
    async with database.read() as connection:
        operator_id: int | None = await connection.fetchval(
            "select id from operator where $1::text is null or $1 in (name, identifier) order by id limit 1", operator
        )
    if operator_id is None and operator is not None:
        raise Unknown("operator", operator)
    if operator_id is None:
        operator_id = await create_operator(database, NAME, identifier=IDENTIFIER, now=now)
    return await viewer_of_operator(database, operator_id, name=ASKER)


async def team_for_commands(database: Database, team: str | None, *, asked_by: Viewer, now: datetime) -> int:
    """Return the team with this name or id, else the operator's first; makes Default when there is none."""
    async with database.read() as connection:
        team_id: int | None = await connection.fetchval(
            """select id from team where operator_id = $1 and deleted_at is null
                 and ($2::text is null or $2 in (name, id::text)) order by id limit 1""",
            asked_by.operator_id,
            team,
        )
    if team_id is None and team is not None:
        raise Unknown("team", team)
    if team_id is None:
        code = secrets.token_hex(4).upper()
        team_id = await create_team(database, NewTeam(name=NAME), asked_by=asked_by, join_code=code, now=now)
    return team_id
