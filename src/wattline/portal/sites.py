"""Sites: the list, the page of one with its charge points, making and changing it."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.access import Right
from wattline.domain.naming import checked_name
from wattline.domain.refusals import Invalid, Refusal
from wattline.operations import sites as verbs
from wattline.portal.address_form import address_of
from wattline.portal.addresses import number
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.rows import box_href
from wattline.portal.simple_deeds import do_and_go
from wattline.portal.states import point_look
from wattline.queries import portal_teams as question
from wattline.queries.portal_places import list_places
from wattline.queries.portal_teams import ROWS_SHOWN
from wattline.queries.reference import countries
from wattline.web.pages import PageRequest, go

ROOM = "/sites"
VISIBILITIES = {"private", "public"}
# Degrees: how far north or south, how far east or west.
LATITUDE_MAX, LONGITUDE_MAX = 90, 180


@get(ROOM)
async def sites_page(request: PageRequest) -> Response[bytes]:
    """List the sites."""
    asked, query = Asked.of(request), request.query_params
    text, page = query.get("q", "")[:100].strip(), number(query.get("page")) or 0
    team_id = number(query.get("team"))
    async with asked.database.read() as connection:
        found = await question.list_sites(connection, asked.session.viewer, text=text, team_id=team_id, page=page)
        return await asked.page(
            "sites.jinja", connection, here="sites", sites=found[:ROWS_SHOWN], more=len(found) > ROWS_SHOWN, page=page,
            q=text, team_id=team_id, teams=(await list_places(connection, asked.session.viewer)).teams,
        )  # fmt: skip


@get(f"{ROOM}/{{site_id:int}}")
async def site_page(request: PageRequest, site_id: FromPath[int]) -> Response[bytes]:
    """Show a site."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        site = await question.site_page(connection, asked.session.viewer, site_id)
        points = await question.points_at(connection, asked.session.viewer, site_id)
        shown = [
            (point, *_look(point["state"]), box_href(point["charge_point_id"] or -point["id"])) for point in points
        ]
        may_change = asked.session.may(Right.CHANGE_SITES)
        return await asked.page("site.jinja", connection, here="sites", site=site, points=shown, may_change=may_change)


@get(f"{ROOM}/new")
async def new_site_page(request: PageRequest) -> Response[bytes]:
    """Ask for a new site."""
    form = Form({"team": request.query_params.get("team", ""), "visibility": "private"})
    return await _form_page(Asked.of(request), form, None)


@post(f"{ROOM}/new", status_code=200)
async def make_site(request: PageRequest) -> Response[bytes]:
    """Make the site."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        values = _values(form)
        new = verbs.NewSite(
            team_id=form.number("team") or 0, time_zone=str(asked.session.formats.zone), address=address_of(form),
            **{name: values[name] for name in ("name", "visibility", "note", "latitude", "longitude")},
        )  # fmt: skip
        made = await verbs.create_site(asked.database, new, asked_by=asked.session.viewer, now=asked.session.now)
    except Invalid as refusal:
        return await _form_page(asked, form.refused(refusal), None)
    return go(f"{ROOM}/{made}", request)


@get(f"{ROOM}/{{site_id:int}}/edit")
async def edit_site_page(request: PageRequest, site_id: FromPath[int]) -> Response[bytes]:
    """Show the form with what is saved."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        site = await question.site_page(connection, asked.session.viewer, site_id)
    texts = {name: str(site[name] or "") for name in ("name", "note", "address1", "zip_code", "city", "visibility")}
    places = {name: "" if site[name] is None else str(site[name]) for name in ("latitude", "longitude")}
    return await _form_page(asked, Form(texts | places | {"country": str(site["country_id"] or "")}), site)


@post(f"{ROOM}/{{site_id:int}}/edit", status_code=200)
async def change_site(request: PageRequest, site_id: FromPath[int]) -> Response[bytes]:
    """Save the form."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        site = await question.site_page(connection, asked.session.viewer, site_id)
    try:
        await verbs.patch_site(
            asked.database, site_id, _values(form), asked_by=asked.session.viewer, now=asked.session.now
        )
    except Refusal as refusal:
        wrong = form.refused(refusal) if isinstance(refusal, Invalid) else form.wrong("name", str(refusal))
        return await _form_page(asked, wrong, site)
    return go(f"{ROOM}/{site_id}", request)


@post(f"{ROOM}/{{site_id:int}}/delete", status_code=200)
async def delete_site(request: PageRequest, site_id: FromPath[int]) -> Response[bytes]:
    """Take the site away; its charge points stay."""
    asked = Asked.of(request)
    verb = verbs.delete_site(asked.database, site_id, asked_by=asked.session.viewer, now=asked.session.now)
    return await do_and_go(asked, "Delete", verb, to=ROOM, here="sites")


def _look(state: str) -> tuple[str, str]:
    glyph, look = point_look(state)
    return glyph, look.word


def _values(form: Form) -> dict[str, Any]:
    if form["visibility"] not in VISIBILITIES:
        raise Invalid("visibility", "choose one.")
    address = address_of(form)
    return {
        "name": checked_name(form["name"]),
        "visibility": form["visibility"],
        "note": form["note"] or None,
        "latitude": _degrees(form, "latitude", LATITUDE_MAX),
        "longitude": _degrees(form, "longitude", LONGITUDE_MAX),
        "address1": form["address1"] or None,
        "zip_code": form["zip_code"] or None,
        "city": form["city"] or None,
        "country_id": address.country_id if address else None,
    }


def _degrees(form: Form, field: str, most: int) -> float | None:
    if not form[field]:
        return None
    try:
        degrees = float(form[field].replace(",", "."))
    except ValueError:
        raise Invalid(field, "must be a number, such as 56.15.") from None
    if not -most <= degrees <= most:
        raise Invalid(field, f"must be from -{most} to {most}.")
    return degrees


async def _form_page(asked: Asked, form: Form, site: Any) -> Response[bytes]:
    async with asked.database.read() as connection:
        teams = (await list_places(connection, asked.session.viewer)).teams
        return await asked.page(
            "site_form.jinja", connection, here="sites", status=400 if form.problems else 200, form=form, site=site,
            teams=teams, countries=await countries(connection),
        )  # fmt: skip
