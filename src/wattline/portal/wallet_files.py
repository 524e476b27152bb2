"""Files of a wallet's period: what moved as a workbook, and the receipts in one ZIP, made by the worker."""

import tempfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from wattline.database.connection import Connection, Database
from wattline.documents.bundles import zip_of
from wattline.documents.wallet_sheet import write_workbook
from wattline.domain.refusals import Invalid, Unknown
from wattline.operations.receipt_bundles import DAYS_MAX, BundleRequest, ask_for_bundle
from wattline.portal.addresses import moment
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.wallet_room import tried
from wattline.queries.portal_wallets import WalletLine, wallet_line
from wattline.queries.receipt_bundles import BundleLine, bundles_of_wallet
from wattline.queries.wallet_export import movements_in
from wattline.web.formats import Formats
from wattline.web.pages import HEADERS, PageRequest, go

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PIECE_BYTES = 256 * 1024


@get("/wallets/{wallet_id:int}/files")
async def files_page(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Ask for a period, and show which receipts were ordered."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        return await _show(asked, connection, wallet_id, None)


@get("/wallets/{wallet_id:int}/files/orders")
async def orders_part(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Show how far the orders have come, for a page that is open."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        wallet = await wallet_line(connection, asked.session.viewer, wallet_id)
        return asked.fragment("wallet_orders.jinja", wallet=wallet, **await _orders(asked, connection, wallet))


@get("/wallets/{wallet_id:int}/transactions.xlsx")
async def wallet_workbook(request: PageRequest, wallet_id: FromPath[int]) -> Stream:
    """Hand out what moved in a period, with the VAT of each row."""
    asked = Asked.of(request)
    query, formats = request.query_params, asked.session.formats
    async with asked.database.read() as connection:
        await wallet_line(connection, asked.session.viewer, wallet_id)
    since, until = _period(query.get("from", ""), query.get("to", ""), formats)
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="wallet-{wallet_id}.xlsx"'}
    return Stream(_workbook(asked.database, wallet_id, since, until), media_type=XLSX, headers=headers)


@post("/wallets/{wallet_id:int}/receipts", status_code=200)
async def order_receipts(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Order the receipts of a period."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        await wallet_line(connection, asked.session.viewer, wallet_id)
    done = await tried(form, _order(asked, wallet_id, form), {"period": "from", "toAddress": "address"})
    if isinstance(done, Form):
        async with asked.database.read() as connection:
            return await _show(asked, connection, wallet_id, done)
    return go(f"/wallets/{wallet_id}/files", request)


@get("/wallets/{wallet_id:int}/receipts/{bundle_id:int}")
async def fetch_receipts(request: PageRequest, wallet_id: FromPath[int], bundle_id: FromPath[int]) -> Stream:
    """Hand out an order that is ready."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        await wallet_line(connection, asked.session.viewer, wallet_id)
        known = {each.id for each in await bundles_of_wallet(connection, wallet_id)}
    if bundle_id not in known:
        raise Unknown("receipts", bundle_id)
    pieces = await zip_of(asked.database, bundle_id)
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="receipts-{bundle_id}.zip"'}
    return Stream(pieces, media_type="application/zip", headers=headers)


async def _order(asked: Asked, wallet_id: int, form: Form) -> int:
    since, until = _period(form["from"], form["to"], asked.session.formats)
    wanted = BundleRequest(wallet_id=wallet_id, from_at=since, until_at=until, to_address=form["address"])
    return await ask_for_bundle(asked.database, wanted, asked_by=asked.session.viewer, now=asked.session.now)


def _period(first: str, last: str, formats: Formats) -> tuple[datetime, datetime]:
    """Read a period of whole days in the viewer's calendar. Raises Invalid."""
    since, until = moment(first, formats), moment(last, formats)
    if since is None or until is None:
        raise Invalid("period", "needs a first and a last day.")
    return since, until + timedelta(days=1)


async def _workbook(database: Database, wallet_id: int, since: datetime, until: datetime) -> AsyncIterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="wattline-") as folder:
        path = Path(folder) / "wallet.xlsx"
        async with database.read() as connection:
            await write_workbook(path, movements_in(connection, wallet_id, since=since, until=until))
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece


async def _show(asked: Asked, connection: Connection, wallet_id: int, form: Form | None) -> Response[bytes]:
    wallet = await wallet_line(connection, asked.session.viewer, wallet_id)
    today = asked.session.formats.local(asked.session.now).date()
    address: str = await connection.fetchval("select email from users where id = $1", asked.session.viewer.user_id)
    texts = {"from": f"{today.replace(day=1)}", "to": f"{today}", "address": address}
    return await asked.page(
        "wallet_files.jinja", connection, here="wallets", status=400 if form else 200, wallet=wallet,
        form=form or Form(texts), days_max=DAYS_MAX, **await _orders(asked, connection, wallet),
    )  # fmt: skip


async def _orders(asked: Asked, connection: Connection, wallet: WalletLine) -> dict[str, object]:
    orders = await bundles_of_wallet(connection, wallet.id)
    return {"orders": [(each, _words(each, asked.session.formats)) for each in orders],
            "running": any(each.ready_at is None for each in orders)}  # fmt: skip


def _words(order: BundleLine, formats: Formats) -> str:
    last = order.until_at - timedelta(seconds=1)
    return f"{formats.local(order.from_at):%Y-%m-%d} to {formats.local(last):%Y-%m-%d}"
