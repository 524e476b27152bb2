"""A little web server that hears the webhooks of one terminal, and believes only those that are signed."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from wattline.main.terminal.server import Server, ServerSaysNo

# A batch holds at most a hundred entries of a few KB each.
BODY_BYTES_MAX = 4 * 1024 * 1024
HEAD_SECONDS_MAX = 10.0


class Hooks:
    """What was heard: charges as the server told of them. `forged` counts deliveries that nobody signed."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue(maxsize=1000)
        self.forged = 0

    async def serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one delivery."""
        try:
            async with asyncio.timeout(HEAD_SECONDS_MAX):
                status = await self._take(reader)
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        except (ConnectionError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _take(self, reader: asyncio.StreamReader) -> str:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= BODY_BYTES_MAX:
            return "413 Too Large"
        body = await reader.readexactly(length)
        expected = "sha1=" + hmac.new(self._secret, body, hashlib.sha1).hexdigest()
        if not hmac.compare_digest(expected.encode(), headers.get("x-monta-signature", "").encode()):
            self.forged += 1
            return "401 Unauthorized"
        for entry in msgspec.json.decode(body).get("entries", ()):
            if entry.get("entityType") == "charge" and not self.heard.full():
                self.heard.put_nowait(entry["payload"])
        return "200 OK"


@asynccontextmanager
async def hearing(server: Server, host: str, port: int, secret: str) -> AsyncIterator[Hooks]:
    """Listen, have the server tell us of charges, and take that back at the end.

    Raises ServerSaysNo, also when this API key has a webhook already: each key has one, and that one is somebody's.
    """
    await _must_have_none(server)
    hooks = Hooks(secret)
    listener = await asyncio.start_server(hooks.serve_one, host, port)
    try:
        here = f"http://{host}:{listener.sockets[0].getsockname()[1]}/hooks"
        config = {"webhookUrl": here, "webhookSecret": secret, "eventTypes": ["charges"]}
        await server.call("PUT", "/webhooks/config", config)
        try:
            yield hooks
        finally:
            await server.call("DELETE", "/webhooks/config")
    finally:
        listener.close()


async def _must_have_none(server: Server) -> None:
    try:
        await server.call("GET", "/webhooks/config")
    except ServerSaysNo as no:
        if no.status == 404:
            return
        raise
    raise ServerSaysNo(
        409, "IN_USE", "This API key has a webhook already. Use another key, or leave out --listen to poll."
    )
