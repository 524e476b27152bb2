"""`wattline gateway`: the sockets of charge points."""

import os
import socket
import uuid

from wattline.database.bus import PostgresBus
from wattline.database.connection import Database
from wattline.main import child, logs
from wattline.main.clock import utc_now
from wattline.main.connect import url_for_part
from wattline.main.environment import read_settings
from wattline.main.options import Data
from wattline.ocpp.gateway import serve_gateway
from wattline.operations.chance import SystemChance
from wattline.settings import Settings


def gateway(*, data: Data = None, host: str | None = None, port: int | None = None) -> None:
    """Run only the gateway for charge points, beside a database that runs already."""
    settings = read_settings(os.environ, data_directory=data, ocpp__host=host, ocpp__port=port)
    logs.configure(level=settings.log_level, form=settings.log_format, process="gateway")
    child.run(lambda life: hold_sockets(settings, life))


async def hold_sockets(settings: Settings, life: child.Life) -> None:
    """Serve charge points until the signal to stop."""
    url = url_for_part(settings)
    listener = child.listening_socket(settings.ocpp.host, settings.ocpp.port)
    database = await Database.open(url, connections_max=settings.database.connections_max)
    # New at every start: what an earlier life of this gateway held is not ours.
    gateway_id = f"{socket.gethostname()[:30]}-{uuid.uuid4().hex[:12]}"
    try:
        async with (
            PostgresBus(url) as bus,
            serve_gateway(
                settings, database, bus, clock=utc_now, chance=SystemChance(), gateway_id=gateway_id, listener=listener
            ),
        ):
            life.ready()
            await life.until_stopped()
    finally:
        await database.close()
