"""`wattline payment-terminals`: the terminals that stand beside charge points."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.main.defaults import team_for_commands, viewer_for_commands
from wattline.main.options import Data, Json, with_database
from wattline.main.output import show_one
from wattline.operations.payment_terminals import NewTerminal, add_terminal
from wattline.settings import Settings

app = App(name="payment-terminals", help="Add payment terminals.")


@app.command
def create(
    serial: Annotated[str, Parameter(help="What its maker calls it.")],
    *,
    kind: Annotated[str, Parameter(name="--type", help="payter, nayax, cpi, local or other.")] = "other",
    name: Annotated[str | None, Parameter(help="Shown to people. [default: the serial number]")] = None,
    team: Annotated[str | None, Parameter(help="Name or id of the team that owns it.")] = None,
    operator: Annotated[str | None, Parameter(help="Name or identifier of the operator.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Add a terminal; its charge points are assigned over the Partner API."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        team_id = await team_for_commands(database, team, asked_by=viewer, now=now)
        new = NewTerminal(team_id=team_id, type=kind, serial=serial, name=name or serial)
        return {"id": await add_terminal(database, new, asked_by=viewer, now=now), "serial": serial}

    show_one(with_database(data, deed), as_json=json)
