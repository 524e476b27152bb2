"""The Portal on a real port, for what a client in the same process cannot play: streams and browsers."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from litestar import Litestar

from tests.waiting import eventually


@asynccontextmanager
async def served(app: Litestar) -> AsyncIterator[str]:
    """Serve the app on a free port of this machine; the value is its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    # Streams stay open as long as their page; the end of a test does not wait for them.
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await eventually(lambda: server.started or serving.done())
        assert server.started
        yield f"http://localhost:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
