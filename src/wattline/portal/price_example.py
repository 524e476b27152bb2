"""The example calculator: a charge somebody has in mind, priced line by line, also at prices that are not saved yet."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from litestar import Response, post

from wattline.database.connection import Connection
from wattline.domain.price_example import Example
from wattline.domain.refusals import Invalid, Refusal
from wattline.operations.price_examples import example_of
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.money_words import counted, percent_words
from wattline.portal.price_form import draft_of, field_of, form_of
from wattline.portal.price_groups import group_line
from wattline.portal.price_home import home_currency
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest

FIRST_EXAMPLE: Mapping[str, str] = {"x_kwh": "40", "x_minutes": "30", "x_idle": "15", "x_time": "12:00"}
# Nobody charges more at once, or longer than a week.
KWH_MAX, MINUTES_MAX = 2_000, 7 * 24 * 60


@post("/prices/example", status_code=200)
async def price_example(request: PageRequest) -> Response[bytes]:
    """Price the example: of the form that was sent, or of the saved group it names."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        try:
            return await _priced(asked, connection, form)
        except Refusal as refusal:
            said = f"{refusal.field}: {refusal.problem}" if isinstance(refusal, Invalid) else str(refusal)
            return asked.fragment("price_lines.jinja", said=_friendly(said), lines=[], total="", vat="", vat_label="")


async def _priced(asked: Asked, connection: Connection, form: Form) -> Response[bytes]:
    viewer, formats = asked.session.viewer, asked.session.formats
    group_id = form.number("group")
    before = await group_line(connection, viewer, group_id) if group_id else None
    if before is not None and not form["base"]:
        form = Form(form_of(before).texts | form.texts)
    currency, decimals = await home_currency(connection, viewer, form, before)
    # A name is asked for when the group is saved, not before one may try its price.
    named = Form(form.texts | {"name": form["name"] or "Example"}, form.lists)
    try:
        draft = draft_of(named, before, currency=currency, decimals=decimals)
        example = _example(form, formats, tomorrow=draft.master.by_tariff)
        priced = await example_of(connection, draft, example, asked_by=viewer)
    except Invalid as refusal:
        raise field_of(refusal, form) from None
    return asked.fragment(
        "price_lines.jinja",
        said="",
        lines=[(line.description, counted(line, formats), formats.money(line.gross_minor, currency))
               for line in priced.by_price()],
        total=formats.money(priced.total_minor, currency),
        vat_label=f"of which VAT {percent_words(priced.vat_percent, formats)}" if priced.vat_percent else "",
        vat=formats.money(priced.vat_minor, currency),
    )  # fmt: skip


def _example(form: Form, formats: Formats, *, tomorrow: bool) -> Example:
    """Read the example. `tomorrow`: a time that is over today is meant for the next day, whose hours have prices."""
    at = datetime.combine(formats.local(formats.now).date(), _time(form["x_time"]), formats.zone)
    if tomorrow and at < formats.now:
        at = datetime.combine(at.date() + timedelta(days=1), at.timetz())
    return Example(
        begins_at=at,
        energy_wh=round(_number(form, "x_kwh", KWH_MAX) * 1000),
        charging=timedelta(minutes=max(1, int(_number(form, "x_minutes", MINUTES_MAX)))),
        idle=timedelta(minutes=int(_number(form, "x_idle", MINUTES_MAX))),
    )


def _number(form: Form, name: str, most: int) -> Decimal:
    try:
        number = Decimal(form[name].replace(",", ".") or "0")
    except InvalidOperation:
        raise Invalid(name, "must be a number.") from None
    if not number.is_finite() or not 0 <= number <= most:
        raise Invalid(name, f"must be from 0 to {most}.")
    return number


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text or "12:00")
    except ValueError:
        raise Invalid("x_time", "must be a time, such as 17:30.") from None


_NAMES = {"x_kwh": "Energy", "x_minutes": "Charging", "x_idle": "Idle", "x_time": "At", "price": "Price"}


def _friendly(said: str) -> str:
    field, colon, problem = said.partition(": ")
    if not colon or " " in field:
        return said
    return f"{_NAMES.get(field, field.replace('_', ' ').capitalize())} {problem}"
