"""The emulator's page: cars, keys, faults and lost networks for charge points in software, driven by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.identity import identity_key
from wattline.portal import emulator_line as line
from wattline.portal.emulated_view import FAULTS, BoxView, box_view
from wattline.portal.forms import Form
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, stream
from wattline.portal.setup_steps import ocpp_address
from wattline.queries.portal_emulated import emulated_boxes, keys_to_tap
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest

BOXES_SHOWN = 25
POWER_LOSS_SECONDS = 30
AT_CONNECTOR = {"plug", "unplug", "tap", "suspend", "resume", "fault", "clear-fault"}
AT_BOX = {"offline", "online", "power-loss", "reboot"}


@dataclass(frozen=True, slots=True)
class Stage:
    """What is played and fits the search. `answers` tells whether an emulator does."""

    answers: bool
    views: list[BoxView]

    @property
    def shown(self) -> list[BoxView]:
        """As many as a page bears; the search finds the others."""
        return self.views[:BOXES_SHOWN]


async def stage_of(asked: Asked, connection: Connection, text: str) -> Stage:
    """Put what the emulator plays and the viewer's charge points together; those of others are left out."""
    try:
        boxes = await line.played_boxes(asked.request.app.state.settings.emulator_control_url)
    except line.NotPlayed:
        return Stage(False, [])
    played = {identity_key(each.identity): each for each in boxes}
    known = await emulated_boxes(connection, asked.session.viewer, list(played))
    views = [box_view(box, played.get(identity_key(box.identity))) for box in known]
    wanted = text.casefold()
    fit = [view for view in views if wanted in f"{view.name} {view.box.identity}".casefold()]
    fit.sort(key=lambda view: view.played is None)
    return Stage(True, fit)


@get("/emulator")
async def emulator_page(request: PageRequest) -> Response[bytes]:
    """Show the charge points that are played, or how to have some."""
    asked = Asked.of(request)
    text = request.query_params.get("q", "")[:100].strip()
    async with asked.database.read() as connection:
        return await asked.page(
            "emulator.jinja",
            connection,
            here="emulator",
            stage=await stage_of(asked, connection, text),
            q=text,
            keys=await keys_to_tap(connection, asked.session.viewer),
            faults=FAULTS,
            control=request.app.state.settings.emulator_control_url,
            address=ocpp_address(request),
            live="/live/emulator?" + urlencode({"q": text}),
        )


@post("/emulator/{box_id:int}/{verb:str}", status_code=200)
async def drive(request: PageRequest, box_id: FromPath[int], verb: FromPath[str]) -> Response[bytes]:
    """Do something to one of them, and show how it is then."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        stage = await stage_of(asked, connection, "")
        keys = await keys_to_tap(connection, asked.session.viewer)
    if not stage.answers:
        return asked.fragment("emulator_gone.jinja")
    before = next((view for view in stage.views if view.box.id == box_id), None)
    if verb not in AT_CONNECTOR | AT_BOX or before is None:
        raise NotFoundException
    problem, view = "", before
    try:
        control = request.app.state.settings.emulator_control_url
        view = box_view(before.box, await line.drive(control, before.box.identity, verb, body_of(verb, form)))
    except line.SaidNo as said:
        problem = str(said)
    except line.NotPlayed:
        problem = "The emulator does not answer any more."
    return asked.fragment("emulated_box.jinja", view=view, problem=problem, keys=keys, faults=FAULTS)


def body_of(verb: str, form: Form) -> dict[str, Any]:
    """Write a verb's body from the form."""
    body: dict[str, Any] = {"connector": form.number("connector") or 1} if verb in AT_CONNECTOR else {}
    match verb:
        case "tap":
            body["idTag"] = form["id_tag"]
        case "suspend":
            body["by"] = "charge-point" if form["by"] == "charge-point" else "car"
        case "fault":
            body["errorCode"] = form["error_code"]
        case "power-loss":
            body["seconds"] = POWER_LOSS_SECONDS
    return body


@get("/live/emulator")
async def emulator_live(request: PageRequest) -> Response[bytes]:
    """Keep states and figures current; buttons change only when other ones make sense."""
    asked = Asked.of(request)
    text = request.query_params.get("q", "")[:100].strip()

    async def look(connection: Connection, formats: Formats) -> Mapping[str, Part]:
        stage = await stage_of(asked, connection, text)
        keys = await keys_to_tap(connection, asked.session.viewer)
        gone = "" if stage.answers else render("emulator_gone.jinja")
        parts: dict[str, Part] = {"emulator-said": Part(gone, flash=False)}
        for view in stage.shown:
            parts |= _parts(view, keys, formats)
        return parts

    return stream(asked, [("operator", operator_id) for operator_id in asked.session.viewer.operator_ids], look)


def _parts(view: BoxView, keys: list[tuple[str, str]], formats: Formats) -> dict[str, Part]:
    values = {"view": view, "keys": keys, "faults": FAULTS, "f": formats}
    parts = {
        f"line-{view.box.id}": Part(render("emulated_line.jinja", **values), flash=False),
        f"deeds-{view.box.id}": Part(render("emulated_box_deeds.jinja", **values), flash=False),
    }
    for socket in view.sockets:
        place = f"{view.box.id}-{socket.played.number}"
        lamp, deeds = (render(f"emulated_{what}.jinja", socket=socket, **values) for what in ("lamp", "deeds"))
        parts[f"lamp-{place}"] = Part(lamp, flash=False)
        parts[f"deeds-{place}"] = Part(deeds, flash=False, key=socket.deeds_key)
    return parts
