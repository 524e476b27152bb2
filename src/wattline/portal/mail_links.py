"""A forgotten password, and a new e-mail address: links in letters and the pages they open."""

from litestar import Response, get, post
from litestar.params import FromQuery

from wattline.domain.refusals import Invalid
from wattline.operations.login_tries import TooManyTries, count_letter
from wattline.operations.password_changes import ask_for_reset, must_open_reset, reset_password
from wattline.operations.profiles import take_email, waiting_email
from wattline.portal.doorstep import address_of, in_even_time, must_be_our_form, show, typed
from wattline.portal.forms import Form
from wattline.web.pages import PageRequest, go
from wattline.web.session import new_token


@get("/forgot", opt={"public": True})
async def forgot_page(request: PageRequest) -> Response[bytes]:
    """Ask for the address."""
    return show(request, "forgot.jinja", email="", problem="")


@post("/forgot", opt={"public": True}, status_code=200)
async def forgot(request: PageRequest) -> Response[bytes]:
    """Write a letter when the address has an account, and say the same in any case."""
    await must_be_our_form(request)
    email, state = (await Form.of(request))["email"], request.app.state
    now = state.clock()
    try:
        async with in_even_time():
            may_write = await count_letter(state.database, email=email, address=address_of(request), now=now)
            await ask_for_reset(
                state.database, email, token=new_token(), url=state.settings.web.url, pepper=state.settings.pepper,
                may_write=may_write, now=now,
            )  # fmt: skip
    except TooManyTries as refused:
        return show(request, "forgot.jinja", status=429, email=email, problem=str(refused))
    return show(request, "look_into_mail.jinja", email=email, what="choose a new password")


@get("/reset", opt={"public": True})
async def reset_page(request: PageRequest, ticket: FromQuery[str] = "") -> Response[bytes]:
    """Ask for the new password; the link is used up only when it is sent."""
    state = request.app.state
    await must_open_reset(state.database, ticket, pepper=state.settings.pepper, now=state.clock())
    return show(request, "reset.jinja", ticket=ticket, problem="")


@post("/reset", opt={"public": True}, status_code=200)
async def reset(request: PageRequest) -> Response[bytes]:
    """Change the password. Whoever has a second factor still needs it to log in."""
    await must_be_our_form(request)
    form, password, state = await Form.of(request), await typed(request, "password"), request.app.state
    try:
        await reset_password(state.database, form["ticket"], password, pepper=state.settings.pepper, now=state.clock())
    except Invalid as refused:
        problem = f"The password {refused.problem}"
        return show(request, "reset.jinja", status=400, ticket=form["ticket"], problem=problem)
    return go("/login?said=reset", request)


@get("/new-email", opt={"public": True})
async def new_email_page(request: PageRequest, ticket: FromQuery[str] = "") -> Response[bytes]:
    """Ask whether the address is to be used."""
    state = request.app.state
    email = await waiting_email(state.database, ticket, pepper=state.settings.pepper, now=state.clock())
    return show(request, "new_email.jinja", email=email, ticket=ticket)


@post("/new-email", opt={"public": True}, status_code=200)
async def new_email(request: PageRequest) -> Response[bytes]:
    """Use the address from now on."""
    await must_be_our_form(request)
    form, state = await Form.of(request), request.app.state
    await take_email(state.database, form["ticket"], pepper=state.settings.pepper, now=state.clock())
    return go("/login?said=email", request)
