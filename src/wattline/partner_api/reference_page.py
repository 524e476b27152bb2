"""Where the API describes itself: /api/v1/openapi.json for programs, /api/docs for people. No token needed."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from wattline.partner_api.openapi import describe
from wattline.partner_api.routing import Route
from wattline.partner_api.serving import PREFIX
from wattline.wire.partner.shapes import to_json

HttpRequest = Request[Any, Any, Any]


def reference_handlers(routes: Sequence[Route]) -> list[HTTPRouteHandler]:
    """Make the handlers that describe these routes."""

    @cache
    def description(server_url: str) -> bytes:
        return to_json(describe(routes, server_url=server_url))

    @get(f"{PREFIX}/openapi.json", opt={"public": True}, include_in_schema=False)
    async def openapi(request: HttpRequest) -> Response[bytes]:
        return Response(description(_server_url(request)), media_type="application/json")

    return [openapi]


def _server_url(request: HttpRequest) -> str:
    web = request.app.state.settings.web
    return web.public_url or f"http://localhost:{web.port}"
