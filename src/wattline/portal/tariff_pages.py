"""Making, changing and deleting tariffs, in forms."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.refusals import Invalid, Refusal, Unknown
from wattline.operations.tariffs import create_tariff, delete_tariff, update_tariff
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.outcomes import say_refusal
from wattline.portal.tariff_form import KINDS, changes_of, draft_of, field_named, form_of
from wattline.portal.tariffs import show_tariff
from wattline.queries import reference
from wattline.queries.portal_places import list_places
from wattline.queries.portal_tariffs import TariffLine, tariff_line
from wattline.web.pages import PageRequest, go

# Suggested; any other name of a time zone will do.
ZONES = (
    "Europe/Copenhagen", "Europe/Berlin", "Europe/Oslo", "Europe/Stockholm", "Europe/Helsinki", "Europe/Amsterdam",
    "Europe/Paris", "Europe/Madrid", "Europe/Lisbon", "Europe/Rome", "Europe/Warsaw", "Europe/London", "UTC",
)  # fmt: skip


@get("/tariffs/new")
async def new_tariff_page(request: PageRequest) -> Response[bytes]:
    """Ask for a new tariff."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        country = await connection.fetchval(
            HOME, list(asked.session.viewer.operator_ids), asked.session.viewer.team_ids
        )
    start = {"kind": "WEEKLY", "vat": "yes", "zone": asked.session.formats.zone.key, "country": str(country or "")}
    return await _form_page(asked, Form(start), None)


@post("/tariffs/new", status_code=200)
async def make_tariff(request: PageRequest) -> Response[bytes]:
    """Make the tariff, and go on to its prices."""
    asked = Asked.of(request)
    form = await Form.of(request)
    viewer = asked.session.viewer
    try:
        async with asked.database.read() as connection:
            draft = await draft_of(connection, viewer, form)
        made = await create_tariff(asked.database, draft, asked_by=viewer, now=asked.session.now)
    except Refusal as refusal:
        return await _form_page(asked, _refused(form, refusal), None)
    return go(f"/tariffs/{made}/weeks/new" if draft.tariff_type == "WEEKLY" else f"/tariffs/{made}", request)


@get("/tariffs/{tariff_id:int}/edit")
async def edit_tariff_page(request: PageRequest, tariff_id: FromPath[int]) -> Response[bytes]:
    """Show the form with what is saved."""
    asked = Asked.of(request)
    tariff = await _tariff(asked, tariff_id)
    return await _form_page(asked, form_of(tariff), tariff)


@post("/tariffs/{tariff_id:int}/edit", status_code=200)
async def change_tariff(request: PageRequest, tariff_id: FromPath[int]) -> Response[bytes]:
    """Save the form."""
    asked = Asked.of(request)
    form = await Form.of(request)
    tariff = await _tariff(asked, tariff_id)
    try:
        await update_tariff(
            asked.database, tariff_id, changes_of(form), asked_by=asked.session.viewer, now=asked.session.now
        )
    except Unknown:
        raise
    except Refusal as refusal:
        return await _form_page(asked, _refused(form, refusal), tariff)
    return go(f"/tariffs/{tariff_id}", request)


@post("/tariffs/{tariff_id:int}/delete", status_code=200)
async def remove_tariff(request: PageRequest, tariff_id: FromPath[int]) -> Response[bytes]:
    """Take the tariff away."""
    asked = Asked.of(request)
    try:
        await delete_tariff(asked.database, tariff_id, asked_by=asked.session.viewer, now=asked.session.now)
    except Unknown:
        raise
    except Refusal as refusal:
        async with asked.database.read() as connection:
            return await show_tariff(asked, connection, tariff_id, said=[say_refusal("Delete", refusal)], status=400)
    return go("/tariffs", request)


async def _tariff(asked: Asked, tariff_id: int) -> TariffLine:
    async with asked.database.read() as connection:
        return await tariff_line(connection, asked.session.viewer, tariff_id, now=asked.session.now)


def _refused(form: Form, refusal: Refusal) -> Form:
    return form.refused(field_named(refusal)) if isinstance(refusal, Invalid) else form.wrong("all", str(refusal))


async def _form_page(asked: Asked, form: Form, tariff: TariffLine | None) -> Response[bytes]:
    viewer = asked.session.viewer
    async with asked.database.read() as connection:
        places = await list_places(connection, viewer)
        countries = await reference.countries(connection)
        values: dict[str, Any] = {"form": form, "tariff": tariff, "kinds": KINDS, "zones": ZONES}
        return await asked.page(
            "tariff_form.jinja", connection, here="prices", status=400 if form.problems else 200,
            teams=places.teams, all_teams=viewer.team_ids is None,
            countries=[(row["id"], row["name"]) for row in countries], **values,
        )  # fmt: skip


HOME = """
select country_id from team where operator_id = any($1) and ($2::bigint[] is null or id = any($2))
  and country_id is not null and deleted_at is null order by id limit 1
"""
