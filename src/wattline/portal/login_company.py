"""Logging in at an operator's identity provider: the way out, and the way back."""

from collections.abc import Mapping

import structlog
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from wattline.domain.id_token import TokenNotBelieved, believed
from wattline.domain.refusals import AlreadyTaken, Refusal, Unknown
from wattline.operations.login_tries import TooManyTries, count_visit
from wattline.operations.single_sign_on import (
    NotLetIn,
    Provider,
    person_behind,
    provider_called,
    provider_for,
    secret_of_client,
)
from wattline.operations.tickets import Purpose, Ticket, issue_ticket, take_ticket
from wattline.operations.users import User
from wattline.portal import identity_provider as speak
from wattline.portal.doorstep import address_of, enter, keep_step, must_be_our_form, show, step_of
from wattline.portal.forms import Form
from wattline.web.pages import PageRequest, go, safe_next
from wattline.web.session import new_token

log = structlog.get_logger()

BACK = "/login/company/back"
AWAY = "The identity provider could not be used just now. Try again, or log in another way."
TOO_LATE = "This log-in took too long, or was begun in another browser. Begin again."


@get("/login/company", opt={"public": True})
async def company_page(request: PageRequest) -> Response[bytes]:
    """Ask for an address, whose domain leads to a provider."""
    return _page(request)


@post("/login/company", opt={"public": True}, status_code=200)
async def find_company(request: PageRequest) -> Response[bytes]:
    """Show the way to the provider that an address leads to."""
    await must_be_our_form(request)
    email = (await Form.of(request))["email"]
    async with request.app.state.database.read() as connection:
        provider = await provider_for(connection, email)
    if provider is None:
        return _page(request, email=email, problem="No company log-in belongs to this address.", status=404)
    return _page(request, email=email, provider=provider)


@get("/login/company/{identifier:str}", opt={"public": True})
async def leave_for_company(
    request: PageRequest, identifier: FromPath[str], next: FromQuery[str] = ""
) -> Response[bytes]:
    """Go to the provider's log-in page. A link and no form: pages may send forms nowhere else."""
    state = request.app.state
    async with state.database.read() as connection:
        provider = await provider_called(connection, identifier)
    if provider is None:
        raise Unknown("company log-in", identifier)
    try:
        await count_visit(state.database, address=address_of(request), now=state.clock())
        described = await speak.describe(state.settings.single_sign_on, provider.issuer)
        client = await _client(request, provider)
    except (TooManyTries, speak.ProviderAway) as failed:
        return _failed(request, provider, failed)
    token, returns = new_token(), {"state": new_token(), "nonce": new_token(), "verifier": new_token()}
    async with state.database.begin() as tx:
        data = {**returns, "operator": provider.identifier, "wish": safe_next(next)}
        await issue_ticket(
            tx, Purpose.SINGLE_SIGN_ON, token, data=data, pepper=state.settings.pepper, now=state.clock()
        )
    answered = go(speak.way_out(described, client, **returns), request)
    keep_step(request, answered, token)
    return answered


@get(BACK, opt={"public": True})
async def back_from_company(request: PageRequest) -> Response[bytes]:
    """Let in whom the provider names. What this browser took along on the way out must come back, once."""
    state, sent = request.app.state, request.query_params
    async with state.database.begin() as tx:
        ticket = await take_ticket(
            tx, Purpose.SINGLE_SIGN_ON, step_of(request), pepper=state.settings.pepper, now=state.clock()
        )
    if ticket is None or sent.get("state") != ticket.data["state"]:
        return _page(request, problem=TOO_LATE, status=400)
    async with state.database.read() as connection:
        provider = await provider_called(connection, ticket.data["operator"])
    if provider is None or "error" in sent or not sent.get("code"):
        return _page(
            request, problem="The provider did not let you in. Begin again, or ask whoever runs it.", status=401
        )
    try:
        user = await _person(request, provider, ticket, code=sent["code"], iss=sent.get("iss", ""))
    except (speak.ProviderAway, TokenNotBelieved, NotLetIn, AlreadyTaken) as failed:
        return _failed(request, provider, failed)
    return await enter(request, user, how=f"single sign-on at {provider.issuer}", wish=ticket.data["wish"])


async def _person(request: PageRequest, provider: Provider, ticket: Ticket, *, code: str, iss: str) -> User:
    state = request.app.state
    settings, carried, now = state.settings.single_sign_on, ticket.data, state.clock()
    described = await speak.describe(settings, provider.issuer)
    if iss and iss != described.issuer:
        raise TokenNotBelieved("another provider answered")
    client = await _client(request, provider)
    claims: Mapping[str, object] = await speak.redeem(
        settings, described, client, code=code, verifier=carried["verifier"]
    )
    identity = believed(claims, issuer=described.issuer, client_id=provider.client_id, nonce=carried["nonce"], now=now)
    return await person_behind(state.database, provider, identity, now=now)


async def _client(request: PageRequest, provider: Provider) -> speak.Client:
    state = request.app.state
    async with state.database.read() as connection:
        secret = await secret_of_client(connection, provider.operator_id, pepper=state.settings.pepper)
    return speak.Client(
        client_id=provider.client_id, client_secret=secret, redirect_uri=f"{state.settings.web.url}{BACK}"
    )


def _failed(request: PageRequest, provider: Provider, failed: Exception) -> Response[bytes]:
    log.warning("single sign-on failed", operator=provider.identifier, issuer=provider.issuer, why=str(failed))
    if isinstance(failed, TooManyTries):
        return _page(request, problem=str(failed), status=429)
    problem = str(failed) if isinstance(failed, Refusal) else f"{AWAY} ({failed})"
    return _page(request, problem=problem, status=502 if isinstance(failed, speak.ProviderAway) else 403)


def _page(
    request: PageRequest, *, email: str = "", problem: str = "", provider: Provider | None = None, status: int = 200
) -> Response[bytes]:
    return show(request, "login_company.jinja", status=status, email=email, problem=problem, provider=provider)
