"""A running emulator: a fleet, its control port, its memory, and a clean end."""

import asyncio
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
import uvloop

from wattline.emulator.control_port import LOOPBACK, ControlPort
from wattline.emulator.fleet import Fleet
from wattline.emulator.memory import restore, save

SAVE_EVERY_SECONDS = 10.0
# Whoever waits for a control port's answer has it by then.
GOODBYE_SECONDS_MAX = 2


class CannotListen(Exception):
    """The control port could not be opened; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How an emulator runs. Control port 0 takes any free one, None none; a descriptor is a socket that listens."""

    control_host: str = "127.0.0.1"
    control_port: int | None = 8420
    control_descriptor: int | None = None
    state: Path | None = None
    per_second: float = 300.0
    until_stdin_closes: bool = False


class ControlServer(uvicorn.Server):
    """uvicorn without its signal handlers: the emulator has its own end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGTERM and SIGINT to us."""
        yield


def run_until_stopped(fleet: Fleet, options: RunOptions) -> None:
    """Run a fleet until SIGTERM, SIGINT, or the end of stdin when that was asked for. Raises CannotListen."""
    listener = control_socket(options)
    allow_many_sockets()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(fleet, options, listener))


async def _run(fleet: Fleet, options: RunOptions, listener: socket.socket | None) -> None:
    if options.state is not None:
        restore(fleet, options.state)
    stopping = _stop_signal(until_stdin_closes=options.until_stdin_closes)
    server = ControlServer(
        uvicorn.Config(
            ControlPort(fleet),
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GOODBYE_SECONDS_MAX,
        )
    )
    tasks = [asyncio.create_task(server.serve(sockets=[listener]))] if listener is not None else []
    tasks.append(asyncio.create_task(fleet.start(per_second=options.per_second)))
    if options.state is not None:
        tasks.append(asyncio.create_task(_keep_saving(fleet, options.state)))
    _say_ready(fleet, listener)
    await stopping.wait()
    await _end(fleet, server, tasks)
    if options.state is not None:
        save(fleet, options.state)


def control_socket(options: RunOptions) -> socket.socket | None:
    """Take the socket somebody opened for us, or open our own. Raises CannotListen."""
    if options.control_descriptor is not None:
        return socket.socket(fileno=options.control_descriptor)
    return None if options.control_port is None else open_socket(options.control_host, options.control_port)


def open_socket(host: str, port: int) -> socket.socket:
    """Listen on a loopback address. Raises CannotListen."""
    if host not in LOOPBACK:
        raise CannotListen(f"the control port opens only on this machine's own addresses, not on {host}")
    opened = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(100)
    except OSError as error:
        opened.close()
        raise CannotListen(f"cannot open the control port {host}:{port}: {error.strerror}") from None
    opened.setblocking(False)
    return opened


def allow_many_sockets() -> None:
    """Raise our limit of open files to what the system grants: every charge point of a fleet is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _say_ready(fleet: Fleet, listener: socket.socket | None) -> None:
    control = "no control port"
    if listener is not None:
        host, port = listener.getsockname()[:2]
        control = f"control port http://{f'[{host}]' if ':' in host else host}:{port}"
    print(f"emulator ready: {len(fleet.stations)} charge points, {control}", flush=True)


def _stop_signal(*, until_stdin_closes: bool) -> asyncio.Event:
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if until_stdin_closes:
        descriptor = sys.stdin.fileno()

        def read() -> None:
            if not os.read(descriptor, 4096):
                loop.remove_reader(descriptor)
                stopping.set()

        loop.add_reader(descriptor, read)
    return stopping


async def _keep_saving(fleet: Fleet, path: Path) -> None:
    while True:
        await asyncio.sleep(SAVE_EVERY_SECONDS)
        save(fleet, path)


async def _end(fleet: Fleet, server: uvicorn.Server, tasks: list[asyncio.Task[None]]) -> None:
    server.should_exit = True
    for task in tasks[1:] if server.started else tasks:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
    await fleet.stop()
