"""How people get into an operator: whether anybody may sign up, and the operator's own identity provider."""

import secrets

from litestar import Response, get, post
from litestar.params import FromQuery

from wattline.domain.refusals import AlreadyTaken, Invalid
from wattline.operations.secrets import NONCE_BYTES
from wattline.operations.single_sign_on import (
    NEWCOMER_ROLES,
    Provider,
    ProviderWish,
    provider_of,
    set_provider,
    set_sign_up,
)
from wattline.portal.doorstep import typed
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.login_company import BACK
from wattline.queries.portal_account import sign_up_of
from wattline.web.pages import PageRequest, go

ROOM = "/settings/log-in"
NOBODY = "nobody"
ROLES = (
    (NOBODY, "Nobody new: only people who have an account"),
    ("Driver", "No role: they can join teams"),
    *((role, role) for role in NEWCOMER_ROLES if role != "Driver"),
)


@get(ROOM)
async def log_in_settings(request: PageRequest, said: FromQuery[str] = "") -> Response[bytes]:
    """Show both."""
    return await _page(Asked.of(request), said="Saved." if said else "")


@post(f"{ROOM}/sign-up", status_code=200)
async def save_sign_up(request: PageRequest) -> Response[bytes]:
    """Open or close sign-up."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        await set_sign_up(
            asked.database, asked.session.viewer.operator_id, is_open=bool(form["open"]),
            terms_url=form["terms_url"] or None, asked_by=asked.session.viewer, now=asked.session.now,
        )  # fmt: skip
    except Invalid as refused:
        return await _page(asked, form=form.refused(refused))
    return go(f"{ROOM}?said=saved", request)


@post(f"{ROOM}/provider", status_code=200)
async def save_provider(request: PageRequest) -> Response[bytes]:
    """Set the identity provider up, or change it."""
    asked, form = Asked.of(request), await Form.of(request)
    wish = ProviderWish(
        issuer=form["issuer"],
        client_id=form["client_id"],
        client_secret=await typed(request, "client_secret"),
        domains=form["domains"].replace(",", " ").split(),
        newcomer_role=None if form["newcomer_role"] == NOBODY else form["newcomer_role"],
        enabled=bool(form["enabled"]),
    )
    try:
        await set_provider(
            asked.database, asked.session.viewer.operator_id, wish, asked_by=asked.session.viewer,
            pepper=request.app.state.settings.pepper, nonce=secrets.token_bytes(NONCE_BYTES), now=asked.session.now,
        )  # fmt: skip
    except Invalid as refused:
        return await _page(asked, form=form.refused(refused))
    except AlreadyTaken as refused:
        return await _page(asked, form=form.wrong("domains", str(refused)))
    return go(f"{ROOM}?said=saved", request)


async def _page(asked: Asked, *, form: Form | None = None, said: str = "") -> Response[bytes]:
    operator_id = asked.session.viewer.operator_id
    async with asked.database.read() as connection:
        provider = await provider_of(connection, operator_id)
        sign_up = await sign_up_of(connection, operator_id)
        kept = _as_form(provider) | {"open": "yes" if sign_up.is_open else "", "terms_url": sign_up.terms_url or ""}
        sent = form or Form()
        return await asked.page(
            "settings_login.jinja", connection, here="log-in", status=400 if sent.problems else 200,
            form=Form(kept | sent.texts, sent.lists, sent.problems), said=said, provider=provider, roles=ROLES,
            back=f"{asked.request.app.state.settings.web.url}{BACK}", identifier=sign_up.identifier,
        )  # fmt: skip


def _as_form(provider: Provider | None) -> dict[str, str]:
    if provider is None:
        return {"newcomer_role": NOBODY, "enabled": "yes"}
    return {
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "domains": " ".join(provider.domains),
        "newcomer_role": provider.newcomer_role or NOBODY,
        "enabled": "yes" if provider.enabled else "",
    }
