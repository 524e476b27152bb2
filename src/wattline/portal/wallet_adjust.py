"""What operators do to wallets by hand: move money to another wallet, or give credit. Both say why."""

from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.access import Right
from wattline.domain.refund import checked_note
from wattline.domain.refusals import Invalid, NotAllowed
from wattline.operations.deposits import Deposit, deposit
from wattline.operations.refunds import Adjustment, adjust
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.wallet_room import may_adjust, tried, typed_amount, typed_id
from wattline.queries.portal_wallets import WalletLine, list_wallets, wallet_line
from wattline.web.pages import PageRequest, go

BY_FIELD = {"note": "note", "toWalletId": "other"}


@get("/wallets/{wallet_id:int}/adjust")
async def adjust_page(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Ask what, how much and why."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        return await _ask(asked, connection, wallet_id, Form({"id": str(uuid4()), "deed": "out"}))


@post("/wallets/{wallet_id:int}/adjust", status_code=200)
async def do_adjust(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Do it."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        wallet = await _wallet(asked, connection, wallet_id)
    done = await tried(form, _do(asked, wallet, form), BY_FIELD)
    if isinstance(done, Form):
        async with asked.database.read() as connection:
            return await _ask(asked, connection, wallet_id, done)
    return go(f"/wallets/{wallet_id}", request)


async def _do(asked: Asked, wallet: WalletLine, form: Form) -> None:
    viewer, now = asked.session.viewer, asked.session.now
    amount_minor = typed_amount(form, "amount", wallet.currency)
    note = checked_note(form["note"])
    if form["deed"] == "credit":
        given = Deposit(id=typed_id(form), amount_minor=amount_minor, currency=wallet.currency, credit=True, note=note)
        await deposit(asked.database, wallet.owner_type, wallet.owner_id, given, asked_by=viewer, now=now)
        return
    other = form.number("other")
    if other is None:
        raise Invalid("other", "must be chosen.")
    if form["deed"] not in ("in", "out"):
        raise Invalid("all", "Choose what is to happen with the money.")
    giver, taker = (other, wallet.id) if form["deed"] == "in" else (wallet.id, other)
    new = Adjustment(id=typed_id(form), from_wallet_id=giver, to_wallet_id=taker, amount_minor=amount_minor, note=note)
    await adjust(asked.database, new, asked_by=viewer, now=now)


async def _wallet(asked: Asked, connection: Connection, wallet_id: int) -> WalletLine:
    wallet = await wallet_line(connection, asked.session.viewer, wallet_id)
    if not may_adjust(asked.session.viewer, wallet):
        raise NotAllowed(needed=f"to {Right.MOVE_MONEY}")
    return wallet


async def _ask(asked: Asked, connection: Connection, wallet_id: int, form: Form) -> Response[bytes]:
    wallet = await _wallet(asked, connection, wallet_id)
    seen = await list_wallets(connection, asked.session.viewer)
    others: list[tuple[Any, str]] = [
        (each.id, each.owner)
        for each in seen
        if each.id != wallet_id and each.currency == wallet.currency and each.owner_type != "user"
    ]
    return await asked.page(
        "wallet_adjust.jinja", connection, here="wallets", status=400 if form.problems else 200, wallet=wallet,
        form=form, others=others,
    )  # fmt: skip
