"""Codes of an app on the page of one's account: setting up, turning off, recovery codes."""

import secrets

import pyotp
from litestar import Response, get, post

from wattline.domain.one_time_code import (
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    RECOVERY_LETTERS,
    address_for_app,
    written,
)
from wattline.domain.refusals import Invalid, NotReady
from wattline.operations.login_tries import TooManyTries, count_code
from wattline.operations.one_time_codes import (
    keep_waiting_secret,
    renew_recovery_codes,
    turn_off,
    turn_on,
    waiting_secret,
)
from wattline.operations.secrets import NONCE_BYTES
from wattline.portal.account import ROOM, account
from wattline.portal.account_proof import must_prove, prove_first
from wattline.portal.doorstep import keep_step, site_of, step_of
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.qr_code import qr_code
from wattline.web.pages import PageRequest, go
from wattline.web.session import new_token

CODES = f"{ROOM}/codes"


@get(CODES)
async def codes_page(request: PageRequest) -> Response[bytes]:
    """Show a new secret as a QR code; it counts only once a first code came back."""
    asked, token, secret = Asked.of(request), new_token(), pyotp.random_base32()
    if must_prove(asked):
        return prove_first(asked, CODES)
    await keep_waiting_secret(
        asked.database, secret, user=asked.session.user, token=token, nonce=secrets.token_bytes(NONCE_BYTES),
        pepper=request.app.state.settings.pepper, now=asked.session.now,
    )  # fmt: skip
    answered = await _page(asked, secret)
    keep_step(request, answered, token)
    return answered


@post(CODES, status_code=200)
async def codes_on(request: PageRequest) -> Response[bytes]:
    """Ask for codes from now on, and show the recovery codes, this once."""
    asked, form, pepper = Asked.of(request), await Form.of(request), request.app.state.settings.pepper
    if must_prove(asked):
        return prove_first(asked, CODES)
    recovery, user, now = _recovery_codes(), asked.session.user, asked.session.now
    try:
        await count_code(asked.database, user.id, now=now)
        await turn_on(
            asked.database, form["code"], recovery_codes=recovery, nonce=secrets.token_bytes(NONCE_BYTES), user=user,
            session_id=asked.session.id, token=step_of(request), pepper=pepper, now=now,
        )  # fmt: skip
    except Invalid as refused:
        secret = await waiting_secret(asked.database, user=user, token=step_of(request), pepper=pepper, now=now)
        return await _page(asked, secret, form.refused(refused))
    except (NotReady, TooManyTries) as refused:
        return await account(asked, Form(), refused=refused)
    return await _show_recovery_codes(asked, recovery)


@post(f"{CODES}/off", status_code=200)
async def codes_off(request: PageRequest) -> Response[bytes]:
    """Ask for no codes any more."""
    asked = Asked.of(request)
    if must_prove(asked):
        return prove_first(asked)
    await turn_off(asked.database, user=asked.session.user, now=asked.session.now)
    return go(f"{ROOM}?said=codes-off", request)


@post(f"{CODES}/recovery", status_code=200)
async def new_recovery_codes(request: PageRequest) -> Response[bytes]:
    """Make new recovery codes and show them, this once."""
    asked, recovery = Asked.of(request), _recovery_codes()
    if must_prove(asked):
        return prove_first(asked)
    try:
        await renew_recovery_codes(
            asked.database, recovery, user=asked.session.user, pepper=request.app.state.settings.pepper,
            now=asked.session.now,
        )  # fmt: skip
    except NotReady as refused:
        return await account(asked, Form(), refused=refused)
    return await _show_recovery_codes(asked, recovery)


async def _page(asked: Asked, secret: str, form: Form | None = None) -> Response[bytes]:
    form = form or Form()
    address = address_for_app(secret, email=asked.session.user.email, server=site_of(asked.request).name)
    async with asked.database.read() as connection:
        return await asked.page(
            "account_codes.jinja", connection, here="account", status=400 if form.problems else 200, form=form,
            code=qr_code(address), secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        )  # fmt: skip


async def _show_recovery_codes(asked: Asked, codes: list[str]) -> Response[bytes]:
    async with asked.database.read() as connection:
        return await asked.page(
            "account_recovery.jinja", connection, here="account", codes=[written(code) for code in codes]
        )


def _recovery_codes() -> list[str]:
    return ["".join(secrets.choice(RECOVERY_LETTERS) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
