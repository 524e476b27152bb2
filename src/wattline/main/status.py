"""`wattline status`: what runs, where, and whether anything waits."""

import asyncio
import os
from dataclasses import asdict

from wattline.database.connection import AWAY, Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.main.clock import utc_now
from wattline.main.environment import read_settings
from wattline.main.options import Data, Json
from wattline.main.output import show_one
from wattline.queries.vital_signs import vital_signs
from wattline.settings import Settings


def status(*, data: Data = None, json: Json = False) -> int:
    """Show what runs and how it is. The exit code is 0 when charge points can be served, 1 when not."""
    settings = read_settings(os.environ, data_directory=data)
    found = asyncio.run(look(settings))
    show_one(found, as_json=json)
    return 0 if found.get("gateways_alive") else 1


async def look(settings: Settings) -> dict[str, object]:
    """Ask the database, if it runs; nothing is started for this."""
    where: dict[str, object] = {"data_directory": str(settings.data_directory)}
    url = settings.database.url
    if url is None:
        postgres = EmbeddedPostgres(settings.data_directory)
        if not postgres.is_running:
            return where | {"database": "stopped"}
        url = postgres.url
    try:
        database = await Database.open(url, connections_max=1)
    except (*AWAY, TimeoutError) as error:
        return where | {"database": f"does not answer: {error}"}
    try:
        return where | {"database": "running"} | asdict(await vital_signs(database, now=utc_now()))
    finally:
        await database.close()
