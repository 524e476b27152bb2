"""The floor under every OCPP server on this stack: take a frame apart, answer an empty result, keep nothing.

Run as `python -m bench.rig.echo_floor`, prints its port; what a real gateway costs more than this is our own doing.
"""

import asyncio

import msgspec
import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol


async def answer(connection: ServerConnection) -> None:
    """Answer every call with an empty result."""
    async for text in connection:
        frame = msgspec.json.decode(text)
        await connection.send(msgspec.json.encode([3, frame[1], {}]).decode())


async def run() -> None:
    """Serve until killed."""
    spoken = [Subprotocol("ocpp1.6")]
    async with serve(
        answer, "127.0.0.1", 0, subprotocols=spoken, compression=None, ping_interval=None, backlog=4096
    ) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
