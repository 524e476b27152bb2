"""The real server as an owner starts it: `wattline serve` in a process of its own, on free ports and its own folder."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY_SECONDS_MAX = 180.0
STOP_SECONDS_MAX = 60.0


@dataclass
class RunningServer:
    """A started server: where it is, and how to hurt it."""

    process: asyncio.subprocess.Process
    data: Path
    environment: Mapping[str, str]
    web: str
    ocpp: str
    said: list[str]

    async def command(self, *arguments: str) -> Any:
        """Run one of the command line's verbs against this server; return what it prints as JSON."""
        process = await asyncio.create_subprocess_exec(
            *wattline(*arguments, "--data", str(self.data), "--json"),
            env={**os.environ, **self.environment},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert process.returncode == 0, f"wattline {' '.join(arguments)} failed"
        return json.loads(out)

    def part(self, name: str) -> int:
        """Return the process id of a part: gateway, web, worker, emulator or postgres."""
        if name == "postgres":
            return int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])
        for pid in children_of(self.process.pid):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if name.encode() in words:
                return pid
        raise LookupError(f"no {name} runs")

    def kill(self, name: str) -> None:
        """Kill a part as a crash would: without a word."""
        os.kill(self.part(name), signal.SIGKILL)

    async def stop(self) -> int:
        """Stop it as Ctrl-C does; return its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOP_SECONDS_MAX):
            return await self.process.wait()


def wattline(*arguments: str) -> list[str]:
    """Say how to run the program under test."""
    return [sys.executable, "-m", "wattline.main", *arguments]


def children_of(pid: int) -> list[int]:
    """List a process's children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def start(data: Path, *options: str, **environment: str) -> RunningServer:
    """Start a server on free ports and wait for its line `ready`."""
    process = await asyncio.create_subprocess_exec(
        *wattline("serve", "--port", "0", "--ocpp-port", "0", "--data", str(data), *options),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
    )
    said: list[str] = []
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_SECONDS_MAX):
            while (line := (await process.stdout.readline()).decode()) and line.strip() != "ready":
                said.append(line.rstrip())
    except TimeoutError:
        process.kill()
        raise
    assert line, f"the server ended before it was ready (exit code {await process.wait()})"
    places = {name.strip(): value.strip() for name, _, value in (row[2:].partition("  ") for row in said)}
    ocpp = places["Charge points"].removesuffix("/IDENTITY")
    return RunningServer(process, data, environment, places["Portal"], ocpp, said)


@asynccontextmanager
async def running(data: Path, *options: str, **environment: str) -> AsyncIterator[RunningServer]:
    """Start a server for the length of a block."""
    server = await start(data, *options, **environment)
    try:
        yield server
    finally:
        await server.stop()
