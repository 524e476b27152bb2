"""Logging in with a password, and out."""

import asyncio

from litestar import Response, get, post
from litestar.params import FromQuery

from wattline.operations import log_ins, login_tries, sessions, users
from wattline.operations.sign_ups import open_operators
from wattline.operations.single_sign_on import any_provider
from wattline.portal.doorstep import (
    address_of,
    enter,
    in_even_time,
    keep_step,
    must_be_our_form,
    show,
    typed,
)
from wattline.portal.forms import Form
from wattline.web import session as web_session
from wattline.web.pages import PageRequest, go, safe_next

WRONG = "E-mail or password is wrong."
SAID = {
    "reset": "Your password is changed, and you are logged out everywhere. Log in with the new one.",
    "email": "Your new address is confirmed. Log in with it from now on.",
    "made": "Your account is ready. Log in with your password.",
}


@get("/login", opt={"public": True})
async def login_page(request: PageRequest, next: FromQuery[str] = "", said: FromQuery[str] = "") -> Response[bytes]:
    """Show the form, and the other ways in."""
    return await _form(request, wish=next, said=SAID.get(said, ""))


@post("/login", opt={"public": True}, status_code=200)
async def log_in(request: PageRequest) -> Response[bytes]:
    """Open a session and go where the visitor wanted to, or show the form again and say no more than needed."""
    await must_be_our_form(request)
    form, password = await Form.of(request), await typed(request, "password")
    state, address, email = request.app.state, address_of(request), form["email"]
    try:
        await login_tries.count_try(state.database, email=email, address=address, now=state.clock())
    except login_tries.TooManyTries as refused:
        return await _form(request, wish=form["next"], email=email, problem=str(refused), status=429)
    began = asyncio.get_running_loop().time()
    user = await users.check_password(state.database, email, password)
    if user is None:
        async with in_even_time(began):
            await log_ins.note_refused(state.database, email, address=address, now=state.clock())
        return await _form(request, wish=form["next"], email=email, problem=WRONG, status=401)
    await login_tries.forget_tries(state.database, email=email)
    async with state.database.read() as connection:
        half_way = await log_ins.needs_code(connection, user)
    if half_way:
        return await _ask_for_code(request, user, form["next"])
    return await enter(request, user, how="password", wish=form["next"])


@post("/logout", status_code=200)
async def log_out(request: PageRequest) -> Response[bytes]:
    """End the session here and in the database."""
    state = request.app.state
    token = request.cookies.get(web_session.COOKIE, "")
    await sessions.close_session(state.database, token, pepper=state.settings.pepper)
    answered = go("/login", request)
    answered.delete_cookie(web_session.COOKIE)
    answered.headers["Clear-Site-Data"] = '"cache"'
    return answered


async def _ask_for_code(request: PageRequest, user: users.User, wish: str) -> Response[bytes]:
    state, token = request.app.state, web_session.new_token()
    await log_ins.begin_second_step(
        state.database, user, wish=safe_next(wish), token=token, pepper=state.settings.pepper, now=state.clock()
    )
    answered = go("/login/code", request)
    keep_step(request, answered, token)
    return answered


async def _form(
    request: PageRequest, *, wish: str, email: str = "", problem: str = "", said: str = "", status: int = 200
) -> Response[bytes]:
    async with request.app.state.database.read() as connection:
        company, sign_up = await any_provider(connection), bool(await open_operators(connection))
    return show(
        request, "login.jinja", status=status, next=safe_next(wish, ""), email=email, problem=problem, said=said,
        company=company, sign_up=sign_up,
    )  # fmt: skip
