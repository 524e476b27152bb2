"""The last steps of adding a charge point: who may charge there, and whether it is in full use."""

from litestar import Response, get, post

from wattline.operations import charge_points, connector_switches
from wattline.portal.add_steps import begin, bound, page
from wattline.portal.frame import Asked
from wattline.queries import portal_onboarding as question
from wattline.web.pages import PageRequest, go


@get("/charge-points/add/{connector_id:int}/access")
async def access_page(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Step 5: who may charge here."""
    return await _simple(request, connector_id, "access", "add_access.jinja")


@post("/charge-points/add/{connector_id:int}/access", status_code=200)
async def access(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Save who may charge here, for all connectors."""
    asked, form = await begin(request)
    changes = {
        "visibility": "public" if form.get("visibility") == "public" else "private",
        "show_on_map": form.get("show_on_map") == "yes",
    }
    for each in await _all_connectors(asked, connector_id):
        await charge_points.patch_connector(
            asked.database, each, changes, asked_by=asked.session.viewer, now=asked.session.now
        )
    return go(f"/charge-points/add/{connector_id}/active", request)


@get("/charge-points/add/{connector_id:int}/active")
async def active_page(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Step 6: full use, or testing for now."""
    return await _simple(request, connector_id, "active", "add_active.jinja")


@post("/charge-points/add/{connector_id:int}/active", status_code=200)
async def active(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Make all connectors active, or leave them for testing."""
    asked, form = await begin(request)
    if form.get("active") == "yes":
        for each in await _all_connectors(asked, connector_id):
            await connector_switches.activate(
                asked.database, each, asked_by=asked.session.viewer, now=asked.session.now
            )
    found = await bound(asked, connector_id)
    return go(f"/charge-points/{found.box_id}", request)


async def _all_connectors(asked: Asked, connector_id: int) -> list[int]:
    found = await bound(asked, connector_id)
    assert found.box_id is not None
    async with asked.database.read() as connection:
        return await question.connectors_of(connection, found.box_id)


async def _simple(request: PageRequest, connector_id: int, step: str, template: str) -> Response[bytes]:
    asked = Asked.of(request)
    found = await bound(asked, connector_id)
    async with asked.database.read() as connection:
        return await page(asked, connection, template, {"newcomer": found, "step": step})
