"""Where the API describes itself: /api/v1/openapi.json for programs, /api/docs for people. No token needed."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from wattline.partner_api.openapi import describe
from wattline.partner_api.openapi_words import ABOUT
from wattline.partner_api.reference_operations import chapters
from wattline.partner_api.routing import Route
from wattline.partner_api.serving import PREFIX
from wattline.web.pages import answer, environment, theme_of
from wattline.wire.partner.shapes import to_json

HttpRequest = Request[Any, Any, Any]

TEMPLATES = Path(__file__).parent / "templates"


def reference_handlers(routes: Sequence[Route]) -> list[HTTPRouteHandler]:
    """Make the handlers that describe these routes."""

    @cache
    def description(server_url: str) -> bytes:
        return to_json(describe(routes, server_url=server_url))

    @cache
    def page(server_url: str, theme: str) -> str:
        template = environment(TEMPLATES).get_template("reference.jinja")
        about = ABOUT.strip().split("\n* ")
        groups = chapters(routes, msgspec.json.decode(description(server_url)))
        return template.render(theme=theme, about=about, groups=groups, base_url=server_url + PREFIX)

    @get(f"{PREFIX}/openapi.json", opt={"public": True}, include_in_schema=False)
    async def openapi(request: HttpRequest) -> Response[bytes]:
        return Response(description(_server_url(request)), media_type="application/json")

    @get("/api/docs", opt={"public": True}, include_in_schema=False)
    async def docs(request: HttpRequest) -> Response[bytes]:
        return answer(request, page(_server_url(request), theme_of(request)))

    return [openapi, docs]


def _server_url(request: HttpRequest) -> str:
    web = request.app.state.settings.web
    return web.public_url or f"http://localhost:{web.port}"
