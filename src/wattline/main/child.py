"""What every long-running process of ours does: die with its parent, stop on a signal, say when it is ready."""

import asyncio
import ctypes
import os
import signal
import socket
from collections.abc import Callable, Coroutine
from typing import Any

# The supervisor's side of these names is in supervisor.py.
PARENT = "WATTLINE_PARENT_PID"
READY_FD = "WATTLINE_READY_FD"
LISTEN_FD = "WATTLINE_LISTEN_FD"

PR_SET_PDEATHSIG = 1

Role = Callable[["Life"], Coroutine[Any, Any, None]]


class Life:
    """A process from its start to the signal that ends it."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()

    def ready(self) -> None:
        """Tell the supervisor, if there is one, that this process now does its work."""
        descriptor = os.environ.pop(READY_FD, None)
        if descriptor is not None:
            os.write(int(descriptor), b"r")
            os.close(int(descriptor))

    async def until_stopped(self) -> None:
        """Wait for SIGTERM or Ctrl-C."""
        await self.stopping.wait()


def run(role: Role) -> None:
    """Run a role until it returns; SIGTERM and SIGINT ask it to. Uses uvloop."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_live(role))


async def _live(role: Role) -> None:
    life = Life()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, life.stopping.set)
    await role(life)


def die_with_parent() -> None:
    """Ask the kernel for SIGKILL when the supervisor dies however it dies, so that no orphan holds a port."""
    parent = os.environ.pop(PARENT, None)
    if parent is None:
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # It may have died before we asked.
    if os.getppid() != int(parent):
        raise SystemExit("The supervisor is gone.")


def listening_socket(host: str, port: int) -> socket.socket:
    """Take the socket the supervisor opened for us, or open our own. Raises PortTaken."""
    descriptor = os.environ.pop(LISTEN_FD, None)
    return socket.socket(fileno=int(descriptor)) if descriptor is not None else open_socket(host, port)


class PortTaken(Exception):
    """Another program listens there."""


def open_socket(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """Listen on an address; port 0 takes any free one. Raises PortTaken, which names the command's `option`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
    except OSError as error:
        opened.close()
        raise PortTaken(
            f"Cannot listen on {host} port {port}: {error.strerror}. "
            f"Stop the program that listens there, or choose another port with {option}."
        ) from None
    # 10,000 charge points that come back at once queue here, as far as net.core.somaxconn lets them.
    opened.listen(4096)
    opened.setblocking(False)
    return opened


def open_free_socket(preferred: int) -> socket.socket:
    """Listen on this machine alone, at the preferred port or, when that is taken, at any free one."""
    try:
        return open_socket("127.0.0.1", preferred)
    except PortTaken:
        return open_socket("127.0.0.1", 0)
