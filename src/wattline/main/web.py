"""`wattline web`: Portal and Partner API, on uvicorn."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from uvicorn import Config, Server

from wattline.database.bus import PostgresBus
from wattline.database.connection import Database
from wattline.main import child, logs
from wattline.main.clock import utc_now
from wattline.main.connect import url_for_part
from wattline.main.environment import read_settings
from wattline.main.options import Data
from wattline.main.web_app import build
from wattline.operations.chance import SystemChance
from wattline.settings import Settings

# Live pages hold their request open; a stop does not wait longer for them.
GOODBYE_SECONDS_MAX = 3


def web(*, data: Data = None, host: str | None = None, port: int | None = None) -> None:
    """Run only the Portal and the Partner API, beside a database that runs already."""
    settings = read_settings(os.environ, data_directory=data, web__host=host, web__port=port)
    logs.configure(level=settings.log_level, form=settings.log_format, process="web")
    child.run(lambda life: answer_requests(settings, life))


async def answer_requests(settings: Settings, life: child.Life) -> None:
    """Answer requests until the signal to stop."""
    url = url_for_part(settings)
    listener = child.listening_socket(settings.web.host, settings.web.port)
    database = await Database.open(url, connections_max=settings.database.connections_max)
    try:
        async with PostgresBus(url) as bus:
            app = build(database, bus, settings, clock=utc_now, chance=SystemChance())
            await serve_until_stopped(ToldServer(config_for(app, settings), when_up=life.ready), listener, life)
    finally:
        await database.close()


def config_for(app: object, settings: Settings) -> Config:
    """Set uvicorn up: our loop, our logs, and whom to believe about the caller's address."""
    return Config(
        app,  # type: ignore[arg-type]  # Litestar's and uvicorn's ASGI types differ in words only
        loop="none",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.web.trusted_proxies,
        timeout_graceful_shutdown=GOODBYE_SECONDS_MAX,
    )


class ToldServer(Server):
    """uvicorn's server that tells when it is up and leaves the signals to us."""

    def __init__(self, config: Config, *, when_up: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_up = when_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._when_up()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGTERM and SIGINT to child.py."""
        yield


async def serve_until_stopped(server: Server, listener: socket.socket, life: child.Life) -> None:
    """Run uvicorn on our socket until the signal, then let it finish what it answers."""
    stopping = asyncio.create_task(life.until_stopped(), name="stop")
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="uvicorn")
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
