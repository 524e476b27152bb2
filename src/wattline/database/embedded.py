"""PostgreSQL without a set-up: our own short supervisor over the programs of a wheel (decision 0002).

It outlives a killed server (the next start takes it over), is started again when it dies, and listens on a Unix
socket only.
"""

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

from wattline.database.data_lock import DataLock
from wattline.database.unprivileged import SHARED_PLACE, Account, account_for, place_for, programs

MAJOR_VERSION = "18"
DATABASE = "wattline"
OWNER = "wattline"

# A Unix socket's path may be 107 bytes long, and PostgreSQL adds "/.s.PGSQL.5432" and ".lock" to the folder's.
SOCKET_FOLDER_BYTES_MAX = 100 - len("/.s.PGSQL.5432")

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


class PostgresFailed(Exception):
    """PostgreSQL did not start or stop; the message ends with its last words."""


class EmbeddedPostgres:
    """A PostgreSQL of our own on one data directory. `start()` also claims the directory for this process."""

    def __init__(
        self, directory: Path, *, settings: Mapping[str, str] | None = None, shared_place: Path = SHARED_PLACE
    ) -> None:
        """Name the data directory. `settings` go on top of SETTINGS, `shared_place` is for tests."""
        self.directory = directory.absolute()
        self.log = self.directory / "postgres.log"
        self._settings = {**SETTINGS, **(settings or {})}
        self._shared_place = shared_place
        self._lock = DataLock(self.directory)
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False

    async def start(self) -> str:
        """Return the URL of the database, having created, started or taken over its PostgreSQL.

        Raises DataDirectoryInUse when another server has the directory, PostgresFailed with PostgreSQL's own words.
        """
        self._stopping = False
        self._make_directory()
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
        pid = self.postmaster_pid()
        if pid is not None:
            os.kill(pid, signal.SIGINT)  # "fast shutdown" in PostgreSQL's manual
            await self._until_gone(pid, seconds_max=STOP_SECONDS_MAX)
        self._lock.release()

    async def watch(self) -> None:
        """Start PostgreSQL again whenever it dies, until `stop()`; raises PostgresFailed when it cannot."""
        while (pid := self.postmaster_pid()) is None or await self._until_gone(pid):
            if self._stopping:
                return
            await self._bring_up()

    @property
    def is_running(self) -> bool:
        return self.postmaster_pid() is not None

    @property
    def url(self) -> str:
        """Where to connect. Stays the same over restarts; valid while PostgreSQL runs."""
        return f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(self._socket_folder()), safe='')}"

    @property
    def cluster(self) -> Path:
        """The folder that PostgreSQL calls its data directory; a link when its user could not get there."""
        return self.directory / "postgres"

    def postmaster_pid(self) -> int | None:
        """Return the process id of the running PostgreSQL, whoever started it."""
        if self._child is not None:
            self._child.poll()  # takes the dead child off the process table
        pid, _status = self._pid_file()
        return pid if pid is not None and _is_alive(pid) and self._works_here(pid) else None

    def _make_directory(self) -> None:
        # Root's directory lets the system user pass through to its cluster; the files inside are closed themselves.
        self.directory.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)

    async def _bring_up(self) -> None:
        account = await asyncio.to_thread(account_for, self.cluster)
        binaries = await asyncio.to_thread(programs)
        if not (self.cluster / "PG_VERSION").exists():
            await asyncio.to_thread(self._create_cluster, binaries, account)
        self._refuse_other_version()
        if self.postmaster_pid() is None:
            self._prepare_socket_folder(account)
        deadline = asyncio.get_running_loop().time() + START_SECONDS_MAX
        while not await self._try_to_start(binaries, account, deadline):
            await asyncio.sleep(0.1)

    def _create_cluster(self, binaries: Path, account: Account) -> None:
        """Make an empty cluster with its database aside, then move it into place whole."""
        real = place_for(self.cluster, account, shared_place=self._shared_place)
        unfinished = real.with_name(f"{real.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        os.chown(unfinished, account.uid, account.gid)
        initdb = [str(binaries / "initdb"), "-D", str(unfinished), f"--username={OWNER}", "--auth=trust", "--no-sync"]
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run([*initdb, *locale, "--data-checksums"], account)
        single = [str(binaries / "postgres"), "--single", "-D", str(unfinished), "-c", "fsync=off", "postgres"]
        self._run(single, account, statement=f"create database {DATABASE}\n")
        self._run([str(binaries / "initdb"), "-D", str(unfinished), "--sync-only"], account)
        unfinished.rename(real)

    def _run(self, command: list[str], account: Account, *, statement: str = "") -> None:
        done = subprocess.run(
            command, input=statement, capture_output=True, text=True, cwd="/", env=_environment(), **_as(account)
        )
        if done.returncode != 0:
            raise PostgresFailed(
                f"{Path(command[0]).name} failed in {self.directory}:\n{(done.stdout + done.stderr)[-2000:]}"
            )

    def _refuse_other_version(self) -> None:
        version = (self.cluster / "PG_VERSION").read_text().strip()
        if version != MAJOR_VERSION:
            raise PostgresFailed(
                f"{self.cluster} was written by PostgreSQL {version}, but this Wattline brings {MAJOR_VERSION}."
            )

    def _socket_folder(self) -> Path:
        inside = self.cluster.resolve()
        if len(os.fsencode(inside)) <= SOCKET_FOLDER_BYTES_MAX:
            return inside
        return Path("/tmp") / f"wattline-{hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]}"  # noqa: S108

    def _prepare_socket_folder(self, account: Account) -> None:
        folder = self._socket_folder()
        if folder == self.cluster.resolve():
            return
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, account.uid, account.gid)
        except FileExistsError:
            status = folder.lstat()
            if folder.is_symlink() or status.st_uid != account.uid or status.st_mode & 0o077:
                raise PostgresFailed(f"{folder} is in the way: it is not a closed folder of {account.name}.") from None

    async def _try_to_start(self, binaries: Path, account: Account, deadline: float) -> bool:
        """Start PostgreSQL, or find it running, and wait until it takes connections; False asks for another try."""
        self._remove_stale_pid_file()
        log_from = self._spawn(binaries, account) if self.postmaster_pid() is None else None
        while self._pid_file()[1] != "ready" or self.postmaster_pid() is None:
            if asyncio.get_running_loop().time() > deadline:
                raise PostgresFailed(f"PostgreSQL was not ready in time.\n{self._last_words(log_from)}")
            if self.postmaster_pid() is None and (self._child is None or self._child.poll() is not None):
                words = self._last_words(log_from)
                # After a kill -9 the old children need a moment to notice and to let go of the shared memory.
                if "shared memory" in words or "lock file" in words or log_from is None:
                    return False
                raise PostgresFailed(f"PostgreSQL did not start.\n{words}")
            await asyncio.sleep(0.01)
        return True

    def _spawn(self, binaries: Path, account: Account) -> int:
        """Start the postmaster in a session of its own, so that Ctrl-C reaches only us; return where its log begins."""
        settings = self._settings | {"unix_socket_directories": str(self._socket_folder())}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            log_from = log.tell()
            self._child = subprocess.Popen(
                [str(binaries / "postgres"), "-D", str(self.cluster.resolve()), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                start_new_session=True,
                **_as(account),
            )
        return log_from

    def _last_words(self, log_from: int | None) -> str:
        if log_from is None:
            return ""
        with self.log.open("rb") as log:
            log.seek(log_from)
            return log.read()[-2000:].decode(errors="replace")

    def _pid_file(self) -> tuple[int | None, str]:
        """Read postmaster.pid: process id in line 1, and in line 8 starting, ready or stopping."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None, ""
        pid = int(lines[0]) if lines and lines[0].isdigit() else None
        return pid, lines[7].strip() if len(lines) > 7 else ""

    def _remove_stale_pid_file(self) -> None:
        """Remove postmaster.pid when its number belongs to another program by now: PostgreSQL would refuse to start."""
        pid, _status = self._pid_file()
        if pid is not None and _is_alive(pid) and not self._works_here(pid):
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _works_here(self, pid: int) -> bool:
        """Tell whether a process is a PostgreSQL of this cluster: each has the cluster as its working directory."""
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == self.cluster.resolve()
        except FileNotFoundError:
            return not Path("/proc/self").exists()
        except PermissionError:
            return False

    async def _until_gone(self, pid: int, *, seconds_max: float | None = None) -> bool:
        """Wait for the end of a process that need not be our child."""
        try:
            watched = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(watched, ended.set)
        try:
            async with asyncio.timeout(seconds_max):
                await ended.wait()
        except TimeoutError:
            raise PostgresFailed(f"PostgreSQL (process {pid}) did not stop in {seconds_max} s.") from None
        finally:
            loop.remove_reader(watched)
            os.close(watched)
        self.postmaster_pid()
        return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Identity(TypedDict, total=False):
    """What subprocess needs to become somebody else."""

    user: int
    group: int
    extra_groups: list[int]


def _as(account: Account) -> Identity:
    if account.uid == os.geteuid():
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _environment() -> dict[str, str]:
    """Nothing of ours: a PGDATA or PGOPTIONS of the shell must not reach the embedded PostgreSQL."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
