"""The one web app: Partner API, Portal, health and metrics behind one port."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from wattline.database.bus import Bus
from wattline.database.connection import Database
from wattline.main import health
from wattline.main.metrics import REQUESTS, SECONDS
from wattline.operations.chance import Chance
from wattline.partner_api.app import partner_api_handlers
from wattline.partner_api.errors import answer_exception as partner_api_answer
from wattline.partner_api.serving import PREFIX
from wattline.partner_api.slashes import keep_slashes
from wattline.payments.providers import event_readers
from wattline.portal.app import portal_handlers
from wattline.settings import Settings
from wattline.web.errors import page_for
from wattline.web.payment_pages import payment_pages


def build(
    database: Database, bus: Bus, settings: Settings, *, clock: Callable[[], datetime], chance: Chance
) -> Litestar:
    """Put the doors together over one shared state."""
    at_hand = {"database": database, "bus": bus, "settings": settings, "clock": clock, "chance": chance}
    app = Litestar(
        route_handlers=[
            *partner_api_handlers(),
            *portal_handlers(),
            payment_pages(),
            health.live,
            health.ready,
            health.metrics,
        ],
        state=State(at_hand | {"payment_events": event_readers(settings.payments)}),
        middleware=[counted],
        exception_handlers={Exception: answer_exception},
        openapi_config=None,
        debug=False,
        # Set-up of logging is main/logs.py's; Litestar's own would configure the root logger again.
        logging_config=None,
    )
    return keep_slashes(app, under=PREFIX)


def answer_exception(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer what no handler caught in the words of the door that was asked."""
    if request.url.path.startswith("/api/"):
        return partner_api_answer(request, error)
    return page_for(request, error)


def counted(app: ASGIApp) -> ASGIApp:
    """Count requests and the time they take, whatever door they go through."""

    async def count(scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = scope.get("path_template", "none").replace(":str}", "}")
                REQUESTS.labels(scope.get("method"), route, str(message["status"])).inc()
                SECONDS.observe(time.perf_counter() - began)
            await send(message)

        await app(scope, receive, note)

    return count
