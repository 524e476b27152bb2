"""The movements of a wallet as a file for a spreadsheet, filtered as the page is."""

import csv
import io
from collections.abc import AsyncIterator
from decimal import Decimal

from babel.numbers import get_currency_precision
from litestar import Response, get
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.portal.export import cell
from wattline.portal.frame import Asked
from wattline.portal.money_words import kind_words, outside_words
from wattline.portal.wallet_rows import MovementFilters
from wattline.queries.portal_wallet_transactions import MovementLine, list_movements
from wattline.queries.portal_wallets import wallet_line
from wattline.web.pages import HEADERS, PageRequest

COLUMNS = (
    "time", "what", "from", "to", "state", "charge", "energy_kwh", "amount", "vat", "vat_percent", "currency", "note",
    "asked_by", "id",
)  # fmt: skip
# More rows than this open in no spreadsheet; a shorter period is asked for then.
ROWS_MAX = 100_000
AT_ONCE = 2_000


@get("/wallets/{wallet_id:int}/transactions.csv")
async def wallet_csv(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Hand out the movements that the page's filters choose, amounts signed as this wallet sees them."""
    asked = Asked.of(request)
    filters = MovementFilters.of(wallet_id, request.query_params, asked.session.formats)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    async with asked.database.read() as connection:
        await wallet_line(connection, asked.session.viewer, wallet_id)
        async for line in _lines(asked, connection, filters):
            writer.writerow([cell(value, asked.session.formats) for value in _cells(line, wallet_id)])
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="wallet-{wallet_id}.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv", headers=headers)


async def _lines(asked: Asked, connection: Connection, filters: MovementFilters) -> AsyncIterator[MovementLine]:
    before = filters.before
    for _ in range(ROWS_MAX // AT_ONCE):
        wish = filters.wish(asked.session.formats, before=before, limit=AT_ONCE)
        found = await list_movements(connection, asked.session.viewer, filters.wallet_id, wish)
        for line in found.movements:
            yield line
        if not found.more:
            return
        before = (found.movements[-1].created_at, found.movements[-1].id)


def _cells(line: MovementLine, wallet_id: int) -> list[object]:
    outside = outside_words(line.kind)
    sign = 1 if line.to_wallet_id == wallet_id else -1
    decimals = get_currency_precision(line.currency.upper())
    return [
        line.at, kind_words(line.kind), line.giver or outside, line.taker or outside, line.state, line.charge_name,
        None if line.energy_wh is None else Decimal(line.energy_wh).scaleb(-3),
        Decimal(sign * line.amount_minor).scaleb(-decimals), Decimal(sign * line.vat_minor).scaleb(-decimals),
        line.vat_percent, line.currency.upper(), line.note, line.asked_by, line.id,
    ]  # fmt: skip
