"""What the pages before the log-in share: forms that are ours, an even pace, and letting somebody in."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from litestar import Response
from litestar.exceptions import PermissionDeniedException

from wattline.operations import log_ins
from wattline.operations.log_ins import Browser
from wattline.operations.passkeys import Site
from wattline.operations.users import User
from wattline.portal.frame import render
from wattline.web import session as web_session
from wattline.web.pages import PageRequest, answer, go, parts_of, safe_next, theme_of

FORM_COOKIE = "wattline_login"
# Names the ticket of a log-in that is half-way: a code, a passkey's challenge, a way out to an identity provider.
STEP_COOKIE = "wattline_step"
STEP_SECONDS = 600
# Longer than hashing a password and writing a letter take: whoever measures learns nothing of who has an account.
EVEN_SECONDS = 0.3
CHALLENGE_BYTES = 32


def show(request: PageRequest, template: str, *, status: int = 200, **values: Any) -> Response[bytes]:
    """Show a page with forms to somebody without a session. Its token is also in a cookie no other site can set."""
    token = request.cookies.get(FORM_COOKIE) or web_session.new_token()
    body = render(
        template, theme=theme_of(request), csrf=web_session.mask(token), host=request.headers.get("host", ""), **values
    )
    answered = answer(request, body, status=status)
    answered.set_cookie(web_session.cookie(request, FORM_COOKIE, token, max_age=3600))
    return answered


async def must_be_our_form(request: PageRequest) -> None:
    """Refuse a form that we did not show to this browser."""
    token = request.cookies.get(FORM_COOKIE, "")
    if not token or not web_session.matches(await web_session.sent_csrf(request), token):
        raise PermissionDeniedException("The form was not ours.")


async def typed(request: PageRequest, name: str) -> str:
    """Read a password as it was typed, blanks and all."""
    sent: Any = await request.form()
    return str(sent.get(name, ""))


@asynccontextmanager
async def in_even_time(since: float | None = None) -> AsyncIterator[None]:
    """Let an answer take as long whatever was found; `since` when its work began (the loop's time), else now."""
    loop = asyncio.get_running_loop()
    ends = (loop.time() if since is None else since) + EVEN_SECONDS
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, ends - loop.time()))


async def enter(request: PageRequest, user: User, *, how: str, wish: str) -> Response[bytes]:
    """Open a new session for somebody who proved who they are, and go where they wanted to."""
    state, token = request.app.state, web_session.new_token()
    lasts: int = state.settings.web.session_days
    await log_ins.let_in(
        state.database,
        user,
        how=how,
        browser=browser_of(request),
        token=token,
        csrf_token=web_session.new_token(),
        pepper=state.settings.pepper,
        lasts=timedelta(days=lasts),
        now=state.clock(),
    )
    answered = go(safe_next(wish), request)
    answered.set_cookie(web_session.cookie(request, web_session.COOKIE, token, max_age=lasts * 86_400))
    answered.delete_cookie(FORM_COOKIE)
    answered.delete_cookie(STEP_COOKIE)
    return answered


def keep_step(request: PageRequest, answered: Response[Any], token: str) -> None:
    """Let the browser keep the name of a ticket for the next step."""
    answered.set_cookie(web_session.cookie(request, STEP_COOKIE, token, max_age=STEP_SECONDS))


def step_of(request: PageRequest) -> str:
    """Return the name of the ticket this browser holds; empty when it holds none."""
    return request.cookies.get(STEP_COOKIE, "")


def address_of(request: PageRequest) -> str:
    """Return where the request comes from."""
    return request.client.host if request.client else "unknown"


def browser_of(request: PageRequest) -> Browser:
    """Describe who knocks."""
    return Browser(
        address=address_of(request),
        user_agent=request.headers.get("user-agent", "")[:300],
        token_before=request.cookies.get(web_session.COOKIE, ""),
    )


def site_of(request: PageRequest) -> Site:
    """Return where the browser is, as passkeys are bound to it: the public address when there is one.

    Without one it is what the browser asked for. Nobody gains by lying: browsers sign the address they really see.
    """
    url = request.app.state.settings.web.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
    parts = parts_of(url)
    return Site(origin=f"{parts.scheme}://{parts.netloc}", name=parts.hostname or "")


def challenge() -> bytes:
    """Make what a passkey has to sign."""
    return secrets.token_bytes(CHALLENGE_BYTES)
