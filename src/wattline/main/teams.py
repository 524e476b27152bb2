"""`wattline teams …`: teams, their members, and teams nested in another."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.domain.member import WalletUse
from wattline.domain.refusals import Unknown
from wattline.main.defaults import team_for_commands, viewer_for_commands
from wattline.main.options import Data, Json, with_database
from wattline.main.output import show_one
from wattline.operations.members import NewMember, add_member
from wattline.operations.nested_teams import Nesting, nest_team
from wattline.operations.teams import NewTeam, create_team
from wattline.operations.users import email_key
from wattline.settings import Settings

app = App(name="teams", help="Create teams, add members, nest one team in another.")

Operator = Annotated[str | None, Parameter(help="Name or identifier of the operator.")]


@app.command
def create(
    name: Annotated[str, Parameter(help="Name of the team.")],
    *,
    kind: Annotated[
        str, Parameter(name="--type", help="personal, private, professional or operator.")
    ] = "professional",
    currency: Annotated[str, Parameter(help="Currency of its charge points and its wallet.")] = "eur",
    operator: Operator = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Create a team."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        join_code = secrets.token_hex(4).upper()
        new = NewTeam(name=name, type=kind, currency=currency.lower())
        team_id = await create_team(database, new, asked_by=viewer, join_code=join_code, now=now)
        return {"id": team_id, "name": name, "joinCode": join_code}

    show_one(with_database(data, deed), as_json=json)


@app.command
def add_person(
    email: Annotated[str, Parameter(help="E-mail address of somebody who has an account.")],
    *,
    team: Annotated[str | None, Parameter(help="Name or id of the team.")] = None,
    role: Annotated[str, Parameter(help="user or admin.")] = "user",
    wallet_use: Annotated[
        WalletUse, Parameter(help="Where the team pays: none, team, operator, partner or all.")
    ] = WalletUse.NONE,
    price_group: Annotated[int | None, Parameter(help="Id of the price group they charge at.")] = None,
    operator: Operator = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Make somebody a member of a team."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        new = NewMember(
            team_id=await team_for_commands(database, team, asked_by=viewer, now=now),
            user_id=await _user_id(database, email),
            role=role,
            can_pay_with_team_wallet=wallet_use is not WalletUse.NONE,
            wallet_use=wallet_use,
            price_group_id=price_group,
        )
        member_id = await add_member(database, new, asked_by=viewer, now=now)
        return {"id": member_id, "teamId": new.team_id, "userId": new.user_id}

    show_one(with_database(data, deed), as_json=json)


@app.command
def nest(
    join_code: Annotated[str, Parameter(help="Join code of the team whose members may charge here.")],
    *,
    team: Annotated[str | None, Parameter(help="Name or id of the team that owns the charge points.")] = None,
    price_group: Annotated[int | None, Parameter(help="Id of the price group they charge at.")] = None,
    operator: Operator = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Let another team's members charge at this team's charge points."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        parent = await team_for_commands(database, team, asked_by=viewer, now=now)
        nesting = Nesting(parent_team_id=parent, price_group_id=price_group)
        relation_id = await nest_team(database, nesting, join_code=join_code, accepted=True, asked_by=viewer, now=now)
        return {"id": relation_id, "parentTeamId": parent}

    show_one(with_database(data, deed), as_json=json)


async def _user_id(database: Database, email: str) -> int:
    async with database.read() as connection:
        user_id: int | None = await connection.fetchval("select id from users where email_key = $1", email_key(email))
    if user_id is None:
        raise Unknown("user", email)
    return user_id
