"""PostgreSQL without a set-up: our own short supervisor over the programs of a wheel (decision 0002).

It outlives a killed server (the next start takes it over), is started again when it dies, and listens on a Unix
socket only.
"""

import asyncio
import hashlib
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from wattline.database.cluster import DATABASE, ENVIRONMENT, OWNER, create_cluster, refuse_other_version, run_as
from wattline.database.data_lock import DataLock
from wattline.database.postmaster import Postmaster, until_gone
from wattline.database.unprivileged import SHARED_PLACE, Account, PostgresFailed, account_for, place_for, programs

__all__ = ["EmbeddedPostgres", "PostgresFailed"]

# A Unix socket's path may be 107 bytes long, and PostgreSQL adds ".lock" to its name beside it.
SOCKET_PATH_BYTES_MAX = 100
SOCKET_NAME = ".s.PGSQL.5432"

# Recovery after a crash replays at most max_wal_size; far longer than that took here, yet an end.
START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 30.0
LOG_BYTES_MAX = 10_000_000

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    "fsync": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


class EmbeddedPostgres:
    """A PostgreSQL of our own on one data directory. `start()` also claims the directory for this process."""

    def __init__(
        self, directory: Path, *, settings: Mapping[str, str] | None = None, shared_place: Path = SHARED_PLACE
    ) -> None:
        """Name the data directory. `settings` go on top of SETTINGS; `shared_place` is another one in tests only."""
        self.directory = directory.absolute()
        self.cluster = self.directory / "postgres"
        self.log = self.directory / "postgres.log"
        self._settings = {**SETTINGS, **(settings or {})}
        self._shared_place = shared_place
        self._lock = DataLock(self.directory)
        self._postmaster = Postmaster(self.cluster)
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False

    async def start(self) -> str:
        """Return the URL of the database, having created, started or taken over its PostgreSQL.

        Raises DataDirectoryInUse when another server has the directory, PostgresFailed with PostgreSQL's own words.
        """
        self._stopping = False
        # Root's directory lets the system user pass through to its cluster; the files inside are closed themselves.
        self.directory.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        self._lock.take()
        try:
            await self._bring_up()
        except BaseException:
            self._lock.release()
            raise
        return self.url

    async def stop(self) -> None:
        """Stop PostgreSQL and let go of the directory. Open connections are closed, what was committed stays."""
        self._stopping = True
        if (pid := self.pid) is not None:
            os.kill(pid, signal.SIGINT)  # "fast shutdown" in PostgreSQL's manual
            try:
                await until_gone(pid, seconds_max=STOP_SECONDS_MAX)
            except TimeoutError:
                raise PostgresFailed(f"PostgreSQL (process {pid}) did not stop in {STOP_SECONDS_MAX} s.") from None
        self._take_off_process_table()
        self._lock.release()

    async def watch(self) -> None:
        """Start PostgreSQL again whenever it dies, until `stop()`. Raises PostgresFailed when it cannot."""
        while not self._stopping:
            if (pid := self.pid) is None:
                await self._bring_up()
            else:
                await until_gone(pid)

    @property
    def pid(self) -> int | None:
        """The process id of our PostgreSQL, or None when it does not run."""
        self._take_off_process_table()
        return self._postmaster.pid

    @property
    def is_running(self) -> bool:
        return self.pid is not None

    @property
    def url(self) -> str:
        """Where to connect. Stays the same over restarts; valid while PostgreSQL runs."""
        return f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(self.socket_folder), safe='')}"

    @property
    def socket_folder(self) -> Path:
        """The cluster itself, or a folder with a short name when that path is too long for a socket."""
        inside = self.cluster.resolve()
        if len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX:
            return inside
        return Path("/tmp") / f"wattline-{hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]}"  # noqa: S108

    async def _bring_up(self) -> None:
        if self._postmaster.is_ready:
            return
        account = await asyncio.to_thread(account_for, self.cluster)
        binaries = await asyncio.to_thread(programs)
        if not (self.cluster / "PG_VERSION").exists():
            real = place_for(self.cluster, account, shared_place=self._shared_place)
            await asyncio.to_thread(create_cluster, real, binaries, account)
        refuse_other_version(self.cluster)
        self._prepare_socket_folder(account)
        deadline = asyncio.get_running_loop().time() + START_SECONDS_MAX
        while not await self._try_to_start(binaries, account, deadline):
            await asyncio.sleep(0.1)

    async def _try_to_start(self, binaries: Path, account: Account, deadline: float) -> bool:
        """Start PostgreSQL, or find it running, and wait until it takes connections; False asks for another try."""
        self._postmaster.forget_stranger()
        found_running = self.is_running
        log_from = self.log.stat().st_size if self.log.exists() else 0
        if not found_running:
            self._spawn(binaries, account)
        while not self._postmaster.is_ready:
            if asyncio.get_running_loop().time() > deadline:
                raise PostgresFailed(f"PostgreSQL was not ready in time.\n{self._last_words(log_from)}")
            if not self.is_running and self._child is None:
                words = self._last_words(log_from)
                # After a kill -9 the old children need a moment to notice and to let go of the shared memory.
                if found_running or "shared memory" in words or "lock file" in words:
                    return False
                raise PostgresFailed(f"PostgreSQL did not start.\n{words}")
            await asyncio.sleep(0.01)
        return True

    def _spawn(self, binaries: Path, account: Account) -> None:
        settings = self._settings | {"unix_socket_directories": str(self.socket_folder)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [str(binaries / "postgres"), "-D", str(self.cluster.resolve()), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,  # Ctrl-C in the terminal is for us; we then stop PostgreSQL in order
                **run_as(account),
            )

    def _take_off_process_table(self) -> None:
        if self._child is not None and self._child.poll() is not None:
            self._child = None

    def _last_words(self, log_from: int) -> str:
        with self.log.open("rb") as log:
            log.seek(min(log_from, self.log.stat().st_size))
            return log.read()[-2000:].decode(errors="replace")

    def _prepare_socket_folder(self, account: Account) -> None:
        folder = self.socket_folder
        if folder == self.cluster.resolve():
            return
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, account.uid, account.gid)
        except FileExistsError:
            status = folder.lstat()
            if folder.is_symlink() or status.st_uid != account.uid or status.st_mode & 0o077:
                raise PostgresFailed(f"{folder} is in the way: it is not a closed folder of {account.name}.") from None
