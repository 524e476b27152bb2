"""`wattline spot-prices import` and `sample`: what the market asks for a kWh."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.domain.spot_file import Priced, read_spot_file, sample_days
from wattline.main.options import Data, Json, with_database
from wattline.main.output import show_one
from wattline.operations import reference_data
from wattline.operations.spot_prices import import_prices
from wattline.settings import Settings

app = App(name="spot-prices", help="Bring in spot prices of electricity.")

Area = Annotated[str, Parameter(help="The bidding area, for example DK1.")]
Currency = Annotated[str, Parameter(help="The currency of the prices, for example dkk.")]


@app.command(name="import")
def import_(
    file: Annotated[Path, Parameter(help="CSV: a time with its offset, and a price, per hour or quarter of an hour.")],
    *,
    area: Area,
    currency: Currency,
    per_mwh: Annotated[bool, Parameter(negative="", help="Prices are per MWh, not per kWh.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Import prices without VAT. Those of times that are over stay as they were: charges were paid with them."""
    prices = read_spot_file(file.read_text("utf-8-sig"), per_mwh=per_mwh)

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        return await _keep(database, area, currency, prices, now=datetime.now(UTC))

    show_one(with_database(data, deed), as_json=json)


@app.command
def sample(*, area: Area = "DK1", currency: Currency = "dkk", data: Data = None, json: Json = False) -> None:
    """Write ten days of sample prices around today, for trying things without a market."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        days = sample_days(reference_data.sample_day(currency), now)
        return await _keep(database, area, currency, days, now=now)

    show_one(with_database(data, deed), as_json=json)


async def _keep(
    database: Database, area: str, currency: str, prices: Sequence[Priced], *, now: datetime
) -> dict[str, object]:
    # The server may not have been started yet, which is when areas and currencies come in.
    await reference_data.seed(database, now=now)
    done = await import_prices(database, area, currency, prices, now=now)
    return {"area": area, "currency": currency, "written": done.written, "kept": done.kept}
