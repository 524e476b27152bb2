"""The least an HTTP request can cost here: a bare Litestar handler on uvicorn, set up like the product's web process.

`python -m bench.rig.http_floor PORT`
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvloop
from litestar import Litestar, Response, get

from wattline.main.child import open_free_socket
from wattline.main.environment import read_settings
from wattline.main.web import ToldServer, config_for


@dataclass(frozen=True)
class Floor:
    """Where the bare server is."""

    pid: int
    web: str


@contextmanager
def http_floor() -> Iterator[Floor]:
    """Run the bare server in a process of its own for the length of a block."""
    with open_free_socket(0) as listener:
        port = listener.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bench.rig.http_floor", str(port)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        yield Floor(process.pid, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)


@get("/bare", sync_to_thread=False)
def bare() -> Response[bytes]:
    """Answer with as many bytes as a charge has."""
    return Response(b'{"id":"%s"}' % (b"x" * 2_000), media_type="application/json")


async def serve(port: int) -> None:
    """Answer until somebody ends the process."""
    config = config_for(Litestar([bare], openapi_config=None, logging_config=None), read_settings({}))
    config.host, config.port = "127.0.0.1", port
    await ToldServer(config, when_up=lambda: print("ready", flush=True)).serve()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
