"""My account: who one is here, how one reads, how one logs in, and where one is logged in."""

from datetime import timedelta

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from wattline.domain.refusals import Invalid, Refusal
from wattline.operations.account_sessions import end_other_sessions, end_session, sessions_of
from wattline.operations.one_time_codes import second_factor_of
from wattline.operations.passkeys import passkeys_of
from wattline.operations.password_changes import change_password
from wattline.operations.profiles import ask_for_email, change_profile
from wattline.portal.account_proof import must_prove, prove_first
from wattline.portal.device_words import device_words
from wattline.portal.doorstep import typed
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.languages import LANGUAGES, time_zones
from wattline.queries.portal_account import has_password
from wattline.web.pages import PageRequest, go
from wattline.web.session import new_token

ROOM = "/account"
SAID = {
    "saved": "Saved.",
    "password": "Your password is changed. Other browsers were logged out.",
    "email": "We wrote to the new address. Nothing changes before you open the link in that letter.",
    "passkey": "The passkey is there. Next time you can log in with it alone.",
    "removed": "The passkey is removed.",
    "codes-off": "Logging in asks for no code any more.",
    "ended": "Logged out there.",
}


@get(ROOM)
async def account_page(request: PageRequest, said: FromQuery[str] = "") -> Response[bytes]:
    """Show everything on one page."""
    return await account(Asked.of(request), Form(), said=SAID.get(said, ""))


@post(f"{ROOM}/profile", status_code=200)
async def save_profile(request: PageRequest) -> Response[bytes]:
    """Change name, language and time zone."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        await change_profile(
            asked.database, name=form["name"], locale=form["locale"], time_zone=form["time_zone"],
            user=asked.session.user, now=asked.session.now,
        )  # fmt: skip
    except Invalid as refused:
        return await account(asked, form.refused(refused))
    return go(f"{ROOM}?said=saved", request)


@post(f"{ROOM}/email", status_code=200)
async def ask_new_email(request: PageRequest) -> Response[bytes]:
    """Write to another address, whose link then changes it."""
    asked, form, state = Asked.of(request), await Form.of(request), request.app.state
    if must_prove(asked):
        return prove_first(asked)
    try:
        await ask_for_email(
            asked.database, form["email"], token=new_token(), url=state.settings.web.url, user=asked.session.user,
            pepper=state.settings.pepper, now=asked.session.now,
        )  # fmt: skip
    except Invalid as refused:
        return await account(asked, form.refused(refused))
    return go(f"{ROOM}?said=email", request)


@post(f"{ROOM}/password", status_code=200)
async def new_password(request: PageRequest) -> Response[bytes]:
    """Change the password; whoever did not just prove who they are does so first."""
    asked, form = Asked.of(request), await Form.of(request)
    if must_prove(asked):
        return prove_first(asked)
    try:
        await change_password(
            asked.database, await typed(request, "password"), user=asked.session.user, session_id=asked.session.id,
            now=asked.session.now,
        )  # fmt: skip
    except Invalid as refused:
        return await account(asked, form.refused(refused))
    return go(f"{ROOM}?said=password", request)


@post(f"{ROOM}/sessions/{{session_id:int}}/end", status_code=200)
async def log_out_there(request: PageRequest, session_id: FromPath[int]) -> Response[bytes]:
    """Log one browser out."""
    asked = Asked.of(request)
    await end_session(asked.database, session_id, user=asked.session.user, now=asked.session.now)
    return go(f"{ROOM}?said=ended", request)


@post(f"{ROOM}/sessions/end-others", status_code=200)
async def log_out_elsewhere(request: PageRequest) -> Response[bytes]:
    """Log every browser out but this one."""
    asked = Asked.of(request)
    await end_other_sessions(asked.database, asked.session.id, user=asked.session.user, now=asked.session.now)
    return go(f"{ROOM}?said=ended", request)


async def account(asked: Asked, form: Form, *, said: str = "", refused: Refusal | None = None) -> Response[bytes]:
    """Put the page together; `form` is what was sent and is wrong, `refused` what could not be done."""
    user, idle = asked.session.user, timedelta(minutes=asked.request.app.state.settings.web.session_idle_minutes)
    shown = Form({"name": user.display_name, "locale": user.locale, "time_zone": user.time_zone} | form.texts)
    async with asked.database.read() as connection:
        sessions = await sessions_of(connection, user.id, idle=idle, now=asked.session.now)
        return await asked.page(
            "account.jinja",
            connection,
            here="account",
            status=400 if form.problems or refused else 200,
            user=user,
            form=Form(shown.texts, form.lists, form.problems),
            said=said,
            refused=refused,
            languages=LANGUAGES if user.locale in dict(LANGUAGES) else (*LANGUAGES, (user.locale, user.locale)),
            zones=time_zones(),
            has_password=await has_password(connection, user.id),
            passkeys=await passkeys_of(connection, user.id),
            factor=await second_factor_of(connection, user.id),
            sessions=[(each, device_words(each.user_agent)) for each in sessions],
            this=asked.session.id,
        )
