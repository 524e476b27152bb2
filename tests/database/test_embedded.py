"""The embedded PostgreSQL loses nothing, whoever is killed, and belongs to one server at a time."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.waiting import eventually
from wattline.database.connection import Database
from wattline.database.data_lock import DataDirectoryInUse
from wattline.database.embedded import SOCKET_PATH_BYTES_MAX, EmbeddedPostgres
from wattline.database.postmaster import until_gone
from wattline.database.unprivileged import PostgresFailed


@asynccontextmanager
async def running(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """Start it for the length of a block and give its URL."""
    url = await postgres.start()
    try:
        yield url
    finally:
        await postgres.stop()


async def ask(url: str, question: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def note_down(url: str, words: str) -> None:
    """Commit one row, so that there is something to lose."""
    connection = await asyncpg.connect(url)
    await connection.execute("create table if not exists note (words text)")
    await connection.execute("insert into note values ($1)", words)
    await connection.close()


async def test_a_first_start_makes_a_durable_database_without_a_network_port(data_directory: Path) -> None:
    async with running(EmbeddedPostgres(data_directory)) as url:
        assert await ask(url, "show server_version_num") >= "180000"
        assert await ask(url, "show fsync") == "on"
        assert await ask(url, "show data_checksums") == "on"
        assert await ask(url, "show listen_addresses") == ""
        assert await ask(url, "select datlocale from pg_database where datname = 'wattline'") == "C.UTF-8"
        assert await ask(url, "show server_encoding") == "UTF8"
    assert (data_directory / "postgres").stat().st_mode & 0o077 == 0


async def test_data_is_there_after_a_stop_and_a_start(data_directory: Path) -> None:
    async with running(EmbeddedPostgres(data_directory)) as url:
        await note_down(url, "kept")
    assert not EmbeddedPostgres(data_directory).is_running
    async with running(EmbeddedPostgres(data_directory)) as url:
        assert await ask(url, "select words from note") == "kept"


SERVER = """
    import asyncio, sys
    from pathlib import Path
    from wattline.database.embedded import EmbeddedPostgres

    async def serve() -> None:
        postgres = EmbeddedPostgres(Path(sys.argv[1]))
        print(await postgres.start(), flush=True)
        await asyncio.Event().wait()

    asyncio.run(serve())
