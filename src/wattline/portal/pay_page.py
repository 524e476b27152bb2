"""The page behind the code on a charge point: the price, a card, and the charge it pays; no account needed.

Who pays gets an address with the payment's own key, which nobody can guess: it follows the charge, stops it, and has
the receipt in the end.
"""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.price_choice import NoPrice
from wattline.domain.refusals import IllegalMove, Refusal
from wattline.operations import charges
from wattline.operations.card_payments import CardToPay
from wattline.operations.charge_requests import StartRequest
from wattline.operations.pay_offers import held_for
from wattline.operations.pay_tries import TooManyStarts, count_start
from wattline.operations.signed_links import signed
from wattline.portal.card_field import CardField, card_field
from wattline.portal.frame import render
from wattline.portal.price_groups import prices_at
from wattline.portal.prices import words_of
from wattline.portal.states import charge_look
from wattline.queries.paid_charge import SOURCE, PaidCharge, paid_charge
from wattline.queries.pay_point import PayPoint, pay_point, point_of_charge
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest, answer, go, theme_of

METHOD_MAX = 200
NOT_NOW = {
    "maintenance": "This charge point is under maintenance.",
    "contact": "This charge point has no connection now, so it cannot be started from here.",
    "busy": "Somebody charges here now.",
    "price": "No price is set here yet, so nobody can pay by card. Tell whoever runs this charge point.",
}
HEADERS = {"X-Robots-Tag": "noindex, nofollow"}


@get("/c/{connector_id:int}", opt={"public": True})
async def pay_page(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Show what charging costs here, and take a card."""
    return await _offer(request, await _point(request, connector_id))


@post("/c/{connector_id:int}", opt={"public": True}, status_code=200)
async def pay(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Ask the card and then the charge point; lead to the page that follows the charge."""
    point, state = await _point(request, connector_id), request.app.state
    form: Any = await request.form()
    field, method = card_field(state.settings), str(form.get("method", ""))[:METHOD_MAX]
    if not field.takes(method) and (method or await _costs(request, point)):
        return await _offer(request, point, problem="Choose a card or another way to pay.", status=400)
    card = CardToPay(key=state.chance.uuid(), provider=field.provider, method=method)
    wanted = StartRequest(connector_id=connector_id, start_source=SOURCE, card=card)
    try:
        await count_start(state.database, connector_id, address=_address(request), now=state.clock())
        charge = await charges.request_charge(
            state.database, wanted, asked_by=point.viewer, chance=state.chance, now=state.clock()
        )
    except Refusal as refused:
        status = 429 if isinstance(refused, TooManyStarts) else 409
        return await _offer(request, point, problem=_for_drivers(refused), status=status)
    async with state.database.read() as connection:
        found = await paid_charge(connection, card.key)
    # A free charge has no payment to follow it by; the charge point shows that it runs.
    return go(f"/pay/{card.key}" if found else f"/c/{connector_id}?started={charge.human_readable_id}", request)


@get("/pay/{key:str}", opt={"public": True})
async def paid_page(request: PageRequest, key: FromPath[str]) -> Response[bytes]:
    """Follow a charge, from the card's answer to the receipt."""
    async with request.app.state.database.read() as connection:
        charge, point = await _paid(connection, key)
    return _status(request, key, charge, point)


@post("/pay/{key:str}/stop", opt={"public": True}, status_code=200)
async def stop(request: PageRequest, key: FromPath[str]) -> Response[bytes]:
    """End the charge: what was taken until then is paid."""
    state = request.app.state
    async with state.database.read() as connection:
        charge, point = await _paid(connection, key)
    try:
        await charges.stop_charge(
            state.database, charge.charge_id, asked_by=point.viewer, source=SOURCE, now=state.clock()
        )
    except IllegalMove:
        # It ended meanwhile, which is what was wanted.
        pass
    except Refusal as refused:
        return _status(request, key, charge, point, problem=str(refused))
    return go(f"/pay/{key}", request)


async def _point(request: PageRequest, connector_id: int) -> PayPoint:
    async with request.app.state.database.read() as connection:
        point = await pay_point(connection, connector_id)
    if point is None:
        raise NotFoundException
    return point


async def _paid(connection: Connection, key: str) -> tuple[PaidCharge, PayPoint]:
    charge = await paid_charge(connection, key)
    if charge is None:
        raise NotFoundException
    return charge, await point_of_charge(connection, charge.connector_id)


async def _offer(request: PageRequest, point: PayPoint, *, problem: str = "", status: int = 200) -> Response[bytes]:
    formats, state = _formats(request, point), request.app.state
    held, not_now = None, _not_now(point)
    async with state.database.read() as connection:
        group = (await prices_at(connection, [point.connector_id])).get(point.connector_id)
        try:
            held = await held_for(connection, point.connector_id, point.operator_id, now=state.clock())
        except Refusal as refused:
            not_now = not_now or _for_drivers(refused)
    field = card_field(state.settings)
    words = list(words_of(group, formats)) if group else []
    return _page(
        request, "pay.jinja", field, status=status, point=point, f=formats, price=words, held=held, not_now=not_now,
        problem=problem, started=request.query_params.get("started", "")[:20],
    )  # fmt: skip


def _status(
    request: PageRequest, key: str, charge: PaidCharge, point: PayPoint, *, problem: str = ""
) -> Response[bytes]:
    formats, state = _formats(request, point), request.app.state
    glyph, look = charge_look(charge.state, failed=charge.failed)
    receipt = signed(f"/receipts/{charge.charge_id}/pdf", pepper=state.settings.pepper, now=state.clock())
    return _page(
        request, "paid.jinja", card_field(state.settings), key=key, charge=charge, point=point, f=formats,
        glyph=glyph, word=look.word, problem=problem, receipt=receipt if charge.settled else "",
        asks=charge.payment_state == "needs-action",
        confirmed="confirmed" in request.query_params,
        can_stop=charge.state in ("paying", "starting", "charging", "paused"), over=charge.state == "completed",
    )  # fmt: skip


def _page(
    request: PageRequest, template: str, field: CardField, *, status: int = 200, **values: Any
) -> Response[bytes]:
    headers: Mapping[str, str] = HEADERS | dict(field.headers)
    body = render(template, field=field, theme=theme_of(request), **values)
    return answer(request, body, status=status, headers=headers)


async def _costs(request: PageRequest, point: PayPoint) -> bool:
    """Tell whether money is held here; what refuses a price refuses the start a moment later, in its own words."""
    state = request.app.state
    async with state.database.read() as connection:
        try:
            return bool(await held_for(connection, point.connector_id, point.operator_id, now=state.clock()))
        except Refusal:
            return False


def _not_now(point: PayPoint) -> str:
    why = "maintenance" if point.maintenance else "" if point.in_contact else "contact"
    return NOT_NOW.get(why or ("busy" if point.busy else ""), "")


def _for_drivers(refused: Refusal) -> str:
    """Say why not to somebody who can do nothing about prices."""
    return NOT_NOW["price"] if isinstance(refused, NoPrice) else str(refused)


def _formats(request: PageRequest, point: PayPoint) -> Formats:
    """Write figures as the browser's first language does, and times as at the charge point."""
    language = request.headers.get("accept-language", "en").partition(",")[0].partition(";")[0].strip()[:20] or "en"
    return Formats.of(language, point.time_zone, now=request.app.state.clock())


def _address(request: PageRequest) -> str:
    return request.client.host if request.client else "unknown"
