"""`wattline fees add`: who takes what part of every sale."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.domain.fees import FeeKind
from wattline.domain.refusals import Invalid
from wattline.main.defaults import viewer_for_commands
from wattline.main.options import Data, Json, number, with_database
from wattline.main.output import show_one
from wattline.operations.fee_rules import add_fee_rule
from wattline.settings import Settings

app = App(name="fees", help="Say who takes what part of every sale.")


@app.command
def add(
    *,
    percent: Annotated[Decimal | None, number("Percent of the price without VAT.")] = None,
    per_kwh: Annotated[Decimal | None, number("Amount for each kWh, for example 0.02.")] = None,
    currency: Annotated[str | None, Parameter(help="Only sales in this currency; needed with --per-kwh.")] = None,
    platform: Annotated[bool, Parameter(negative="", help="For the platform, on everybody's sales.")] = False,
    operator: Annotated[str | None, Parameter(help="Name or identifier of the operator that takes it.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Take a fee from every sale, from now on. Charges that have begun pay what holds when they end."""
    if (percent is None) == (per_kwh is None):
        raise Invalid("percent", "give either --percent or --per-kwh.")

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        rule_id = await add_fee_rule(
            database,
            operator_id=None if platform else viewer.operator_id,
            kind=FeeKind.PERCENT if per_kwh is None else FeeKind.PER_KWH,
            value=(percent if per_kwh is None else per_kwh) or Decimal(),
            currency=currency.lower() if currency else None,
            asked_by=viewer,
            now=now,
        )
        return {"id": rule_id, "for": "platform" if platform else viewer.operator_id}

    show_one(with_database(data, deed), as_json=json)
