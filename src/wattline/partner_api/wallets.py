"""Wallets of operators and teams."""

from wattline.domain.refusals import Invalid
from wattline.operations.wallets import contents_of, wallet_by_id
from wattline.partner_api.bodies import Id, PageQuery
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.partner_wallets import find_wallets, wallet_for, wallets_by_ids
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.wallets import Wallet, balance_of, wallet_of

wallets = Group("Wallets")


class WalletQuery(PageQuery, kw_only=True):
    """Whose wallets: a team's, or an operator's own. One of the two must be there."""

    team_id: Id | None = None
    operator_id: Id | None = None


@wallets.route("GET", "/wallets", "get-wallets", "wallet-transactions:read")
async def get_wallets(call: Call, query: WalletQuery) -> Page[Wallet]:
    """List the wallets of a team or an operator, one for each currency. Lists tell no balance; ask for one wallet."""
    if query.team_id is None and query.operator_id is None:
        raise Invalid("teamId", "or operatorId must be given.")
    async with call.database.read() as connection:
        found = await find_wallets(
            connection, query.window, team_id=query.team_id, operator_id=query.operator_id, viewer=call.viewer
        )
        rows = await wallets_by_ids(connection, found.ids)
    return page_of([wallet_of(row) for row in rows], found, query.window)


@wallets.route("GET", "/wallets/{walletId}", "get-wallet", "wallet-transactions:read")
async def get_wallet(call: Call, wallet_id: int) -> Wallet:
    """Show one wallet with its balance: money, held parts included, and credit, which cannot be withdrawn."""
    async with call.database.read() as connection:
        row = await wallet_for(connection, wallet_id, viewer=call.viewer)
        wallet = await wallet_by_id(connection, wallet_id)
        contents = (await contents_of(connection, [wallet]))[wallet_id]
    balance = balance_of(contents.amount_minor, contents.credit_minor, decimals=row["currency_decimals"])
    return wallet_of(row, balance)
