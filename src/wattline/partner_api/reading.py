"""Reading the body of a request, up to a limit."""

from typing import Any

from litestar import Request

from wattline.partner_api.errors import BodyTooLarge

HttpRequest = Request[Any, Any, Any]

# The longest body the contract knows is a partnerCustomPayload with its site; this is a hundred of them.
BODY_BYTES_MAX = 256 * 1024


async def read_body(request: HttpRequest) -> bytes:
    """Read the body up to our limit. Raises BodyTooLarge."""
    told = request.headers.get("content-length", "0")
    body = bytearray()
    if not told.isdigit() or int(told) <= BODY_BYTES_MAX:
        async for part in request.stream():
            body += part
            if len(body) > BODY_BYTES_MAX:
                break
        else:
            return bytes(body)
    raise BodyTooLarge(f"The body is longer than {BODY_BYTES_MAX // 1024} KiB.")
