"""The only socket charge points talk to: the settings of the WebSocket server, and its opening and closing."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Sequence

import structlog
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import CloseCode
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from wattline.ocpp.handshake import Doorkeeper
from wattline.ocpp.liveness import keep_alive
from wattline.ocpp.process import prepare_process
from wattline.ocpp.reception import Reception
from wattline.ocpp.sessions import Sessions
from wattline.ocpp.socket import BoxSocket
from wattline.settings import Ocpp

log = structlog.get_logger()

# Whoever has not finished the handshake by then is cut off; our own part may take some seconds when all come at once.
HANDSHAKE_SECONDS = 30.0
# The kernel's waiting line, for the hour when all boxes come back at once.
BACKLOG = 4096
# How long a box may take to say goodbye in its turn.
CLOSE_SECONDS = 2.0
# Calls that are being stored when we stop may still be answered for this long.
FINISH_SECONDS = 3.0

# The library logs every stranger's failed handshake as an error with a traceback; we count and keep them ourselves.
QUIET = logging.Logger("wattline.websockets", level=logging.CRITICAL)


@contextlib.asynccontextmanager
async def listen(
    settings: Ocpp,
    doorkeeper: Doorkeeper,
    reception: Reception,
    sessions: Sessions,
    listener: socket.socket | None = None,
) -> AsyncIterator[int]:
    """Open the door; yield its port. On leaving, let no new box in and say goodbye to all.

    `listener` is a socket that listens already; without it, one is opened where the settings say.
    """

    async def admit(connection: ServerConnection, request: Request) -> Response | None:
        assert isinstance(connection, BoxSocket)
        return await doorkeeper.admit(connection, request)

    async def take_in(connection: ServerConnection) -> None:
        assert isinstance(connection, BoxSocket)
        assert connection.known is not None
        keep_alive(connection.transport.get_extra_info("socket"))
        await reception.serve(connection, connection.known)

    def choose(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        assert isinstance(connection, BoxSocket)
        return connection.subprotocol_chosen

    prepare_process()
    server = await serve(
        take_in,
        settings.host if listener is None else None,
        settings.port if listener is None else None,
        sock=listener,
        process_request=admit,
        select_subprotocol=choose,
        create_connection=BoxSocket,
        # Compression costs 40 KB a connection (stack figures), and boxes on mobile data send little.
        compression=None,
        max_size=settings.frame_bytes_max,
        open_timeout=HANDSHAKE_SECONDS,
        close_timeout=CLOSE_SECONDS,
        # liveness.py pings, with one task for all.
        ping_interval=None,
        server_header=None,
        backlog=BACKLOG,
        logger=QUIET,
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close(close_connections=False)
        await _say_goodbye(sessions)
        await server.wait_closed()


async def _say_goodbye(sessions: Sessions) -> None:
    """End all sessions, each after the call it is working on; whoever takes too long is dropped."""
    deadline = asyncio.get_running_loop().time() + FINISH_SECONDS
    sessions.is_closing = True
    for session in sessions:
        session.end(CloseCode.GOING_AWAY, "server restarts")
    while len(sessions) and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)
    for session in sessions:
        session.socket.drop()
