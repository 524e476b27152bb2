"""Saved filters of the list of charge points."""

from litestar import Response, post
from litestar.params import FromPath

from wattline.operations.saved_views import forget_view, save_view
from wattline.portal.fleet_choice import filters_in
from wattline.portal.fleet_columns import ROOM
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.simple_deeds import do_and_go
from wattline.web.pages import PageRequest, go


@post("/charge-points/views", status_code=200)
async def keep_view(request: PageRequest) -> Response[bytes]:
    """Keep the filters of the list under a name."""
    asked, form = Asked.of(request), await Form.of(request)
    filters = filters_in(form["query"])
    saving = save_view(
        asked.database, ROOM, form["name"], filters.query, shared=bool(form["shared"]),
        asked_by=asked.session.viewer, now=asked.session.now,
    )  # fmt: skip
    return await do_and_go(asked, "Save filter", saving, to=filters.href(), here="charge-points")


@post("/charge-points/views/{view_id:int}/delete", status_code=200)
async def delete_view(request: PageRequest, view_id: FromPath[int]) -> Response[bytes]:
    """Delete one of one's own."""
    asked = Asked.of(request)
    await forget_view(asked.database, view_id, asked_by=asked.session.viewer)
    return go("/charge-points", request)
