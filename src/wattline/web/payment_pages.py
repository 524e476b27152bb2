"""What payment providers call, and what people see on the way to them: signed events, the sandbox's pretended bank."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated

from jinja2 import Environment
from litestar import Response, Router, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath, FromQuery

from wattline.domain.payment_provider import EventRefused
from wattline.operations import sandbox_bank
from wattline.operations.payment_events import take_event
from wattline.web.errors import page_for
from wattline.web.pages import PageRequest, answer, environment, go, safe_next, theme_of
from wattline.web.session import refuse_other_sites

# A provider's event is a few KB; nobody has signed anything yet when we begin to read.
EVENT_BYTES_MAX = 512 * 1024


@post("/{provider:str}/events", status_code=200, request_max_body_size=EVENT_BYTES_MAX)
async def take(request: PageRequest, provider: FromPath[str]) -> Response[bytes]:
    """Take a signed event. 200 for a repeat too, or it would be sent again for days; 400 when it is not signed."""
    state = request.app.state
    read = state.payment_events.get(provider)
    if read is None:
        raise NotFoundException
    now, body = state.clock(), await request.body()
    try:
        event = read(body, request.headers, now)
    except EventRefused as refused:
        return Response(str(refused).encode(), status_code=400, media_type="text/plain")
    await take_event(state.database, provider, event, now=now)
    return Response(b"", status_code=200, media_type="text/plain")


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """The sandbox bank's form."""

    answer: str = ""


@get("/sandbox/{ref:str}")
async def sandbox_page(request: PageRequest, ref: FromPath[str], back: FromQuery[str] = "") -> Response[bytes]:
    """Show the pretended bank's question; who knows the reference may answer it, and goes `back`."""
    stands = await sandbox_bank.standing(request.app.state.database, ref)
    if stands is None:
        raise NotFoundException
    body = (
        _templates()
        .get_template("sandbox.jinja")
        .render(stands=stands, back=safe_next(back, ""), theme=theme_of(request))
    )
    return answer(request, body)


@post("/sandbox/{ref:str}", status_code=200)
async def sandbox_answer(
    request: PageRequest,
    ref: FromPath[str],
    data: Annotated[BankAnswer, Body(media_type=RequestEncodingType.URL_ENCODED)],
    back: FromQuery[str] = "",
) -> Response[bytes]:
    """Take the answer, and show what came of it."""
    refuse_other_sites(request)
    await sandbox_bank.confirm(request.app.state.database, ref, approve=data.answer == "approve")
    return go(safe_next(back, f"/payments/sandbox/{ref}"), request)


@get("/done")
async def done_page(request: PageRequest) -> Response[bytes]:
    """Where a bank's own page sends people back to."""
    return answer(request, _templates().get_template("payment_done.jinja").render(theme=theme_of(request)))


def payment_pages() -> Router:
    """Return the handlers; the app's state must hold `database`, `clock` and `payment_events`."""
    return Router(
        "/payments",
        route_handlers=[take, sandbox_page, sandbox_answer, done_page],
        exception_handlers={Exception: page_for},
        include_in_schema=False,
    )


@cache
def _templates() -> Environment:
    return environment()
