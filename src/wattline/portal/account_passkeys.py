"""Passkeys on the page of one's account: adding, naming, removing."""

from litestar import Response, post
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath

from wattline.domain.refusals import AlreadyTaken, Invalid
from wattline.operations.passkeys import PasskeyRefused, add_passkey, name_passkey, offer_passkey, remove_passkey
from wattline.portal.account import ROOM, account
from wattline.portal.account_proof import must_prove, prove_first
from wattline.portal.doorstep import challenge, keep_step, site_of, step_of, typed
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.login_passkey import as_json
from wattline.web.pages import PageRequest, go
from wattline.web.session import new_token


@post(f"{ROOM}/passkeys/challenge", status_code=200)
async def new_passkey_challenge(request: PageRequest) -> Response[bytes]:
    """Give the browser what it needs to make a passkey."""
    asked, token = Asked.of(request), new_token()
    if must_prove(asked):
        return prove_first(asked)
    options = await offer_passkey(
        asked.database, user=asked.session.user, site=site_of(request), token=token, challenge=challenge(),
        pepper=request.app.state.settings.pepper, now=asked.session.now,
    )  # fmt: skip
    answered = as_json(options)
    keep_step(request, answered, token)
    return answered


@post(f"{ROOM}/passkeys", status_code=200)
async def keep_passkey(request: PageRequest) -> Response[bytes]:
    """Keep what the browser made."""
    asked, form = Asked.of(request), await Form.of(request)
    if must_prove(asked):
        return prove_first(asked)
    try:
        await add_passkey(
            asked.database, await typed(request, "credential"), name=form["passkey_name"], user=asked.session.user,
            site=site_of(request), token=step_of(request), pepper=request.app.state.settings.pepper,
            now=asked.session.now,
        )  # fmt: skip
    except Invalid as refused:
        return await account(asked, form.wrong("passkey_name", refused.problem))
    except (PasskeyRefused, AlreadyTaken) as refused:
        return await account(asked, form.wrong("passkey_name", str(refused)))
    return go(f"{ROOM}?said=passkey", request)


@post(f"{ROOM}/passkeys/{{passkey_id:int}}/{{deed:str}}", status_code=200)
async def change_passkey(request: PageRequest, passkey_id: FromPath[int], deed: FromPath[str]) -> Response[bytes]:
    """Name a passkey, or remove it."""
    asked, form = Asked.of(request), await Form.of(request)
    user, now = asked.session.user, asked.session.now
    if deed == "name":
        try:
            await name_passkey(asked.database, passkey_id, form["name_of_passkey"], user=user, now=now)
        except Invalid as refused:
            return await account(asked, Form(), refused=refused)
        return go(f"{ROOM}?said=saved", request)
    if deed != "remove":
        raise PermissionDeniedException
    if must_prove(asked):
        return prove_first(asked)
    await remove_passkey(asked.database, passkey_id, user=user, now=now)
    return go(f"{ROOM}?said=removed", request)
