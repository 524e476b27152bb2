"""Logging in with a passkey: the browser asks for a challenge, the person shows a finger, nothing is typed."""

from litestar import Response, post

from wattline.operations.login_tries import TooManyTries, count_visit
from wattline.operations.passkeys import PasskeyRefused, ask_for_passkey, check_passkey
from wattline.portal.doorstep import (
    address_of,
    challenge,
    enter,
    keep_step,
    must_be_our_form,
    show,
    site_of,
    step_of,
    typed,
)
from wattline.web.pages import HEADERS, PageRequest
from wattline.web.session import new_token


@post("/login/passkey/challenge", opt={"public": True}, status_code=200)
async def passkey_challenge(request: PageRequest) -> Response[bytes]:
    """Give the browser a challenge; it names nobody, so it tells nobody who has an account."""
    await must_be_our_form(request)
    state, token = request.app.state, new_token()
    options = await ask_for_passkey(
        state.database, site=site_of(request), token=token, challenge=challenge(), pepper=state.settings.pepper,
        now=state.clock(),
    )  # fmt: skip
    answered = as_json(options)
    keep_step(request, answered, token)
    return answered


@post("/login/passkey", opt={"public": True}, status_code=200)
async def passkey_log_in(request: PageRequest) -> Response[bytes]:
    """Let in whose passkey signed the challenge."""
    await must_be_our_form(request)
    state, wish = request.app.state, await typed(request, "next")
    try:
        await count_visit(state.database, address=address_of(request), now=state.clock())
        user = await check_passkey(
            state.database, await typed(request, "credential"), site=site_of(request), token=step_of(request),
            pepper=state.settings.pepper, now=state.clock(),
        )  # fmt: skip
    except (PasskeyRefused, TooManyTries) as refused:
        status = 401 if isinstance(refused, PasskeyRefused) else 429
        return show(
            request, "login.jinja", status=status, next="", email="", problem=str(refused), said="", company=False,
            sign_up=False,
        )  # fmt: skip
    return await enter(request, user, how="passkey", wish=wish)


def as_json(text: str) -> Response[bytes]:
    """Answer a script of ours with JSON."""
    return Response(text.encode(), media_type="application/json", headers=dict(HEADERS))
