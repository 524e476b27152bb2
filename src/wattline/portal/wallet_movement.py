"""One transaction of a wallet with everything that is known of it; operators see how the ledger has it, too."""

from litestar import Response, get
from litestar.params import FromPath

from wattline.portal.frame import Asked
from wattline.portal.wallet_rows import movement_row
from wattline.queries.ledger_of_movement import entries_of
from wattline.queries.portal_wallet_transactions import movement_line
from wattline.queries.portal_wallets import wallet_line
from wattline.web.pages import PageRequest

SAID = {
    "reserved": "Set aside until the charge is over. Then its price is taken, and the rest is let go.",
    "pending": "Asked for, and on its way. It becomes complete when the bank or the card says so.",
    "complete": "Booked. It can no longer change; a mistake is put right by another transaction.",
    "failed": "No money moved. What was set aside for it is free again.",
}


@get("/wallets/{wallet_id:int}/transactions/{movement_id:int}")
async def movement_page(request: PageRequest, wallet_id: FromPath[int], movement_id: FromPath[int]) -> Response[bytes]:
    """Show a transaction."""
    asked = Asked.of(request)
    viewer, formats = asked.session.viewer, asked.session.formats
    async with asked.database.read() as connection:
        wallet = await wallet_line(connection, viewer, wallet_id)
        line = await movement_line(connection, wallet_id, movement_id)
        whole = wallet.owner_type != "user" and viewer.team_ids is None
        return await asked.page(
            "wallet_movement.jinja", connection, here="wallets", wallet=wallet, line=line,
            row=movement_row(line, wallet_id, formats, refundable=False), said=SAID.get(line.state, ""),
            entries=await entries_of(connection, movement_id) if whole else None,
        )  # fmt: skip
