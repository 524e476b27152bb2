"""`wattline tariffs show` and `import`: tariffs, and hourly prices that come from a file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.domain.tariff_hours import read_tariff_file
from wattline.main.defaults import viewer_for_commands
from wattline.main.options import Data, Json, with_database
from wattline.main.output import show_one, show_rows
from wattline.operations.tariff_imports import import_hours
from wattline.queries.portal_tariffs import list_tariff_lines, tariff_line
from wattline.settings import Settings

app = App(name="tariffs", help="Show tariffs, bring their hourly prices in.")

Operator = Annotated[str | None, Parameter(help="Name or identifier of the operator.")]


@app.command
def show(*, operator: Operator = None, data: Data = None, json: Json = False) -> None:
    """Show the tariffs, what they ask for now, and until when their prices are known."""

    async def deed(database: Database, _: Settings) -> list[dict[str, object]]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        async with database.read() as connection:
            lines = await list_tariff_lines(connection, viewer, now=now)
        return [
            {"id": line.id, "name": line.name, "team": line.team, "type": line.tariff_type, "now": line.price_now,
             "currency": line.currency.upper(), "knownUntil": line.known_to, "priceGroups": line.price_groups}
            for line in lines
        ]  # fmt: skip

    show_rows(with_database(data, deed), as_json=json)


@app.command(name="import")
def import_(
    file: Annotated[Path, Parameter(help="CSV in UTF-8: an hour and a price in each line, without holes.")],
    *,
    tariff: Annotated[int, Parameter(help="Id of a DYNAMIC tariff, as `tariffs show` tells it.")],
    operator: Operator = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Publish hourly prices. The file is taken whole or not at all; hours that have begun keep their price."""
    content = file.read_bytes()

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        async with database.read() as connection:
            line = await tariff_line(connection, viewer, tariff, now=now)
        steps = read_tariff_file(content, time_zone=line.time_zone)
        done = await import_hours(database, tariff, steps, asked_by=viewer, now=now)
        return {"tariff": tariff, "hours": len(steps), "written": done.written, "kept": done.kept}

    show_one(with_database(data, deed), as_json=json)
