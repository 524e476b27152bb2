"""The Settings tab of an operator: company data, where people find help, logo and colour."""

import re
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.domain.company import checked_ean, checked_purchase_order, checked_vat_number
from wattline.domain.refusals import Invalid
from wattline.domain.theme import LOGO_BYTES_MAX, Logo, checked_colour, checked_logo
from wattline.operations import operator_settings as verbs
from wattline.operations.invitations import checked_email
from wattline.portal.address_form import address_of
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.queries import operator_settings as question
from wattline.queries.reference import countries
from wattline.web.pages import HEADERS, PageRequest, go

TEXTS = ("company_name", "company_registration_number", "address1", "zip_code", "city")
EMAILS = ("contact_email", "finance_email", "support_email")
NUMBERS = ("vat_number", "ean_number", "purchase_order")
# The name of a picture is of its bytes, so what is behind it never changes.
KEPT = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}


@get("/operators/{operator_id:int}/settings")
async def settings_page(request: PageRequest, operator_id: FromPath[int]) -> Response[bytes]:
    """Show what is saved."""
    return await _page(Asked.of(request), operator_id, None)


@post("/operators/{operator_id:int}/settings", status_code=200)
async def save(request: PageRequest, operator_id: FromPath[int]) -> Response[bytes]:
    """Save company data."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        changes = await _changes(asked, form)
        await verbs.save_company(
            asked.database, operator_id, changes, asked_by=asked.session.viewer, now=asked.session.now
        )
    except Invalid as refusal:
        return await _page(asked, operator_id, form.refused(refusal))
    return go(f"/operators/{operator_id}/settings", request)


@post("/operators/{operator_id:int}/theme", status_code=200)
async def save_theme(request: PageRequest, operator_id: FromPath[int]) -> Response[bytes]:
    """Save logo and colour."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        colour, logo = checked_colour(form["colour"]), await _logo(request)
    except Invalid as refusal:
        return await _page(asked, operator_id, form.refused(refusal))
    await verbs.save_theme(
        asked.database, operator_id, colour=colour, logo=logo, drop_logo=bool(form["drop_logo"]),
        asked_by=asked.session.viewer, now=asked.session.now,
    )  # fmt: skip
    return go(f"/operators/{operator_id}/settings", request)


@get("/brand/{name:str}", opt={"public": True})
async def brand(request: PageRequest, name: FromPath[str]) -> Response[bytes]:
    """Hand out a logo by its name, or the style sheet of a colour."""
    if found := re.fullmatch(r"([0-9a-f]{6})\.css", name):
        sheet = f".wl-brand {{ border-block-end: 3px solid #{found[1]}; }}\n"
        return Response(sheet.encode(), media_type="text/css", headers=KEPT)
    async with request.app.state.database.read() as connection:
        logo = await question.logo_called(connection, name)
    if logo is None:
        raise NotFoundException
    return Response(logo[0], media_type=logo[1], headers=KEPT)


async def _changes(asked: Asked, form: Form) -> dict[str, str | int | None]:
    address = address_of(form)
    async with asked.database.read() as connection:
        letters = {each["id"]: each["alpha2_code"] for each in await countries(connection)}
    country_id = address.country_id if address else form.number("country")
    return {
        **{name: form[name] or None for name in TEXTS},
        **{name: _email(form, name) for name in EMAILS},
        "country_id": country_id,
        "vat_number": checked_vat_number(form["vat_number"], country=letters.get(country_id or 0)),
        "ean_number": checked_ean(form["ean_number"]),
        "purchase_order": checked_purchase_order(form["purchase_order"]),
    }


def _email(form: Form, field: str) -> str | None:
    try:
        return checked_email(form[field]) if form[field] else None
    except Invalid as refusal:
        raise Invalid(field, refusal.problem) from None


async def _logo(request: PageRequest) -> Logo | None:
    sent: Any = (await request.form()).get("logo")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return None
    return checked_logo(await sent.read(LOGO_BYTES_MAX + 1))


async def _page(asked: Asked, operator_id: int, form: Form | None) -> Response[bytes]:
    async with asked.database.read() as connection:
        saved = await question.operator_settings(connection, asked.session.viewer, operator_id)
        texts = {name: saved[name] or "" for name in (*TEXTS, *EMAILS, *NUMBERS, "colour")}
        return await asked.page(
            "operator_settings.jinja", connection, here="operators", operator=saved,
            status=400 if form and form.problems else 200, countries=await countries(connection),
            form=form or Form(texts | {"country": str(saved["country_id"] or "")}),
        )  # fmt: skip