"""


def start_server(directory: Path) -> tuple[subprocess.Popen[str], str]:
    """Start another process that holds the directory; return it and the database's URL."""
    command = [sys.executable, "-c", textwrap.dedent(SERVER), str(directory)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, server.stdout.readline().strip()


def kill(server: subprocess.Popen[str]) -> None:
    server.kill()
    server.communicate()


async def test_a_killed_server_leaves_postgresql_to_the_next_one(data_directory: Path) -> None:
    server, url = start_server(data_directory)
    await note_down(url, "acknowledged")
    postgres = EmbeddedPostgres(data_directory)
    before = postgres.pid
    kill(server)
    assert await postgres.start() == url
    assert postgres.pid == before
    assert await ask(url, "select words from note") == "acknowledged"
    await postgres.stop()
    assert not postgres.is_running


async def test_a_second_server_is_refused_and_told_by_whom(data_directory: Path) -> None:
    server, url = start_server(data_directory)
    second = EmbeddedPostgres(data_directory)
    with pytest.raises(DataDirectoryInUse, match=rf"process {server.pid}\).*--data DIR") as refusal:
        await second.start()
    assert str(data_directory) in str(refusal.value)
    assert await ask(url, "select 1") == 1, "the first one is not disturbed"
    kill(server)
    await second.start()
    await second.stop()


async def test_after_a_kill_of_postgresql_a_start_brings_everything_back(data_directory: Path) -> None:
    postgres = EmbeddedPostgres(data_directory)
    url = await postgres.start()
    await note_down(url, "committed")
    await kill_postmaster(postgres)
    assert await postgres.start() == url
    assert await ask(url, "select words from note") == "committed"
    await postgres.stop()


async def test_a_start_waits_for_an_orphan_that_is_still_busy(data_directory: Path) -> None:
    postgres = EmbeddedPostgres(data_directory)
    url = await postgres.start()
    # A loop that never waits does not notice the end of its postmaster, and so keeps the shared memory.
    busy = await asyncpg.connect(url)
    orphan = busy.get_server_pid()
    loop = "do $$ begin while clock_timestamp() < statement_timestamp() + '1 s' loop end loop; end $$"
    looping = asyncio.create_task(busy.execute(loop))
    await eventually(lambda: ask(url, f"select 1 from pg_stat_activity where pid = {orphan} and state = 'active'"))
    await kill_postmaster(postgres)
    assert is_at_work(orphan)
    await postgres.start()
    assert not is_at_work(orphan)
    with suppress(asyncpg.PostgresError, ConnectionError):
        await looping
    await postgres.stop()


def is_at_work(pid: int) -> bool:
    """Tell whether a process runs; one that has ended may stay on the process table until somebody asks for it."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_while_watched_it_comes_back_by_itself_and_so_does_the_pool(data_directory: Path) -> None:
    postgres = EmbeddedPostgres(data_directory)
    url = await postgres.start()
    watching = asyncio.create_task(postgres.watch())
    database = await Database.open(url)
    await note_down(url, "committed")
    for _kill in range(2):
        before = postgres.pid
        await kill_postmaster(postgres)
        async with database.begin() as tx:
            assert await tx.fetchval("select words from note") == "committed"
        assert postgres.pid != before
    await database.close()
    await postgres.stop()
    await watching
    assert not postgres.is_running, "the watch ends with the stop"


async def kill_postmaster(postgres: EmbeddedPostgres) -> None:
    pid = postgres.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until_gone(pid)


async def test_the_number_of_another_program_in_the_pid_file_is_no_hindrance(data_directory: Path) -> None:
    postgres = EmbeddedPostgres(data_directory)
    async with running(postgres) as url:
        await note_down(url, "kept")
    stale = data_directory / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{postgres.cluster}\n1\n5432\n{postgres.cluster}\n\n1 1\nready\n")
    async with running(postgres) as url:
        assert await ask(url, "select words from note") == "kept"


async def test_a_half_made_cluster_is_made_anew(data_directory: Path) -> None:
    half = data_directory / "postgres.unfinished"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    async with running(EmbeddedPostgres(data_directory)) as url:
        assert await ask(url, "select 1") == 1
    assert not half.exists()


async def test_a_long_path_gets_a_socket_elsewhere(data_directory: Path) -> None:
    deep = data_directory / ("a" * 60) / ("b" * 60)
    for folder in (deep.parent, deep):
        folder.mkdir(mode=0o711)
    postgres = EmbeddedPostgres(deep)
    async with running(postgres) as url:
        assert await ask(url, "select 1") == 1
        assert len(str(postgres.socket_folder)) < SOCKET_PATH_BYTES_MAX
        assert postgres.socket_folder.stat().st_mode & 0o077 == 0
    postgres.socket_folder.chmod(0o777)
    with pytest.raises(PostgresFailed, match="is in the way"):
        await postgres.start()
    postgres.socket_folder.rmdir()


async def test_another_major_version_is_named_not_tried(data_directory: Path) -> None:
    postgres = EmbeddedPostgres(data_directory)
    async with running(postgres):
        pass
    (data_directory / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(PostgresFailed, match="written by PostgreSQL 17, but this Wattline brings 18"):
        await postgres.start()


async def test_when_it_cannot_start_its_own_words_are_shown_and_the_directory_is_free(data_directory: Path) -> None:
    postgres = EmbeddedPostgres(data_directory, settings={"shared_buffers": "a lot"})
    with pytest.raises(PostgresFailed, match='invalid value for parameter "shared_buffers": "a lot"'):
        await postgres.start()
    async with running(EmbeddedPostgres(data_directory)) as url:
        assert await ask(url, "select 1") == 1
