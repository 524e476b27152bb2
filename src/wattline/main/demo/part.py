"""The demo at every start: made the first time, its addresses written anew, its charge points started."""

import socket
from datetime import UTC, datetime

import msgspec

from wattline.database.connection import Database
from wattline.database.joined import as_one
from wattline.main import places
from wattline.main.demo import paper
from wattline.main.demo.paper import DemoPaper, write_private
from wattline.main.demo.plan import BOXES, CHARGE_KEYS
from wattline.main.supervisor import Part
from wattline.settings import Settings

SEED = 8420


async def open_demo(database: Database, settings: Settings) -> DemoPaper | None:
    """Read the demo of this data directory, or make it when the database is empty; None when there is to be none."""
    if not settings.demo:
        return None
    if await _is_empty(database):
        return await _make(database, settings)
    if (made := paper.read(settings.data_directory)) is not None:
        _write(made, settings)
    return made


async def _make(database: Database, settings: Settings) -> DemoPaper:
    """Make the demo whole or not at all: a half-made one would be in the way of the next start."""
    from wattline.main.demo.make import make_demo

    async with as_one(database) as whole:
        made = await make_demo(whole, settings, now=datetime.now(UTC))
        # Before the commit: the passwords of a demo that is there are nowhere else.
        _write(made, settings)
    return made


def _write(made: DemoPaper, settings: Settings) -> None:
    made.web, made.ocpp = places.web_url(settings), places.ocpp_url(settings)
    made.emulator_control = settings.emulator_control_url or ""
    paper.write(settings.data_directory, made)


def emulator_part(made: DemoPaper, settings: Settings, *, control: socket.socket) -> Part:
    """Describe the process that plays the demo's charge points; `control` is the socket of its control port."""
    directory = settings.data_directory
    fleet = directory / "demo-fleet.json"
    write_private(fleet, msgspec.json.encode(_fleet(made, settings)))
    state = directory / "demo-emulator.json"
    options = ["--demo", str(fleet), "--control-descriptor", str(control.fileno()), "--state", str(state), "--quiet"]
    arguments = ["emulator", "fleet", *options]
    return Part(name="emulator", arguments=arguments, listener=control, answers_at=control.getsockname())


async def _is_empty(database: Database) -> bool:
    async with database.read() as connection:
        return not await connection.fetchval("select exists (select from operator)")


def _fleet(made: DemoPaper, settings: Settings) -> dict[str, object]:
    passwords = {entry.identity: entry.password for entry in made.charge_points}
    return {
        # Straight to our own gateway, wherever the public address leads.
        "url": f"ws://{settings.ocpp.host}:{settings.ocpp.port}/ocpp",
        "seed": SEED,
        "chargePoints": [
            {
                "identity": box.identity,
                "password": passwords[box.identity],
                "model": box.model,
                "connectors": [{"connectorId": n, "habit": habit} for n, habit in enumerate(box.habits, start=1)],
                "idTags": list(CHARGE_KEYS),
            }
            for box in BOXES
            if box.emulated and box.identity in passwords
        ],
    }
