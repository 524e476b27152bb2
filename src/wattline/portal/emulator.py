"""The emulator's page: cars, keys, faults and lost networks for charge points in software, through its control port."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.access import Permission
from wattline.domain.naming import name_of_box
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, stream
from wattline.portal.states import point_look
from wattline.queries import portal_emulated as question
from wattline.queries.portal_emulated import EmulatedBox
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest

# It runs on this machine and answers at once, or not at all.
TIMEOUT_SECONDS = 3.0
VERBS = {"plug", "unplug", "tap", "suspend", "resume", "fault", "clear-fault", "offline", "online", "power-loss", "reboot"}
POWER_LOSS_SECONDS = 30


class Played(msgspec.Struct, frozen=True, rename="camel"):
    """One connector as the emulator plays it."""

    number: int
    status: str
    plugged: bool
    charging: bool
    power_w: int
    energy_wh: int
    error_code: str | None = None
    soc: float | None = None
    suspended: str | None = None


class PlayedBox(msgspec.Struct, frozen=True, rename="camel"):
    """One charge point as the emulator plays it."""

    identity: str
    connected: bool
    connectors: list[Played]
    has_power: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """A charge point as the page shows it; `played` is None when the emulator does not have it."""

    box: EmulatedBox
    name: str
    glyphs: list[tuple[str, str]]
    played: PlayedBox | None


class NotThere(Exception):
    """The emulator does not answer, or said no; `str()` says why."""


async def ask(request: PageRequest, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
    """Ask the control port. Raises NotThere."""
    address = request.app.state.settings.emulator_control_url
    if address is None:
        raise NotFoundException
    try:
        async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            answered = await client.request(method, path, json=body)
    except httpx.HTTPError:
        raise NotThere("The emulator does not answer. Is it running?") from None
    if answered.status_code >= httpx.codes.BAD_REQUEST:
        raise NotThere(_complaint(answered.content))
    return answered.content


def _complaint(content: bytes) -> str:
    try:
        return str(msgspec.json.decode(content, type=dict[str, Any]).get("error", "The emulator said no."))
    except msgspec.DecodeError:
        return "The emulator said no."


async def look(request: PageRequest, connection: Connection, asked: Asked) -> tuple[list[View], str]:
    """Put the viewer's charge points and what the emulator plays together; a problem is said, not raised."""
    boxes = await question.list_emulated(connection, asked.session.viewer)
    problem = ""
    played: dict[str, PlayedBox] = {}
    try:
        content = await ask(request, "GET", "/charge-points")
        played = {each.identity: each for each in msgspec.json.decode(content, type=list[PlayedBox])}
    except NotThere as not_there:
        problem = str(not_there)
    return [view_of(box, played.get(box.identity)) for box in boxes], problem


def view_of(box: EmulatedBox, played: PlayedBox | None) -> View:
    """Shape one charge point for the page."""
    glyphs = [(point_look(state)[0], point_look(state)[1].word) for state in box.states]
    return View(box, name_of_box(box.names), glyphs, played)


@get("/emulator")
async def emulator_page(request: PageRequest) -> Response[bytes]:
    """Show the charge points that are played."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        views, problem = await look(request, connection, asked)
        keys = await question.list_keys(connection, asked.session.viewer)
        return await asked.page(
            "emulator.jinja", connection, here="emulator", views=views, problem=problem, keys=keys, live="/live/emulator"
        )


@post("/emulator/{box_id:int}/{verb:str}", status_code=200)
async def drive(request: PageRequest, box_id: FromPath[int], verb: FromPath[str]) -> Response[bytes]:
    """Do something to one of them, and show how it is then."""
    asked = Asked.of(request)
    asked.session.viewer.must_hold("charge-points", permission=Permission.WRITE)
    async with asked.database.read() as connection:
        boxes = await question.list_emulated(connection, asked.session.viewer)
        keys = await question.list_keys(connection, asked.session.viewer)
    box = next((each for each in boxes if each.id == box_id), None)
    if box is None or verb not in VERBS:
        raise NotFoundException
    form: Any = await request.form()
    problem, played = "", None
    try:
        content = await ask(request, "POST", f"/charge-points/{quote(box.identity, safe='')}/{verb}", body_of(verb, form))
        played = msgspec.json.decode(content, type=PlayedBox)
    except NotThere as not_there:
        problem = str(not_there)
        played = await _played_still(request, box)
    return asked.fragment("emulated_box.jinja", view=view_of(box, played), problem=problem, keys=keys)


async def _played_still(request: PageRequest, box: EmulatedBox) -> PlayedBox | None:
    try:
        content = await ask(request, "GET", f"/charge-points/{quote(box.identity, safe='')}")
    except NotThere:
        return None
    return msgspec.json.decode(content, type=PlayedBox)


def body_of(verb: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Write a verb's body from the form."""
    number = str(form.get("connector", ""))
    body: dict[str, Any] = {"connector": int(number)} if number.isdigit() else {}
    match verb:
        case "tap":
            body["idTag"] = str(form.get("id_tag", "")).strip()
        case "suspend":
            body["by"] = "charge-point" if form.get("by") == "charge-point" else "car"
        case "fault":
            body["errorCode"] = "GroundFailure"
        case "power-loss":
            body["seconds"] = POWER_LOSS_SECONDS
    return body


@get("/live/emulator")
async def emulator_live(request: PageRequest) -> Response[bytes]:
    """Keep the page current."""
    asked = Asked.of(request)
    viewer = asked.session.viewer

    async def parts(connection: Connection, formats: Formats) -> Mapping[str, Part]:
        views, _ = await look(request, connection, asked)
        return {
            f"lamps-{view.box.id}": Part(render("emulated_lamps.jinja", view=view, f=formats), flash=False) for view in views
        }

    return stream(asked, [("operator", operator_id) for operator_id in viewer.operator_ids], parts)
