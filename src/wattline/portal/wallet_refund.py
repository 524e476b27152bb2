"""Giving money back: how much and why, a summary of what will happen, and what came of it.

The refund gets its id when the dialog opens, so that however often it is sent, money goes back once.
"""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.refund import NOTE_LETTERS_MAX, amount_back, checked_note, checked_percent, vat_back
from wattline.domain.refusals import Invalid, NotReady, Refusal
from wattline.operations.refunds import refund
from wattline.portal import outcomes
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.wallet_rows import can_be_refunded
from wattline.queries.portal_wallet_transactions import MovementLine, movement_line
from wattline.queries.portal_wallets import WalletLine, wallet_line
from wattline.web.pages import PageRequest


@get("/wallets/{wallet_id:int}/refunds/{movement_id:int}")
async def refund_dialog(request: PageRequest, wallet_id: FromPath[int], movement_id: FromPath[int]) -> Response[bytes]:
    """Ask how much is given back, and why."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        wallet, paid = await _load(asked, connection, wallet_id, movement_id)
        form = Form({"id": str(uuid4()), "percent": "100", "note": ""})
        return await _answer(asked, connection, wallet, paid, form)


@post("/wallets/{wallet_id:int}/refunds/{movement_id:int}", status_code=200)
async def do_refund(request: PageRequest, wallet_id: FromPath[int], movement_id: FromPath[int]) -> Response[bytes]:
    """Show what will happen; once that is confirmed, do it and say what came of it."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        wallet, paid = await _load(asked, connection, wallet_id, movement_id, again=True)
        try:
            summary = _summary(paid, form)
        except Invalid as refusal:
            return await _answer(asked, connection, wallet, paid, form.refused(refusal))
        except NotReady as refusal:
            if not form["confirmed"]:
                return await _answer(asked, connection, wallet, paid, form.wrong("percent", str(refusal)))
            summary = {}
        if not form["confirmed"]:
            return await _answer(asked, connection, wallet, paid, form, summary=summary)
    return await _done(asked, wallet, paid, form)


async def _done(asked: Asked, wallet: WalletLine, paid: MovementLine, form: Form) -> Response[bytes]:
    try:
        made = await refund(
            asked.database,
            paid.id,
            refund_id=_id(form),
            percent=_percent(form),
            note=form["note"],
            asked_by=asked.session.viewer,
            now=asked.session.now,
        )
    except Refusal as refusal:
        said = outcomes.say_refusal("Refund", refusal)
    else:
        said = outcomes.Said("green", "completed", f"Refund {made}: the money is back with {paid.giver}", form["note"])
    values: dict[str, Any] = {"said": [said], "settings": (), "link": "", "link_label": ""}
    back = f"/wallets/{wallet.id}"
    if "hx-request" in asked.request.headers:
        return asked.fragment("outcome.jinja", **values | {"link": back, "link_label": "Show it in the list"})
    async with asked.database.read() as connection:
        return await asked.page("money_outcome.jinja", connection, here="wallets", back=back, **values)


async def _load(
    asked: Asked, connection: Connection, wallet_id: int, movement_id: int, *, again: bool = False
) -> tuple[WalletLine, MovementLine]:
    wallet = await wallet_line(connection, asked.session.viewer, wallet_id)
    paid = await movement_line(connection, wallet_id, movement_id)
    if not again and not can_be_refunded(paid, wallet_id):
        raise NotFoundException
    return wallet, paid


def _summary(paid: MovementLine, form: Form) -> dict[str, int]:
    """Work out what goes back. Raises Invalid, and NotReady when less than that is left."""
    percent = checked_percent(_percent(form))
    checked_note(form["note"])
    back_minor = amount_back(paid.amount_minor, percent=percent, refunded_minor=paid.refunded_minor)
    vat_minor = vat_back(paid.vat_minor, paid.amount_minor, refunded_minor=paid.refunded_minor, amount_minor=back_minor)
    return {"back_minor": back_minor, "vat_minor": vat_minor}


def _percent(form: Form) -> Decimal:
    try:
        return Decimal(form["percent"].replace(",", ".").removesuffix("%").strip())
    except InvalidOperation:
        raise Invalid("percent", "must be a number, such as 50.") from None


def _id(form: Form) -> UUID:
    try:
        return UUID(form["id"])
    except ValueError:
        raise Invalid("id", "is missing. Open the dialog again.") from None


async def _answer(
    asked: Asked,
    connection: Connection,
    wallet: WalletLine,
    paid: MovementLine,
    form: Form,
    *,
    summary: dict[str, int] | None = None,
) -> Response[bytes]:
    values: dict[str, Any] = {"wallet": wallet, "paid": paid, "form": form, "summary": summary}
    values["note_max"] = NOTE_LETTERS_MAX
    if "hx-request" in asked.request.headers:
        return asked.fragment("wallet_refund.jinja", **values)
    status = 400 if form.problems else 200
    return await asked.page("wallet_refund_page.jinja", connection, here="wallets", status=status,
                            csrf=asked.session.csrf, **values)  # fmt: skip
