"""Add a charge point, first step: where it stands and whose it is. Each step is saved; "Not now" leaves it as it is."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.naming import checked_name
from wattline.domain.refusals import Invalid, NotReady
from wattline.operations.onboarding import Place, begin_charge_point, place_charge_point
from wattline.operations.sites import NewSite, create_site
from wattline.portal.address_form import address_of
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.setup_steps import ADD, next_step, steps_of, way_out
from wattline.queries.portal_places import list_places
from wattline.queries.portal_setup import Setup, setup_of
from wattline.queries.reference import countries
from wattline.web.pages import PageRequest, go


async def load(asked: Asked, connector_id: int) -> Setup:
    """Load a charge point to set it up. Raises Unknown."""
    async with asked.database.read() as connection:
        return await setup_of(connection, asked.session.viewer, connector_id)


async def step_page(
    asked: Asked,
    connection: Connection,
    template: str,
    setup: Setup | None,
    step: str,
    *,
    status: int = 200,
    **values: Any,
) -> Response[bytes]:
    """Render a step inside what all steps share."""
    return await asked.page(
        template,
        connection,
        here="charge-points",
        status=status,
        setup=setup,
        step=step,
        steps=steps_of(setup, step),
        not_now=way_out(setup),
        here_thing=f"charge-point/{setup.hardware.id}" if setup and setup.hardware else "",
        **values,
    )


@get(ADD)
async def add_page(request: PageRequest) -> Response[bytes]:
    """Begin."""
    asked = Asked.of(request)
    return await _place_page(asked, None, Form())


@post(ADD, status_code=200)
async def begin(request: PageRequest) -> Response[bytes]:
    """Save the first step; from then on there is a charge point, never connected."""
    asked = Asked.of(request)
    form = await Form.of(request)
    try:
        place = await _place_of(asked, form)
        made = await begin_charge_point(asked.database, place, asked_by=asked.session.viewer, now=asked.session.now)
    except Invalid as refusal:
        return await _place_page(asked, None, form.refused(refusal))
    return go(f"{ADD}/{made}/model", request)


@get(f"{ADD}/{{connector_id:int}}")
async def go_on(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Take up again where it was left."""
    return go(next_step(await load(Asked.of(request), connector_id)), request)


@get(f"{ADD}/{{connector_id:int}}/place")
async def place_page(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Show where it stands, to correct it."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    site = {"where": "site", "site": str(setup.site_id)} if setup.site_id else {"where": "none"}
    return await _place_page(asked, setup, Form({"name": setup.name, "team": str(setup.team_id), **site}))


@post(f"{ADD}/{{connector_id:int}}/place", status_code=200)
async def change_place(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Save a correction."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    form = await Form.of(request)
    try:
        place = await _place_of(asked, form)
        await place_charge_point(
            asked.database, connector_id, place, asked_by=asked.session.viewer, now=asked.session.now
        )
    except Invalid as refusal:
        return await _place_page(asked, setup, form.refused(refusal))
    except NotReady as refusal:
        return await _place_page(asked, setup, form.wrong("team", str(refusal)))
    return go(next_step(await load(asked, connector_id)), request)


async def _place_of(asked: Asked, form: Form) -> Place:
    """Read the form; a new site is made here. Raises Invalid naming the field."""
    name, team_id = checked_name(form["name"]), form.number("team")
    if team_id is None:
        raise Invalid("team", "choose whose it is.")
    if form["where"] == "new":
        return Place(team_id=team_id, name=name, site_id=await _new_site(asked, form, team_id))
    site_id = form.number("site") if form["where"] == "site" else None
    if form["where"] == "site" and site_id is None:
        raise Invalid("site", "choose one, or make a new one.")
    return Place(team_id=team_id, name=name, site_id=site_id)


async def _new_site(asked: Asked, form: Form, team_id: int) -> int:
    name = checked_name(form["site_name"], field="site_name")
    new = NewSite(team_id=team_id, name=name, address=address_of(form), time_zone=str(asked.session.formats.zone))
    return await create_site(asked.database, new, asked_by=asked.session.viewer, now=asked.session.now)


async def _place_page(asked: Asked, setup: Setup | None, form: Form) -> Response[bytes]:
    async with asked.database.read() as connection:
        places = await list_places(connection, asked.session.viewer)
        where = form["where"] or ("site" if places.sites else "new")
        return await step_page(
            asked,
            connection,
            "add_place.jinja",
            setup,
            "place",
            status=400 if form.problems else 200,
            form=form,
            where=where if places.sites or where != "site" else "new",
            places=places,
            countries=await countries(connection),
            home=asked.session.formats.locale.territory or "DK",
        )
