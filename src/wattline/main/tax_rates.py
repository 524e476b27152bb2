"""`wattline tax-rates …`: rates of countries with sales tax, where no VAT comes by itself."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.domain.refusals import Unknown
from wattline.main.defaults import viewer_for_commands
from wattline.main.options import Data, Json, with_database
from wattline.main.output import show_one, show_rows
from wattline.operations import reference_data
from wattline.operations.tax_rates import NewTaxRate, create_tax_rate, delete_tax_rate
from wattline.queries.tax_rates import list_tax_rates
from wattline.settings import Settings

app = App(name="tax-rates", help="Rates of countries with sales tax; VAT comes by itself.")

Operator = Annotated[str | None, Parameter(help="Name or identifier of the operator.")]


@app.command
def show(*, operator: Operator = None, data: Data = None, json: Json = False) -> None:
    """Show the rates, and how many price groups have them."""

    async def deed(database: Database, _: Settings) -> list[dict[str, object]]:
        viewer = await viewer_for_commands(database, operator, now=datetime.now(UTC))
        async with database.read() as connection:
            lines = await list_tax_rates(connection, viewer)
        return [
            {"id": line.id, "country": line.country, "name": line.name, "percent": f"{line.percent.normalize():f}",
             "priceGroups": line.price_groups}
            for line in lines
        ]  # fmt: skip

    show_rows(with_database(data, deed), as_json=json)


@app.command
def add(
    name: Annotated[str, Parameter(help="What stands on receipts, for example California state tax.")],
    percent: Annotated[Decimal, Parameter(help="For example 7.25.")],
    *,
    country: Annotated[str, Parameter(help="Two letters of the country, for example US.")],
    operator: Operator = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Add a rate. Price groups take it in the Portal; several of one price group add up."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        # The server may not have been started yet, which is when countries come in.
        await reference_data.seed(database, now=now)
        viewer = await viewer_for_commands(database, operator, now=now)
        async with database.read() as connection:
            country_id = await connection.fetchval("select id from country where alpha2_code = upper($1)", country)
        if country_id is None:
            raise Unknown("country", country)
        new = NewTaxRate(country_id=country_id, name=name, percent=percent)
        made = await create_tax_rate(database, new, asked_by=viewer, now=now)
        return {"id": made, "name": name, "percent": str(percent)}

    show_one(with_database(data, deed), as_json=json)


@app.command
def remove(rate: int, *, operator: Operator = None, data: Data = None, json: Json = False) -> None:
    """Take a rate away, also from the price groups that have it."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        await delete_tax_rate(database, rate, asked_by=viewer, now=now)
        return {"id": rate, "removed": True}

    show_one(with_database(data, deed), as_json=json)
