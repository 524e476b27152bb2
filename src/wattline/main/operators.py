"""`wattline operators …`: tenants and their sub-operators."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.main.defaults import viewer_for_commands
from wattline.main.options import Data, Json, with_database
from wattline.main.output import show_one, show_rows
from wattline.operations.operators import create_operator
from wattline.queries.operators import operator_tree
from wattline.settings import Settings

app = App(name="operators", help="Create operators, show them with their sub-operators.")


@app.command
def show(*, data: Data = None, json: Json = False) -> None:
    """Show every operator, its sub-operators below it, and how much each has."""

    async def deed(database: Database, _: Settings) -> list[dict[str, object]]:
        async with database.read() as connection:
            lines = await operator_tree(connection)
        return [
            {"id": line.id, "name": line.name, "identifier": line.identifier, "under": line.parent,
             "teams": line.teams, "chargePoints": line.charge_points}
            for line in lines
        ]  # fmt: skip

    show_rows(with_database(data, deed), as_json=json)


@app.command
def create(
    name: Annotated[str, Parameter(help="Name of the operator.")],
    *,
    identifier: Annotated[str, Parameter(help="Short unique name; EVSE ids begin with its letters.")],
    under: Annotated[str | None, Parameter(help="Name or identifier of the operator it belongs to.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Create an operator. It sees nothing of the others, but the one it belongs to sees everything of it."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        parent = (await viewer_for_commands(database, under, now=now)).operator_id if under else None
        operator_id = await create_operator(database, name, identifier=identifier, parent_operator_id=parent, now=now)
        return {"id": operator_id, "name": name, "identifier": identifier}

    show_one(with_database(data, deed), as_json=json)
