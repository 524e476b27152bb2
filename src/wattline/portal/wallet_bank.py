"""Money that leaves a wallet: its bank account, withdrawals now and every month, and what became of them."""

import secrets
from uuid import uuid4

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.refusals import NotAllowed, Unknown
from wattline.domain.withdrawal import minimum_minor
from wattline.operations.bank_accounts import BankAccount, set_bank_account, withdraw_monthly
from wattline.operations.secrets import NONCE_BYTES
from wattline.operations.withdrawal_ends import note_paid, refuse_withdrawal
from wattline.operations.withdrawals import Withdrawal, withdraw
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.wallet_room import (
    WalletRoom,
    may_adjust,
    plain_amount,
    tried,
    typed_amount,
    typed_id,
    typed_passcode,
)
from wattline.queries.portal_wallets import wallet_line
from wattline.queries.wallet_settings import wallet_settings, withdrawals_of
from wattline.web.pages import PageRequest, go

STATES = {"pending": ("pending", "With the bank"), "paid": ("complete", "Paid"), "refused": ("failed", "Refused")}


@get("/wallets/{wallet_id:int}/withdraw")
async def withdraw_page(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Ask how much leaves, and show what left before."""
    return await _show(Asked.of(request), wallet_id, None)


@post("/wallets/{wallet_id:int}/withdraw", status_code=200)
async def do_withdraw(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Ask for a bank transfer."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        room = await WalletRoom.of(asked, connection, wallet_id)
    return await _end(asked, wallet_id, await tried(form, _withdraw(asked, room, form)))


@post("/wallets/{wallet_id:int}/withdraw-monthly", status_code=200)
async def set_monthly(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Let the wallet empty itself every month, or no longer."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        room = await WalletRoom.of(asked, connection, wallet_id)
    return await _end(asked, wallet_id, await tried(form, _set_monthly(asked, room, form), {"leave": "leave"}))


@post("/wallets/{wallet_id:int}/withdrawals/{movement_id:int}", status_code=200)
async def end_withdrawal(request: PageRequest, wallet_id: FromPath[int], movement_id: FromPath[int]) -> Response[bytes]:
    """Note that the operator's bank transfer went out, or will not."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        wallet = await wallet_line(connection, asked.session.viewer, wallet_id)
        known = {each.movement_id for each in await withdrawals_of(connection, wallet_id)}
    if not may_adjust(asked.session.viewer, wallet):
        raise NotAllowed(needed="to deposit and withdraw money")
    if movement_id not in known:
        raise Unknown("withdrawal", movement_id)
    return await _end(asked, wallet_id, await tried(form, _end_one(asked, movement_id, form), {"note": "reason"}))


@get("/wallets/{wallet_id:int}/bank-account")
async def bank_page(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Ask where withdrawals go."""
    return await _show_bank(Asked.of(request), wallet_id, Form())


@post("/wallets/{wallet_id:int}/bank-account", status_code=200)
async def set_bank(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Change where withdrawals go."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        room = await WalletRoom.of(asked, connection, wallet_id)
    done = await tried(form, _set_bank(asked, room, form))
    if isinstance(done, Form):
        return await _show_bank(asked, wallet_id, done)
    return go(f"/wallets/{wallet_id}/withdraw", request)


async def _withdraw(asked: Asked, room: WalletRoom, form: Form) -> None:
    new = Withdrawal(id=typed_id(form), amount_minor=typed_amount(form, "amount", room.wallet.currency))
    await withdraw(
        asked.database, room.wallet.id, new, asked_by=asked.session.viewer, passcode=typed_passcode(asked, form),
        now=asked.session.now,
    )  # fmt: skip


async def _set_monthly(asked: Asked, room: WalletRoom, form: Form) -> None:
    leave_minor = typed_amount(form, "leave", room.wallet.currency, or_zero=True)
    await withdraw_monthly(
        asked.database, room.wallet.id, on=form["switch"] != "off", leave_minor=leave_minor,
        asked_by=asked.session.viewer, passcode=typed_passcode(asked, form), now=asked.session.now,
    )  # fmt: skip


async def _end_one(asked: Asked, movement_id: int, form: Form) -> None:
    viewer, now = asked.session.viewer, asked.session.now
    if form["deed"] == "paid":
        await note_paid(asked.database, movement_id, asked_by=viewer, now=now)
    else:
        await refuse_withdrawal(asked.database, movement_id, reason=form["reason"], asked_by=viewer, now=now)


async def _set_bank(asked: Asked, room: WalletRoom, form: Form) -> None:
    nonce = secrets.token_bytes(NONCE_BYTES)
    await set_bank_account(
        asked.database, room.wallet.id, BankAccount(iban=form["iban"], holder=form["holder"], nonce=nonce),
        asked_by=asked.session.viewer, passcode=typed_passcode(asked, form), now=asked.session.now,
    )  # fmt: skip


async def _end(asked: Asked, wallet_id: int, done: Form | None) -> Response[bytes]:
    if done is None:
        return go(f"/wallets/{wallet_id}/withdraw", asked.request)
    return await _show(asked, wallet_id, done)


async def _show(asked: Asked, wallet_id: int, form: Form | None) -> Response[bytes]:
    async with asked.database.read() as connection:
        room = await WalletRoom.of(asked, connection, wallet_id)
        return await _filled(asked, connection, room, form)


async def _filled(asked: Asked, connection: Connection, room: WalletRoom, form: Form | None) -> Response[bytes]:
    wallet = room.wallet
    settings = await wallet_settings(connection, wallet.id)
    texts = {"id": str(uuid4()), "leave": plain_amount(settings.withdraw_leave_minor, wallet.currency)}
    return await room.page(
        asked, connection, "wallet_withdraw.jinja", form or Form(texts), settings=settings, states=STATES,
        withdrawals=await withdrawals_of(connection, wallet.id), least=minimum_minor(wallet.currency),
        ends=may_adjust(asked.session.viewer, wallet),
    )  # fmt: skip


async def _show_bank(asked: Asked, wallet_id: int, form: Form) -> Response[bytes]:
    async with asked.database.read() as connection:
        room = await WalletRoom.of(asked, connection, wallet_id)
        settings = await wallet_settings(connection, wallet_id)
        return await room.page(asked, connection, "wallet_bank.jinja", form, settings=settings)
