"""Keeps child processes alive: starts them, waits until they work, starts them again when they die, stops them all."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from wattline.main.child import LISTEN_FD, PARENT, READY_FD

log = structlog.get_logger(__name__)

START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 15.0

# A part that dies again and again is started ever more slowly; one that lived this long begins afresh.
PAUSE_SECONDS_FIRST = 0.1
PAUSE_SECONDS_MAX = 10.0
SETTLED_SECONDS = 60.0


class PartFailed(Exception):
    """A part died before it worked for the first time; what it said is on stderr already."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One child process: `wattline` with these arguments. Its listening socket is ours, so that callers can wait in
    the queue while it is started again."""

    name: str
    arguments: list[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    listener: socket.socket | None = None
    # For a part that cannot say that it is ready: where it answers HTTP when it is.
    answers_at: tuple[str, int] | None = None


class Supervisor:
    """Runs parts until `stop()`."""

    def __init__(self) -> None:
        self.stopping = False
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self, parts: list[Part]) -> None:
        """Start parts and wait until every one works. Raises PartFailed."""
        ready = {part.name: asyncio.Event() for part in parts}
        keepers = [asyncio.create_task(self._keep(part, ready[part.name]), name=part.name) for part in parts]
        self._keepers += keepers
        all_ready = asyncio.create_task(_all_set(ready.values()))
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                await asyncio.wait([all_ready, *keepers], return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            late = ", ".join(name for name, event in ready.items() if not event.is_set())
            raise PartFailed(f"Not ready after {START_SECONDS_MAX:g} s: {late}.") from None
        finally:
            all_ready.cancel()
        for keeper in keepers:
            if keeper.done():
                keeper.result()

    async def watch(self) -> None:
        """Wait as long as the parts are kept alive; ends with `stop()`."""
        await asyncio.gather(*self._keepers)

    async def stop(self) -> None:
        """Ask every part to end, kill those that do not."""
        self.stopping = True
        for process in self._processes.values():
            _signal(process, signal.SIGTERM)
        waits = [asyncio.create_task(process.wait()) for process in self._processes.values()]
        if waits:
            _, late = await asyncio.wait(waits, timeout=STOP_SECONDS_MAX)
            if late:
                self.kill()
                await asyncio.wait(late)
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    def kill(self) -> None:
        """End every part at once."""
        for name, process in self._processes.items():
            if process.returncode is None:
                log.warning("killed: it did not stop by itself", part=name)
                _signal(process, signal.SIGKILL)

    async def _keep(self, part: Part, ready: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        pause = PAUSE_SECONDS_FIRST
        while True:
            started = loop.time()
            process, ready_pipe = await self._spawn(part)
            if await _works(part, process, ready_pipe):
                ready.set()
            code = await process.wait()
            if self.stopping:
                return
            if not ready.is_set():
                raise PartFailed(f"The {part.name} could not start (exit code {code}).")
            pause = PAUSE_SECONDS_FIRST if loop.time() - started > SETTLED_SECONDS else pause
            log.error("a part died and is started again", part=part.name, exit_code=code, in_s=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, PAUSE_SECONDS_MAX)

    async def _spawn(self, part: Part) -> tuple[asyncio.subprocess.Process, int]:
        """Start a part; return it with the end of a pipe on which it will say that it works."""
        ours, its = os.pipe()
        variables = {**part.variables, PARENT: str(os.getpid()), READY_FD: str(its)}
        inherited = [its]
        if part.listener is not None:
            variables[LISTEN_FD] = str(part.listener.fileno())
            inherited.append(part.listener.fileno())
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "wattline.main",
                *part.arguments,
                env={**os.environ, **variables},
                stdin=asyncio.subprocess.DEVNULL,
                # Our own standard output ends with a line that programs wait for; parts speak on stderr only.
                stdout=asyncio.subprocess.DEVNULL,
                pass_fds=inherited,
                # Ctrl-C in the terminal reaches only us; we tell the parts.
                start_new_session=True,
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(its)
        self._processes[part.name] = process
        return process, ours


async def _all_set(events: Iterable[asyncio.Event]) -> None:
    for event in events:
        await event.wait()


async def _works(part: Part, process: asyncio.subprocess.Process, pipe: int) -> bool:
    """Wait until a part does its work; False when it died before."""
    if part.answers_at is None:
        return await _says_ready(pipe)
    os.close(pipe)
    while process.returncode is None:
        if await _answers(part.answers_at):
            return True
        await asyncio.sleep(0.05)
    return False


async def _answers(address: tuple[str, int]) -> bool:
    """Tell whether somebody answers HTTP there; a connection alone may only have joined the queue."""
    try:
        async with asyncio.timeout(1.0):
            reader, writer = await asyncio.open_connection(*address)
            try:
                writer.write(b"HEAD / HTTP/1.0\r\nHost: localhost\r\n\r\n")
                return bool(await reader.read(1))
            finally:
                writer.close()
    except (ConnectionError, TimeoutError):
        return False


async def _says_ready(pipe: int) -> bool:
    """Wait for the part's word; False when it died without."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    with os.fdopen(pipe, "rb", buffering=0) as file:
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
        try:
            return await reader.read(1) == b"r"
        finally:
            transport.close()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except ProcessLookupError:
        return
