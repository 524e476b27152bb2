"""`wattline ledger verify`: prove the books."""

from cyclopts import App

from wattline.database.connection import Database
from wattline.main.options import Data, Json, with_database
from wattline.main.output import print_json, show_one, show_rows
from wattline.operations.ledger_verify import Verdict
from wattline.operations.ledger_verify import verify as verify_books
from wattline.settings import Settings

app = App(name="ledger", help="Prove the books.")


@app.command
def verify(*, data: Data = None, json: Json = False) -> int:
    """Work every balance out again from the journal, and prove that the sums are zero.

    Prints what is wrong, if anything, and then returns 1. The server may run meanwhile.
    """

    async def deed(database: Database, _: Settings) -> Verdict:
        return await verify_books(database)

    verdict = with_database(data, deed)
    if json:
        print_json(verdict)
    else:
        show_one(counted(verdict), as_json=False)
        if verdict.wrong:
            show_rows(verdict.wrong, as_json=False)
    return 1 if verdict.wrong else 0


def counted(verdict: Verdict) -> dict[str, object]:
    """Say what was looked at, and how much of it is wrong."""
    return {
        "accounts": verdict.accounts,
        "journals": verdict.journals,
        "transfers": verdict.transfers,
        "entries": verdict.entries,
        "wrong": len(verdict.wrong),
    }
