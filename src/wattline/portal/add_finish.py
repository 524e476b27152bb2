"""Add a charge point, last steps: who may use it, and from when on it counts."""

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.operations.onboarding import set_access, set_active
from wattline.portal.add_charge_point import load, step_page
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.setup_steps import ADD, way_out
from wattline.web.pages import PageRequest, go


@get(f"{ADD}/{{connector_id:int}}/access")
async def access_page(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Ask who may charge."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    async with asked.database.read() as connection:
        return await step_page(asked, connection, "add_access.jinja", setup, "access")


@post(f"{ADD}/{{connector_id:int}}/access", status_code=200)
async def choose_access(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Save it."""
    asked = Asked.of(request)
    await load(asked, connector_id)
    form = await Form.of(request)
    await set_access(
        asked.database,
        connector_id,
        visibility=form["visibility"],
        show_on_map=form["map"] == "yes",
        asked_by=asked.session.viewer,
        now=asked.session.now,
    )
    return go(f"{ADD}/{connector_id}/active", request)


@get(f"{ADD}/{{connector_id:int}}/active")
async def active_page(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Ask whether it counts from now on."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    async with asked.database.read() as connection:
        return await step_page(asked, connection, "add_active.jinja", setup, "active")


@post(f"{ADD}/{{connector_id:int}}/active", status_code=200)
async def choose_active(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Save it, and go to the page of the charge point."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    form = await Form.of(request)
    active = form["active"] == "yes"
    await set_active(asked.database, connector_id, active=active, asked_by=asked.session.viewer, now=asked.session.now)
    return go(way_out(setup), request)
