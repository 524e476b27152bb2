"""Opening a deeplink, which anybody may: the way it leads, and its picture for a sticker."""

from litestar import Response, get
from litestar.params import FromPath

from wattline.operations.deeplinks import visit
from wattline.portal.qr_code import qr_code
from wattline.web.pages import HEADERS, PageRequest, go


@get("/l/{code:str}", opt={"public": True})
async def open_deeplink(request: PageRequest, code: FromPath[str]) -> Response[bytes]:
    """Lead on, and count the visit."""
    return go(await visit(request.app.state.database, code[:100]), request)


@get("/l/{code:str}/qr.svg", opt={"public": True})
async def deeplink_picture(request: PageRequest, code: FromPath[str]) -> Response[bytes]:
    """Draw the address as a QR code. Whether the link exists, the picture does not tell."""
    web_url = request.app.state.settings.web.url
    svg = str(qr_code(f"{web_url}/l/{code[:100]}")).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return Response(svg.encode(), media_type="image/svg+xml", headers=dict(HEADERS))
