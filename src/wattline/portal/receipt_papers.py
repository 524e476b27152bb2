"""Receipts as files: of a charge one sees in the Portal, and behind signed links for those who never log in."""

import re
from collections.abc import Mapping

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from wattline.documents.bundles import zip_of
from wattline.documents.press import Press, PressBusy
from wattline.operations.signed_links import opens
from wattline.portal.frame import Asked
from wattline.queries.portal_charge import charge_page
from wattline.queries.receipts import Receipt, receipt_of
from wattline.web.pages import HEADERS, PageRequest


@get("/charges/{charge_id:int}/receipt.pdf")
async def charge_receipt(request: PageRequest, charge_id: FromPath[int]) -> Response[bytes]:
    """Hand out the receipt of a charge that the viewer sees."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        await charge_page(connection, asked.session.viewer, charge_id)
        receipt = await receipt_of(connection, charge_id)
    return await pdf_answer(request, receipt)


@get("/receipts/{charge_id:int}/pdf", opt={"public": True})
async def signed_receipt(
    request: PageRequest, charge_id: FromPath[int], ends: FromQuery[str] = "", signature: FromQuery[str] = ""
) -> Response[bytes]:
    """Hand out a receipt to whoever has the link that the Partner API made."""
    _must_open(request, ends, signature)
    async with request.app.state.database.read() as connection:
        receipt = await receipt_of(connection, charge_id)
    return await pdf_answer(request, receipt)


@get("/receipts/bundles/{bundle_id:int}", opt={"public": True})
async def signed_bundle(
    request: PageRequest, bundle_id: FromPath[int], ends: FromQuery[str] = "", signature: FromQuery[str] = ""
) -> Stream:
    """Hand out the receipts of a period to whoever got the letter, as they are packed."""
    _must_open(request, ends, signature)
    pieces = await zip_of(request.app.state.database, bundle_id)
    return Stream(pieces, media_type="application/zip", headers=_file(f"receipts-{bundle_id}.zip"))


async def pdf_answer(request: PageRequest, receipt: Receipt | None) -> Response[bytes]:
    """Answer with the PDF; 404 when there is nothing to give, 503 when too many want one."""
    if receipt is None or receipt.priced is None:
        raise NotFoundException
    try:
        pdf = await Press.of(request.app.state).receipt(receipt)
    except PressBusy as busy:
        return Response(str(busy).encode(), status_code=503, media_type="text/plain", headers={"Retry-After": "2"})
    name = re.sub(r"[^A-Za-z0-9-]", "", receipt.human_readable_id)
    return Response(pdf, media_type="application/pdf", headers=_file(f"receipt-{name}.pdf"))


def _must_open(request: PageRequest, ends: str, signature: str) -> None:
    state = request.app.state
    if not opens(request.url.path, ends, signature, pepper=state.settings.pepper, now=state.clock()):
        raise NotFoundException


def _file(name: str) -> Mapping[str, str]:
    return dict(HEADERS) | {"Content-Disposition": f'inline; filename="{name}"', "X-Robots-Tag": "noindex, nofollow"}
