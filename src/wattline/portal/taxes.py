"""Taxes: which VAT comes by itself where, what companies owe each other, and rates for countries with sales tax."""

from decimal import Decimal
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.access import Right, may
from wattline.domain.naming import checked_name
from wattline.domain.refusals import Invalid, Refusal, Unknown
from wattline.domain.vat_rates import EU, VAT_COUNTRIES, standard_percent
from wattline.operations.tax_rates import NewTaxRate, create_tax_rate, delete_tax_rate
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.money_words import percent_words
from wattline.portal.outcomes import Said
from wattline.portal.tariff_weeks_shown import number_of
from wattline.queries.tax_rates import list_tax_rates, sales_tax_countries, vat_countries
from wattline.web.pages import PageRequest


@get("/taxes")
async def taxes_page(request: PageRequest) -> Response[bytes]:
    """Show the taxes that are on what drivers pay."""
    return await _page(Asked.of(request), Form())


@post("/taxes/new", status_code=200)
async def make_tax_rate(request: PageRequest) -> Response[bytes]:
    """Add a rate."""
    asked = Asked.of(request)
    form = await Form.of(request)
    try:
        new = NewTaxRate(
            country_id=form.number("country") or 0, name=checked_name(form["name"]), percent=_percent(form["percent"])
        )
        await create_tax_rate(asked.database, new, asked_by=asked.session.viewer, now=asked.session.now)
    except Refusal as refusal:
        return await _page(asked, _refused(form, refusal), status=400)
    line = "Tick it in a price group to put it on what drivers pay there."
    return await _page(asked, Form(), said=[Said("green", "completed", f"{new.name} is there", line)])


@post("/taxes/{rate_id:int}/delete", status_code=200)
async def remove_tax_rate(request: PageRequest, rate_id: FromPath[int]) -> Response[bytes]:
    """Take a rate away."""
    asked = Asked.of(request)
    await delete_tax_rate(asked.database, rate_id, asked_by=asked.session.viewer, now=asked.session.now)
    line = "Price groups that had it ask for less from the next start on."
    return await _page(asked, Form(), said=[Said("green", "completed", "The rate is gone", line)])


async def _page(asked: Asked, form: Form, *, said: Any = (), status: int = 200) -> Response[bytes]:
    viewer, formats = asked.session.viewer, asked.session.formats
    today = formats.local(formats.now).date()
    async with asked.database.read() as connection:
        named = await vat_countries(connection, VAT_COUNTRIES)
        rates = await list_tax_rates(connection, viewer)
        return await asked.page(
            "taxes.jinja", connection, here="prices", status=status, form=form, said=said,
            vat=[(name, percent_words(standard_percent(code, today), formats), code in EU) for code, name in named],
            rates=[(rate, percent_words(rate.percent, formats)) for rate in rates],
            countries=[("", "Choose"), *await sales_tax_countries(connection, VAT_COUNTRIES)],
            may_change=may(viewer, Right.CHANGE_PRICES) and viewer.team_ids is None,
            settings=(), link="", link_label="",
        )  # fmt: skip


def _percent(text: str) -> Decimal:
    percent = number_of(text)
    if percent is None:
        raise Invalid("percent", "must be a number, such as 8.25.")
    return percent


def _refused(form: Form, refusal: Refusal) -> Form:
    if isinstance(refusal, Unknown) and refusal.what == "country":
        return form.wrong("country", "is missing. Choose the country that has the tax.")
    if isinstance(refusal, Invalid):
        return form.refused(Invalid({"countryId": "country"}.get(refusal.field, refusal.field), refusal.problem))
    return form.wrong("all", str(refusal))
