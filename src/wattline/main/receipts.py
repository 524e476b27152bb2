"""`wattline receipts`: all receipts of a wallet's period as one file, by mail."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.main.defaults import viewer_for_commands
from wattline.main.options import Data, Json, with_database
from wattline.main.output import show_one, show_rows
from wattline.operations.receipt_bundles import BundleRequest, ask_for_bundle
from wattline.queries.receipt_bundles import bundles_of
from wattline.settings import Settings

app = App(name="receipts", help="Get the receipts of a period as one file.")


@app.command
def send(
    *,
    wallet: Annotated[int, Parameter(help="Whose wallet, by its id.")],
    first: Annotated[datetime, Parameter(help="First day, for example 2026-01-01.")],
    last: Annotated[datetime, Parameter(help="Last day; at most 365 days.")],
    to: Annotated[str, Parameter(help="Mail address.")],
    operator: Annotated[str | None, Parameter(help="Name or identifier of the operator.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Have the worker put together the receipts of all charges paid from or to a wallet, and send them by mail."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        wanted = BundleRequest(
            wallet_id=wallet, from_at=_day(first), until_at=_day(last) + timedelta(days=1), to_address=to
        )
        return {"id": await ask_for_bundle(database, wanted, asked_by=viewer, now=now)}

    show_one(with_database(data, deed), as_json=json)


@app.command(name="list")
def list_(
    *,
    operator: Annotated[str | None, Parameter(help="Name or identifier of the operator.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show what was ordered, and how far it has come."""

    async def deed(database: Database, _: Settings) -> list[dict[str, object]]:
        viewer = await viewer_for_commands(database, operator, now=datetime.now(UTC))
        async with database.read() as connection:
            return [dict(row) for row in await bundles_of(connection, viewer)]

    show_rows(with_database(data, deed), as_json=json)


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
