"""The running PostgreSQL of one cluster, seen from outside: is it there, is it ready, when is it gone."""

import asyncio
import os
from pathlib import Path

READY = "ready"


class Postmaster:
    """Reads what PostgreSQL writes about itself into its cluster, whoever started it."""

    def __init__(self, cluster: Path) -> None:
        self._cluster = cluster
        self._pid_file = cluster / "postmaster.pid"

    @property
    def pid(self) -> int | None:
        """The process id, or None when no PostgreSQL runs on this cluster."""
        pid = self._recorded()[0]
        return pid if pid is not None and is_alive(pid) and self._works_here(pid) else None

    @property
    def is_ready(self) -> bool:
        """Whether it takes connections; not while it recovers from a crash."""
        return self.pid is not None and self._recorded()[1] == READY

    def forget_stranger(self) -> None:
        """Remove postmaster.pid when its number belongs to another program by now: PostgreSQL would refuse to start."""
        pid = self._recorded()[0]
        if pid is not None and is_alive(pid) and not self._works_here(pid):
            self._pid_file.unlink(missing_ok=True)

    def _recorded(self) -> tuple[int | None, str]:
        """Read postmaster.pid: the process id is in line 1; line 8 says starting, ready or stopping."""
        try:
            lines = self._pid_file.read_text().splitlines()
        except FileNotFoundError:
            return None, ""
        pid = int(lines[0]) if lines and lines[0].isdigit() else None
        return pid, lines[7].strip() if len(lines) > 7 else ""

    def _works_here(self, pid: int) -> bool:
        """Tell a PostgreSQL of this cluster from a stranger: its working directory is the cluster."""
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == self._cluster.resolve()
        except (FileNotFoundError, PermissionError):
            return False


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def until_gone(pid: int, *, seconds_max: float | None = None) -> None:
    """Wait for the end of a process, which need not be our child. Raises TimeoutError."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(watched, ended.set)
    try:
        async with asyncio.timeout(seconds_max):
            await ended.wait()
    finally:
        loop.remove_reader(watched)
        os.close(watched)
