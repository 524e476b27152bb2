"""The columns that the list of charge points can have, and which of them somebody sees."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from litestar import Response, post

from wattline.operations.saved_views import choose_columns
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.web.pages import PageRequest, go, safe_next

# The list whose columns and filters are kept.
ROOM = "charge-points"

# Name and state stand in every row. These follow in this order, however they were ticked.
COLUMNS: Mapping[str, str] = MappingProxyType({
    "plugs": "Connectors",
    "power": "Power",
    "day": "Last 24 hours",
    "today": "Energy today",
    "starts": "Starts OK",
    "site": "Site",
    "team": "Team",
    "model": "Make and model",
    "firmware": "Firmware",
    "price": "Price group",
    "access": "Access",
    "max": "Most power",
    "heard": "Last heard",
})  # fmt: skip
USUAL = ("plugs", "power", "day", "today", "starts", "site", "heard")


def shown_columns(chosen: Sequence[str] | None) -> list[str]:
    """List the columns to show, in their order; the usual ones for whoever never chose."""
    wanted = USUAL if chosen is None else chosen
    return [column for column in COLUMNS if column in wanted]


@post("/charge-points/columns", status_code=200)
async def keep_columns(request: PageRequest) -> Response[bytes]:
    """Keep which columns somebody wants, and go back to the list."""
    asked, form = Asked.of(request), await Form.of(request)
    wanted = USUAL if form["usual"] else form.lists.get("column", [])
    await choose_columns(asked.database, ROOM, shown_columns(wanted), asked_by=asked.session.viewer)
    return go(safe_next(form["next"], "/charge-points"), request)
