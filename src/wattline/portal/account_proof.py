"""Proving again who one is, before something is changed that opens the account to others."""

from litestar import Response, get, post
from litestar.params import FromQuery

from wattline.operations.account_sessions import FRESH_FOR, renew_session
from wattline.operations.log_ins import note_refused
from wattline.operations.login_tries import TooManyTries, count_try, forget_tries
from wattline.operations.passkeys import PasskeyRefused, ask_for_passkey, check_passkey, passkeys_of
from wattline.operations.users import check_password
from wattline.portal.doorstep import address_of, challenge, keep_step, site_of, step_of, typed
from wattline.portal.frame import Asked
from wattline.portal.login_passkey import as_json
from wattline.queries.portal_account import has_password
from wattline.web import session as web_session
from wattline.web.pages import PageRequest, go, safe_next

ROOM = "/account/prove"


def must_prove(asked: Asked) -> bool:
    """Tell whether it is too long ago that this person proved who they are."""
    return asked.session.now - asked.session.proven_at > FRESH_FOR


def prove_first(asked: Asked, back: str = "/account") -> Response[bytes]:
    """Send somebody to prove who they are, and back to where they can do it then."""
    return go(f"{ROOM}?next={back}", asked.request)


@get(ROOM)
async def proof_page(request: PageRequest, next: FromQuery[str] = "") -> Response[bytes]:
    """Ask for the password or a passkey."""
    return await _page(Asked.of(request), wish=next)


@post(ROOM, status_code=200)
async def prove_by_password(request: PageRequest) -> Response[bytes]:
    """Look at the password; tries are counted with those to log in."""
    asked, password = Asked.of(request), await typed(request, "password")
    email, address, wish = asked.session.user.email, address_of(request), await typed(request, "next")
    try:
        await count_try(asked.database, email=email, address=address, now=asked.session.now)
    except TooManyTries as refused:
        return await _page(asked, wish=wish, problem=str(refused), status=429)
    if await check_password(asked.database, email, password) is None:
        await note_refused(asked.database, email, address=address, now=asked.session.now)
        return await _page(asked, wish=wish, problem="This is not your password.", status=401)
    await forget_tries(asked.database, email=email)
    return await _proven(asked, wish)


@post(f"{ROOM}/challenge", status_code=200)
async def proof_challenge(request: PageRequest) -> Response[bytes]:
    """Give the browser a challenge for a passkey."""
    asked, token = Asked.of(request), web_session.new_token()
    options = await ask_for_passkey(
        asked.database, site=site_of(request), token=token, challenge=challenge(),
        pepper=request.app.state.settings.pepper, now=asked.session.now,
    )  # fmt: skip
    answered = as_json(options)
    keep_step(request, answered, token)
    return answered


@post(f"{ROOM}/passkey", status_code=200)
async def prove_by_passkey(request: PageRequest) -> Response[bytes]:
    """Look at the passkey; it must be this person's own."""
    asked, wish = Asked.of(request), await typed(request, "next")
    try:
        user = await check_passkey(
            asked.database, await typed(request, "credential"), site=site_of(request), token=step_of(request),
            pepper=request.app.state.settings.pepper, now=asked.session.now,
        )  # fmt: skip
        if user.id != asked.session.user.id:
            raise PasskeyRefused
    except PasskeyRefused as refused:
        return await _page(asked, wish=wish, problem=str(refused), status=401)
    return await _proven(asked, wish)


async def _proven(asked: Asked, wish: str) -> Response[bytes]:
    state, token = asked.request.app.state, web_session.new_token()
    await renew_session(
        asked.database, asked.session.id, token=token, csrf_token=web_session.new_token(),
        pepper=state.settings.pepper, now=asked.session.now,
    )  # fmt: skip
    answered = go(safe_next(wish, "/account"), asked.request)
    lasts = state.settings.web.session_days * 86_400
    answered.set_cookie(web_session.cookie(asked.request, web_session.COOKIE, token, max_age=lasts))
    return answered


async def _page(asked: Asked, *, wish: str, problem: str = "", status: int = 200) -> Response[bytes]:
    async with asked.database.read() as connection:
        return await asked.page(
            "account_proof.jinja",
            connection,
            here="account",
            status=status,
            problem=problem,
            next=safe_next(wish, "/account"),
            has_password=await has_password(connection, asked.session.user.id),
            has_passkey=bool(await passkeys_of(connection, asked.session.user.id)),
        )
