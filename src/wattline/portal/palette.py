"""Ctrl-K: things, deeds, places, in that order."""

from dataclasses import dataclass

from litestar import Response, get
from litestar.params import FromQuery
from markupsafe import Markup

from wattline.database.connection import Connection
from wattline.domain.access import Right, Viewer, may
from wattline.domain.naming import name_of_box
from wattline.domain.refusals import Unknown
from wattline.portal.addresses import number
from wattline.portal.frame import Asked
from wattline.portal.navigation import DOORS
from wattline.portal.rows import box_href
from wattline.portal.states import charge_look, point_look
from wattline.queries import portal_palette as question
from wattline.queries.portal_charge_point import box_page
from wattline.web.formats import marked
from wattline.web.pages import PageRequest

# Fewer letters match half the network.
LETTERS_MIN = 1


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the palette. `state` is glyph and word of a thing; `aside` a quieter word at the end."""

    href: str
    icon: str
    label: Markup
    id: str = ""
    state: tuple[str, str] | None = None
    aside: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one kind."""

    heading: str
    options: list[Option]


# Besides the rooms of the navigation.
PLACES = (
    (Right.SET_UP_CHARGE_POINTS, "/charge-points/add", "plus", "Add a charge point"),
    (Right.SEE_CHARGE_POINTS, "/charge-points?state=error", "alert-triangle", "Charge points with an error"),
    (Right.SEE_CHARGE_POINTS, "/charge-points?state=disconnected", "wifi-off", "Charge points without contact"),
)


@get("/palette")
async def palette(request: PageRequest, q: FromQuery[str] = "", here: FromQuery[str] = "") -> Response[bytes]:
    """Answer what was typed so far; `here` is what the page is about."""
    asked = Asked.of(request)
    text = q.strip()[:60].replace("%", "").replace("_", "").replace("\\", "")
    async with asked.database.read() as connection:
        sections = await find(connection, asked.session.viewer, text, here)
    return asked.fragment("palette.jinja", sections=[each for each in sections if each.options], q=q.strip())


async def find(connection: Connection, viewer: Viewer, text: str, here: str) -> list[Section]:
    """Put the sections together."""
    wanted = len(text) >= LETTERS_MIN
    boxes = await question.find_boxes(connection, viewer, text) if wanted else []
    charges = await question.find_charges(connection, viewer, text) if wanted and may(viewer, Right.SEE_CHARGES) else []
    sites = await question.find_sites(connection, viewer, text) if wanted else []
    about = _about_box(boxes[0]) if boxes else await _about_here(connection, viewer, here)
    about = about if may(viewer, Right.CONTROL_CHARGE_POINTS) else None
    # Letters that name a charge point choose it; else they choose among what can be done here.
    do = [deed for deed in deeds(*about) if boxes or text.casefold() in deed.label.casefold()] if about else []
    return [
        Section("Charge points", [_box(each, text) for each in boxes]),
        Section("Charges", [_charge(each, text) for each in charges]),
        Section("Do", do),
        Section("Go to", _places(viewer, text) + [_site(each, text) for each in sites]),
    ]


def _about_box(found: question.FoundBox) -> tuple[int, str] | None:
    return (found.key, name_of_box(found.names)) if found.key > 0 else None


async def _about_here(connection: Connection, viewer: Viewer, here: str) -> tuple[int, str] | None:
    kind, _, which = here.partition("/")
    box_id = number(which)
    if kind != "charge-point" or box_id is None:
        return None
    try:
        box = await box_page(connection, viewer, box_id)
    except Unknown:
        return None
    return box.id, name_of_box([one.name for one in box.connectors])


def deeds(box_id: int, name: str) -> list[Option]:
    """List what one can do with a charge point; what ends charges asks first."""
    base = f"/charge-points/{box_id}"
    asks = "asks first"
    return [
        Option(f"{base}#do-check", "stethoscope", Markup("Run a check on {}").format(name), key="C"),
        Option(f"{base}#do-start", "player-play", Markup("Start charge at {}").format(name), aside=asks),
        Option(f"{base}#do-stop", "square", Markup("Stop charge at {}").format(name), aside=asks),
        Option(f"{base}#do-unlock", "lock-open", Markup("Unlock a connector of {}").format(name), aside=asks),
        Option(f"{base}#do-reboot", "refresh", Markup("Reboot charge point {}").format(name), aside=asks),
        Option(f"{base}/connection", "message-report", Markup("Open the log of {}").format(name)),
        Option(f"{base}#do-force-stop", "hand-stop", Markup("Force stop charging at {}").format(name), aside=asks),
    ]


def _box(found: question.FoundBox, text: str) -> Option:
    glyph, look = point_look(found.state)
    identity = found.identity or ""
    return Option(
        box_href(found.key), "charging-pile", marked(name_of_box(found.names), text), identity, (glyph, look.word)
    )


def _charge(found: question.FoundCharge, text: str) -> Option:
    glyph, look = charge_look(found.state, failed=found.failed)
    label = Markup('<span class="id">{}</span> {}').format(marked(found.human_readable_id, text), found.where)
    return Option(f"/charges/{found.id}", "bolt", label, state=(glyph, look.word))


def _site(found: question.FoundSite, text: str) -> Option:
    label = Markup("Site {}").format(marked(found.name, text))
    return Option(f"/charge-points?site={found.id}", "map-pin", label, aside=f"{found.connectors} connectors")


def _places(viewer: Viewer, text: str) -> list[Option]:
    rooms = [(door.right, door.href, door.icon, door.label) for door in DOORS if door.key != "emulator"]
    return [
        Option(href, icon, marked(label, text))
        for right, href, icon, label in (*rooms, *PLACES)
        if text.casefold() in label.casefold() and may(viewer, right)
    ]
