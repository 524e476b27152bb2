"""The second step of a log-in: a code of an app, or a recovery code."""

from litestar import Response, get, post

from wattline.operations import log_ins
from wattline.operations.login_tries import TooManyTries
from wattline.operations.one_time_codes import use_code
from wattline.operations.tickets import Purpose, take_ticket
from wattline.operations.users import User
from wattline.portal.doorstep import enter, in_even_time, must_be_our_form, show, step_of
from wattline.portal.forms import Form
from wattline.web.pages import PageRequest, go

WRONG = "This code is not the one shown now, or was used already. Wait for the next one."


@get("/login/code", opt={"public": True})
async def code_page(request: PageRequest) -> Response[bytes]:
    """Ask whoever knew the password for their code."""
    if await _half_way(request) is None:
        return go("/login", request)
    return show(request, "login_code.jinja", problem="")


@post("/login/code", opt={"public": True}, status_code=200)
async def check_code(request: PageRequest) -> Response[bytes]:
    """Let in whose code is right; each counts once."""
    await must_be_our_form(request)
    found, form, state = await _half_way(request), await Form.of(request), request.app.state
    if found is None:
        return go("/login", request)
    user, wish = found
    pepper, now = state.settings.pepper, state.clock()
    try:
        async with in_even_time():
            right = await use_code(state.database, form["code"], user=user, pepper=pepper, now=now)
    except TooManyTries as refused:
        return show(request, "login_code.jinja", problem=str(refused), status=429)
    if not right:
        return show(request, "login_code.jinja", problem=WRONG, status=401)
    async with state.database.begin() as tx:
        # Of two who send the same right answer at once, one comes in.
        ticket = await take_ticket(tx, Purpose.SECOND_FACTOR, step_of(request), pepper=pepper, now=now)
    if ticket is None:
        return go("/login", request)
    return await enter(request, user, how="password and code", wish=wish)


async def _half_way(request: PageRequest) -> tuple[User, str] | None:
    state = request.app.state
    return await log_ins.second_step(state.database, step_of(request), pepper=state.settings.pepper, now=state.clock())
