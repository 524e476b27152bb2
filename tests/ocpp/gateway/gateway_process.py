"""A gateway in a process of its own, to be killed: `python -m tests.ocpp.gateway.gateway_process URL PORT`."""

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.ocpp.gateway.yard import PEPPER
from wattline.database.bus import PostgresBus
from wattline.database.connection import Database
from wattline.ocpp.gateway import serve_gateway
from wattline.operations.chance import SystemChance
from wattline.settings import Ocpp, Settings


async def serve(url: str, port: int) -> None:
    """Serve until killed; the line `ready` says that boxes may call."""
    chance = SystemChance()
    settings = Settings(
        data_directory=Path(tempfile.gettempdir()), pepper=PEPPER, ocpp=Ocpp(port=port, settle_seconds=0.05)
    )
    database = await Database.open(url)
    async with (
        PostgresBus(url) as bus,
        serve_gateway(
            settings, database, bus, clock=lambda: datetime.now(UTC), chance=chance, gateway_id=chance.uuid()
        ) as gateway,
    ):
        print(f"ready {gateway.port}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
