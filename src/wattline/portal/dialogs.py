"""The dialogs of Remote actions, made when they are opened: they name the charges and figures of that moment."""

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.portal.charge_point import load
from wattline.portal.frame import Asked
from wattline.portal.point_price import point_prices
from wattline.queries.portal_charge_point import open_charges
from wattline.queries.portal_places import list_places
from wattline.queries.saved_cards import ready_cards
from wattline.web.pages import PageRequest

KEYS = {"start", "stop", "unlock", "reboot", "force-stop"}


@get("/charge-points/{box_id:int}/dialogs/{key:str}")
async def dialog(request: PageRequest, box_id: FromPath[int], key: FromPath[str]) -> Response[bytes]:
    """Answer with one dialog for the page to open."""
    if key not in KEYS:
        raise NotFoundException
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        formats = asked.session.formats
        view = await load(asked, connection, box_id, formats)
        prices = await point_prices(connection, asked.session.viewer, view.box.connectors, formats)
        charges = await open_charges(connection, box_id)
        places = await list_places(connection, asked.session.viewer)
        cards = await ready_cards(connection, asked.session.viewer)
    values = {"open_charges": charges, "teams": places.teams, "prices": prices, "cards": cards}
    return asked.fragment("charge_point_dialogs.jinja", key=key, view=view, **values)
