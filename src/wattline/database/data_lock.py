"""One server per data directory: a lock that the kernel lets go of however its holder dies."""

import fcntl
import os
from pathlib import Path


class DataDirectoryInUse(Exception):
    """Another Wattline server holds this data directory."""


class DataLock:
    """An exclusive lock on a data directory, held from `take()` to `release()` or the end of the process."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "server.lock"
        self._file: int | None = None

    def take(self) -> None:
        """Take the lock, or raise DataDirectoryInUse with the process that has it."""
        if self._file is not None:
            return
        # Not inherited by children: PostgreSQL outlives a killed server and must not keep the lock.
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise DataDirectoryInUse(
                f"Another Wattline server (process {holder}) is using {self.path.parent}. Stop it first "
                f"(Ctrl-C where it runs, or: kill {holder}), or give this one its own directory with --data DIR."
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
