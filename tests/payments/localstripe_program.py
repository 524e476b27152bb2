"""Runs localstripe as a program of its own, where nobody but this machine can reach it.

localstripe's own start listens on every interface, so it is not used: its web application is run here on a socket that
we bind to the loopback address. It also would write a file to /tmp at every change and hold events back for a second;
both are turned off. localstripe is GPL: it is a tool of these tests, and nothing in src knows it.
"""

import asyncio
import socket
from types import SimpleNamespace

from aiohttp import web
from localstripe import resources, server, webhooks


def main() -> None:
    """Listen on a free port of the loopback address, print it, and serve until killed."""
    resources.Store.dump_to_disk = lambda _: None
    webhooks.asyncio = SimpleNamespace(ensure_future=asyncio.ensure_future, sleep=lambda _: asyncio.sleep(0))
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    web.run_app(server.app, sock=listener, print=None, access_log=None)


if __name__ == "__main__":
    main()
