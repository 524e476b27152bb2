"""Which charge points a bulk action is for: rows that were picked, or all that match the list's filters."""

from urllib.parse import parse_qsl

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.operations.fleet_orders import ROWS_MAX
from wattline.portal.addresses import number
from wattline.portal.charge_points import Filters
from wattline.portal.forms import Form
from wattline.queries.portal_charge_points import list_boxes

QUERY_LENGTH_MAX = 1_000


def filters_in(query: str) -> Filters:
    """Read a list's filters from the part of its address behind the question mark."""
    return Filters.of(dict(parse_qsl(query[:QUERY_LENGTH_MAX])))


async def chosen(connection: Connection, viewer: Viewer, form: Form) -> list[int]:
    """List the keys of what was chosen; what the viewer does not see is not among them."""
    if form["all"]:
        wish = filters_in(form["query"]).wish(limit=ROWS_MAX)
        return (await list_boxes(connection, viewer, wish)).keys
    texts = form.lists.get("box", [])[:ROWS_MAX]
    return [int(text) for text in dict.fromkeys(texts) if number(text.removeprefix("-")) is not None]
