"""A tariff as a form, and its weeks: from what was filled in to what the verbs take."""

from datetime import date
from decimal import Decimal
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.naming import checked_name
from wattline.domain.refusals import Invalid
from wattline.domain.tariff import DAYS_A_WEEK, HOURS_A_DAY, must_be_price
from wattline.domain.tariff_week import DAYS, must_be_whole
from wattline.operations.tariff_weeks import PaintedWeek
from wattline.operations.tariffs import TariffDraft
from wattline.portal.forms import Form
from wattline.portal.price_home import home_currency
from wattline.portal.tariff_weeks_shown import NEVER, field_of, number_of
from wattline.queries.portal_tariffs import TariffLine

KINDS = (
    ("WEEKLY", "By the week", "You paint a week; its prices come back week by week."),
    ("DYNAMIC", "Imported", "Hourly prices come from a file, or from a program through the Partner API."),
)


async def draft_of(connection: Connection, viewer: Viewer, form: Form) -> TariffDraft:
    """Read the form of a new tariff. Its currency is that of its team, or the one that was written. Raises Invalid."""
    name = checked_name(form["name"])
    if form["kind"] not in {kind for kind, _, _ in KINDS}:
        raise Invalid("kind", "must be one of those in the list.")
    country_id = form.number("country")
    if country_id is None:
        raise Invalid("country", "is missing: it says which VAT is meant.")
    currency, _ = await home_currency(connection, viewer, form, None)
    currency_id: int | None = await connection.fetchval(
        "select id from currency where identifier = upper($1)", currency
    )
    if currency_id is None:
        raise Invalid("currency", "is not a currency, such as EUR.")
    return TariffDraft(
        external_id=name, name=name, description=form["description"], country_id=country_id, currency_id=currency_id,
        team_id=form.number("team"), prices_with_vat=form["vat"] == "yes", tariff_type=form["kind"],
        time_zone=form["zone"], area="",
    )  # fmt: skip


def changes_of(form: Form) -> dict[str, Any]:
    """Read the form of a tariff that is there. Raises Invalid."""
    return {
        "name": checked_name(form["name"]),
        "description": form["description"],
        "time_zone": form["zone"],
        "prices_with_vat": form["vat"] == "yes",
        "active": form["active"] == "yes",
    }


def form_of(tariff: TariffLine) -> Form:
    """Fill the form with what is saved."""
    yes = {True: "yes", False: ""}
    return Form({
        "name": tariff.name, "description": tariff.description, "zone": tariff.time_zone,
        "vat": yes[tariff.prices_with_vat], "active": yes[tariff.active],
    })  # fmt: skip


def field_named(refusal: Invalid) -> Invalid:
    """Name the form's field for what the rules refused."""
    fields = {"timeZone": "zone", "countryId": "country", "currencyId": "currency", "teamId": "team",
              "activeFrom": "from", "activeTo": "to"}  # fmt: skip
    return Invalid(fields.get(refusal.field, refusal.field), refusal.problem)


def painted_of(form: Form) -> tuple[PaintedWeek | None, Form]:
    """Read a painted week; without one, the form that comes back says what is wrong, and in which hours."""
    week: dict[tuple[int, int], Decimal] = {}
    first_wrong = ""
    for day in range(DAYS_A_WEEK):
        for hour in range(HOURS_A_DAY):
            text = form[field_of(day, hour)]
            problem = _put(week, day, hour, text) if text else None
            if problem:
                form = form.wrong(field_of(day, hour), problem)
                first_wrong = first_wrong or f"{DAYS[day].capitalize()} {hour:02}:00: {problem}"
    try:
        if first_wrong:
            raise Invalid("week", first_wrong)
        painted = PaintedWeek(
            active_from=_day(form, "from", None), active_to=_day(form, "to", NEVER),
            description=form["description"] or "Week", week=week,
        )  # fmt: skip
        must_be_whole(week)
    except Invalid as refusal:
        holes = {field_of(day, hour): "is missing" for day in range(DAYS_A_WEEK) for hour in range(HOURS_A_DAY)
                 if (day, hour) not in week}  # fmt: skip
        told = form if refusal.field != "week" else Form(form.texts, form.lists, holes | form.problems)
        return None, told.refused(refusal)
    return painted, form


def _put(week: dict[tuple[int, int], Decimal], day: int, hour: int, text: str) -> str | None:
    price = number_of(text)
    if price is None:
        return "must be a number, such as 0.45."
    try:
        must_be_price(price)
    except Invalid as refusal:
        return refusal.problem
    week[day, hour] = price
    return None


def _day(form: Form, name: str, otherwise: date | None) -> date:
    if not form[name] and otherwise is not None:
        return otherwise
    try:
        return date.fromisoformat(form[name])
    except ValueError:
        raise Invalid(name, "must be a day, such as 2026-12-31.") from None
