"""`wattline wallets …`: what is in wallets, money that came by bank, withdrawals to be paid, files of what moved."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.documents.wallet_sheet import csv_pieces, write_workbook
from wattline.domain.amount import exact_minor
from wattline.domain.refusals import Invalid
from wattline.domain.rounding import to_main
from wattline.main.defaults import team_for_commands, viewer_for_commands
from wattline.main.options import Data, Json, number, with_database
from wattline.main.output import show_one, show_rows
from wattline.operations.deposits import Deposit
from wattline.operations.deposits import deposit as put_money_in
from wattline.operations.secrets import unseal
from wattline.operations.wallet_access import decimals_of, wallet_in_view
from wattline.operations.withdrawal_ends import note_paid, refuse_withdrawal
from wattline.queries.portal_wallets import list_wallets
from wattline.queries.wallet_export import movements_in
from wattline.queries.withdrawals import pending_withdrawals
from wattline.settings import Settings

app = App(name="wallets", help="Look into wallets, put money in, pay withdrawals out, save what moved.")

Operator = Annotated[str | None, Parameter(help="Name or identifier of the operator.")]


@app.command
def show(*, operator: Operator = None, data: Data = None, json: Json = False) -> None:
    """Show every wallet of an operator, its teams and people, with what is in it."""

    async def deed(database: Database, _: Settings) -> list[dict[str, object]]:
        viewer = await viewer_for_commands(database, operator, now=datetime.now(UTC))
        async with database.read() as connection:
            lines = await list_wallets(connection, viewer)
            decimals = {each.currency: 2 for each in lines}
            decimals = {currency: await decimals_of(connection, currency) for currency in decimals}
        return [
            {
                "id": line.id, "type": line.owner_type, "owner": line.owner,
                "currency": line.currency.upper(),
                "amount": _text(line.amount_minor, decimals[line.currency]),
                "credit": _text(line.credit_minor, decimals[line.currency]),
                "held": _text(line.held_minor, decimals[line.currency]),
            }
            for line in lines
        ]  # fmt: skip

    show_rows(with_database(data, deed), as_json=json)


@app.command
def deposit(
    amount: Annotated[Decimal, number("In main units, for example 250.00.")],
    *,
    team: Annotated[str | None, Parameter(help="Name or id of the team whose wallet gets it.")] = None,
    credit: Annotated[bool, Parameter(negative="", help="Credit: it can be spent, but not withdrawn.")] = False,
    note: Annotated[str | None, Parameter(help="Stands beside the movement.")] = None,
    id: Annotated[UUID | None, Parameter(help="Give one to be able to repeat this safely.")] = None,
    operator: Operator = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Put money that came by bank transfer, or credit, into a team's wallet."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        team_id = await team_for_commands(database, team, asked_by=viewer, now=now)
        async with database.read() as connection:
            currency: str = await connection.fetchval("select currency from team where id = $1", team_id)
            decimals = await decimals_of(connection, currency)
        new = Deposit(
            id=id or uuid4(), amount_minor=exact_minor(amount, decimals), currency=currency, credit=credit, note=note
        )
        made = await put_money_in(database, "team", team_id, new, asked_by=viewer, now=now)
        return {"id": made, "teamId": team_id, "repeated": made is None}

    show_one(with_database(data, deed), as_json=json)


@app.command
def withdrawals(*, operator: Operator = None, data: Data = None, json: Json = False) -> None:
    """Show the bank transfers that are to be made. Then say `paid`, or `refuse`, with their id."""

    async def deed(database: Database, settings: Settings) -> list[dict[str, object]]:
        viewer = await viewer_for_commands(database, operator, now=datetime.now(UTC))
        async with database.read() as connection:
            pending = await pending_withdrawals(connection, viewer=viewer)
        return [
            {
                "id": each.id, "asked": f"{each.asked_at:%Y-%m-%d %H:%M}", "owner": each.owner,
                "amount": _text(each.amount_minor, each.decimals), "currency": each.currency.upper(),
                "to": each.holder, "iban": unseal(each.iban_sealed, pepper=settings.pepper),
            }
            for each in pending
        ]  # fmt: skip

    show_rows(with_database(data, deed), as_json=json)


@app.command
def paid(withdrawal: int, *, operator: Operator = None, data: Data = None, json: Json = False) -> None:
    """Say that the bank transfer of a withdrawal went out."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        await note_paid(database, withdrawal, asked_by=viewer, now=now)
        return {"id": withdrawal, "state": "paid"}

    show_one(with_database(data, deed), as_json=json)


@app.command
def refuse(
    withdrawal: int,
    *,
    reason: Annotated[str, Parameter(help="Whose wallet it is reads this.")],
    operator: Operator = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Give the money of a withdrawal back to its wallet, with a reason."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        await refuse_withdrawal(database, withdrawal, reason=reason, asked_by=viewer, now=now)
        return {"id": withdrawal, "state": "refused"}

    show_one(with_database(data, deed), as_json=json)


@app.command
def export(
    wallet: Annotated[int, Parameter(help="Id of the wallet, as `wallets show` tells it.")],
    file: Annotated[Path, Parameter(help="Where to write: a name that ends with .csv or .xlsx.")],
    *,
    since: Annotated[date, Parameter(name="--from", help="First day, in UTC.")],
    until: Annotated[date, Parameter(name="--to", help="Last day, in UTC.")],
    operator: Operator = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Save what moved on a wallet in a period, with the VAT of each row."""
    if file.suffix not in (".csv", ".xlsx"):
        raise Invalid("file", "must end with .csv or .xlsx.")
    begin = datetime(since.year, since.month, since.day, tzinfo=UTC)
    end = datetime(until.year, until.month, until.day, tzinfo=UTC) + timedelta(days=1)

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        viewer = await viewer_for_commands(database, operator, now=datetime.now(UTC))
        async with database.read() as connection:
            await wallet_in_view(connection, wallet, viewer)
            movements = movements_in(connection, wallet, since=begin, until=end)
            if file.suffix == ".xlsx":
                await write_workbook(file, movements)
            else:
                with file.open("wb") as out:
                    async for piece in csv_pieces(movements):
                        out.write(piece)
        return {"wallet": wallet, "file": str(file), "bytes": file.stat().st_size}

    show_one(with_database(data, deed), as_json=json)


def _text(amount_minor: int, decimals: int) -> str:
    return f"{to_main(amount_minor, decimals):f}"
