"""Making an account by oneself. The page says the same for every address; what is true of it stands in a letter."""

from litestar import Response, get, post
from litestar.params import FromQuery

from wattline.domain.refusals import AlreadyTaken, Invalid, NotReady
from wattline.operations.login_tries import TooManyTries, count_letter, count_try
from wattline.operations.sign_ups import (
    OpenOperator,
    SignUp,
    ask_for_account,
    finish_account,
    open_operators,
    waiting_account,
)
from wattline.portal.doorstep import address_of, enter, in_even_time, must_be_our_form, show, typed
from wattline.portal.forms import Form
from wattline.portal.languages import language_wished, zone_wished
from wattline.web.pages import PageRequest
from wattline.web.session import new_token

ANOTHER = "That is not the password you chose when you signed up. If you do not know it, sign up again."


@get("/sign-up", opt={"public": True})
async def sign_up_page(request: PageRequest, operator: FromQuery[str] = "") -> Response[bytes]:
    """Ask for name, address and password."""
    return await _page(request, Form({"operator": operator}))


@post("/sign-up", opt={"public": True}, status_code=200)
async def sign_up(request: PageRequest) -> Response[bytes]:
    """Write a letter, and say that one was written."""
    await must_be_our_form(request)
    form, password, state = await Form.of(request), await typed(request, "password"), request.app.state
    now, email = state.clock(), form["email"]
    if not form["terms"]:
        return await _page(request, form.wrong("terms", "Without this there is no account."), status=400)
    wish = SignUp(
        operator_id=await _chosen(request, form["operator"]),
        email=email,
        display_name=form["name"],
        password=password,
        locale=language_wished(request.headers.get("accept-language", "")),
        time_zone=zone_wished(form["time_zone"]),
    )
    try:
        async with in_even_time():
            may_write = await count_letter(state.database, email=email, address=address_of(request), now=now)
            await ask_for_account(
                state.database, wish, token=new_token(), url=state.settings.web.url, pepper=state.settings.pepper,
                may_write=may_write, now=now,
            )  # fmt: skip
    except Invalid as refused:
        return await _page(request, form.refused(refused), status=400)
    except TooManyTries as refused:
        return await _page(request, form.wrong("email", str(refused)), status=429)
    return show(request, "look_into_mail.jinja", email=email, what="finish your account")


@get("/sign-up/finish", opt={"public": True})
async def finish_page(request: PageRequest, ticket: FromQuery[str] = "") -> Response[bytes]:
    """Ask for the password again. Opening the link changes nothing yet: mail programs open links by themselves."""
    state = request.app.state
    async with state.database.read() as connection:
        email = await waiting_account(connection, ticket, pepper=state.settings.pepper, now=state.clock())
    return show(request, "sign_up_finish.jinja", email=email, ticket=ticket, problem="")


@post("/sign-up/finish", opt={"public": True}, status_code=200)
async def finish(request: PageRequest) -> Response[bytes]:
    """Make the account and log in."""
    await must_be_our_form(request)
    form, password, state = await Form.of(request), await typed(request, "password"), request.app.state
    pepper, now = state.settings.pepper, state.clock()
    async with state.database.read() as connection:
        email = await waiting_account(connection, form["ticket"], pepper=pepper, now=now)
    try:
        await count_try(state.database, email=email, address=address_of(request), now=now)
        user = await finish_account(state.database, form["ticket"], password, pepper=pepper, now=now)
    except (AlreadyTaken, TooManyTries, NotReady) as refused:
        return show(
            request, "sign_up_finish.jinja", status=400, email=email, ticket=form["ticket"], problem=str(refused)
        )
    if user is None:
        return show(request, "sign_up_finish.jinja", status=401, email=email, ticket=form["ticket"], problem=ANOTHER)
    return await enter(request, user, how="sign-up", wish="/")


async def _chosen(request: PageRequest, identifier: str) -> int | None:
    operators = await _open(request)
    if len(operators) == 1 and not identifier:
        return operators[0].id
    return next((each.id for each in operators if each.identifier == identifier), None)


async def _page(request: PageRequest, form: Form, *, status: int = 200) -> Response[bytes]:
    return show(request, "sign_up.jinja", status=status, form=form, operators=await _open(request))


async def _open(request: PageRequest) -> list[OpenOperator]:
    async with request.app.state.database.read() as connection:
        return await open_operators(connection)
