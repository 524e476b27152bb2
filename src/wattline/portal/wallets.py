"""The wallets that the viewer may see, and the page of one: what can be used, its last 30 days, what moved."""

from datetime import datetime, time, timedelta
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.access import Right, may
from wattline.portal.frame import Asked
from wattline.portal.money_plot import DAYS, money_plot
from wattline.portal.wallet_room import may_adjust, may_use
from wattline.portal.wallet_rows import FILTERS, STATES, MovementFilters, movement_days
from wattline.queries.portal_wallet_transactions import list_movements
from wattline.queries.portal_wallets import WalletLine, days_of_money, list_wallets, wallet_line
from wattline.web.drawing import line
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest

PAYS = {
    "source": "Prepaid",
    "invoice": "Pays by invoice",
    "operator_transaction": "Paid through the operator",
}


@get("/wallets")
async def wallets_page(request: PageRequest) -> Response[bytes]:
    """List the wallets."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        wallets = await list_wallets(connection, asked.session.viewer)
        has_own = any(each.owner_type == "user" for each in wallets)
        return await asked.page(
            "wallets.jinja", connection, here="wallets", wallets=wallets, kinds=[_kind(each) for each in wallets],
            has_own=has_own,
        )  # fmt: skip


@get("/wallets/{wallet_id:int}")
async def wallet_page(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Show a wallet."""
    asked = Asked.of(request)
    viewer, formats = asked.session.viewer, asked.session.formats
    filters = MovementFilters.of(wallet_id, request.query_params, formats)
    async with asked.database.read() as connection:
        wallet = await wallet_line(connection, viewer, wallet_id)
        found = await list_movements(connection, viewer, wallet_id, filters.wish(formats))
        last = found.movements[-1] if found.more else None
        return await asked.page(
            "wallet.jinja",
            connection,
            here="wallets",
            wallet=wallet,
            pays=_kind(wallet),
            may_use=may_use(viewer, wallet),
            may_adjust=may_adjust(viewer, wallet),
            filters=filters,
            all_filters=FILTERS,
            states=STATES,
            days=movement_days(found.movements, wallet_id, formats, refundable=may(viewer, Right.REFUND)),
            older=filters.href(before=f"{last.created_at.isoformat()}_{last.id}") if last else "",
            **await _drawn(connection, wallet, formats),
        )


def _kind(wallet: WalletLine) -> str:
    if wallet.owner_type == "team":
        return f"Team, {PAYS[wallet.payment_method].lower()}"
    return "Operator" if wallet.owner_type == "operator" else "Your own"


async def _drawn(connection: Connection, wallet: WalletLine, formats: Formats) -> dict[str, Any]:
    first = formats.local(formats.now).date() - timedelta(days=DAYS - 1)
    start = datetime.combine(first, time(), formats.zone)
    days = await days_of_money(connection, wallet.id, start=start, zone=formats.zone.key)
    balance_minor = wallet.amount_minor + wallet.credit_minor
    plot = money_plot(days, balance_minor, wallet.currency, formats)
    return {"plot": plot, "drawn": line(plot.balances if plot else [])}
