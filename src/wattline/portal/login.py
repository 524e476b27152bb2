"""Logging in and out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import PermissionDeniedException
from litestar.params import Body, FromQuery

from wattline.operations import login_tries, sessions, users
from wattline.portal.frame import render
from wattline.web import session as web_session
from wattline.web.pages import PageRequest, answer, go, safe_next, theme_of

LOGIN_COOKIE = "wattline_login"
# Drivers have the driver app; the Portal is for an operator's people.
ROLES = {"Admin", "OperationsManager", "Bookkeeper", "SupportAgent"}
WRONG = "E-mail or password is wrong."


@dataclass(frozen=True, slots=True)
class LogIn:
    """The form."""

    email: str = ""
    password: str = ""
    csrf: str = ""
    next: str = ""


@get("/login", opt={"public": True})
async def login_page(request: PageRequest, next: FromQuery[str] = "") -> Response[bytes]:
    """Show the form. Its token is also in a cookie that no other site can read or set."""
    return _form(request, wish=next, token=request.cookies.get(LOGIN_COOKIE) or web_session.new_token())


@post("/login", opt={"public": True}, status_code=200)
async def log_in(
    request: PageRequest, data: Annotated[LogIn, Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> Response[bytes]:
    """Open a session and go where the visitor wanted to, or show the form again and say no more than needed."""
    token = request.cookies.get(LOGIN_COOKIE, "")
    if not token or not web_session.matches(data.csrf, token):
        raise PermissionDeniedException("The log-in form was not ours.")
    state, address = request.app.state, request.client.host if request.client else "unknown"
    try:
        await login_tries.count_try(state.database, email=data.email, address=address, now=state.clock())
    except login_tries.TooManyTries as refused:
        return _form(request, wish=data.next, token=token, email=data.email, problem=str(refused), status=429)
    user = await users.check_password(state.database, data.email, data.password)
    if user is None or user.role not in ROLES:
        return _form(request, wish=data.next, token=token, email=data.email, problem=WRONG, status=401)
    await login_tries.forget_tries(state.database, email=data.email)
    return await _let_in(request, user.id, data.next, address)


async def _let_in(request: PageRequest, user_id: int, wish: str, address: str) -> Response[bytes]:
    state, token, lasts = request.app.state, web_session.new_token(), request.app.state.settings.web.session_days
    await sessions.open_session(
        state.database,
        user_id,
        token=token,
        csrf_token=web_session.new_token(),
        pepper=state.settings.pepper,
        lasts=timedelta(days=lasts),
        address=address,
        user_agent=request.headers.get("user-agent", "")[:300],
        now=state.clock(),
    )
    answered = go(safe_next(wish), request)
    answered.set_cookie(web_session.cookie(request, web_session.COOKIE, token, max_age=lasts * 86_400))
    answered.delete_cookie(LOGIN_COOKIE)
    return answered


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


def _form(
    request: PageRequest, *, wish: str, token: str, email: str = "", problem: str = "", status: int = 200
) -> Response[bytes]:
    body = render(
        "login.jinja",
        theme=theme_of(request),
        csrf=web_session.mask(token),
        next=safe_next(wish, ""),
        email=email,
        problem=problem,
        host=request.headers.get("host", ""),
    )
    answered = answer(request, body, status=status)
    answered.set_cookie(web_session.cookie(request, LOGIN_COOKIE, token, max_age=3600))
    return answered
