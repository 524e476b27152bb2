"""What every test may ask for: a fresh database of the newest schema, on a PostgreSQL that lives for the session."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from wattline.database.connection import Database
from wattline.database.data_lock import DataDirectoryInUse, DataLock
from wattline.database.embedded import EmbeddedPostgres
from wattline.database.migrate import migrate

# Tests lose nothing in a power cut, so they need not wait for the disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "256MB"}

# Copying the template makes 300 small files: 12 ms in memory, 400 ms on a slow disk.
MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 1_000_000_000

SESSION_PREFIX = "wattline-tests-"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL to play with: an embedded one, or that of WATTLINE_TEST_DATABASE_URL."""
    given = os.environ.get("WATTLINE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    asyncio.run(sweep_up())
    directory = open_directory(SESSION_PREFIX)
    postgres = EmbeddedPostgres(directory, settings=FAST)
    yield asyncio.run(postgres.start())
    asyncio.run(postgres.stop())
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def template_name(postgres_url: str) -> Iterator[str]:
    """The name of a database of the newest schema, from which every test gets a copy."""
    name = f"wattline_template_{os.getpid()}"
    asyncio.run(administer(postgres_url, f"create database {name}"))
    asyncio.run(migrate(url_of(postgres_url, name)))
    yield name
    asyncio.run(administer(postgres_url, f"drop database {name} with (force)"))


@pytest.fixture
def begins_as(template_name: str) -> str:
    """The database of which a test gets a copy; packages name one with their stage in it (tests/stages.py)."""
    return template_name


@pytest.fixture
async def database_url(postgres_url: str, begins_as: str, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The URL of a fresh, migrated, empty database, gone after the test."""
    name = f"wattline_test_{os.getpid()}_{id(request)}"
    await administer(postgres_url, f"create database {name} template {begins_as} strategy file_copy")
    yield url_of(postgres_url, name)
    await administer(postgres_url, f"drop database {name} with (force)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh, migrated, empty database, opened as the product opens it."""
    opened = await Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def data_directory() -> Iterator[Path]:
    """An empty folder for a server's data, which the system user can reach when the tests run as root."""
    directory = open_directory("wattline-data-")
    yield directory
    shutil.rmtree(directory)


def open_directory(prefix: str) -> Path:
    """Make a temporary folder, in memory if there is room, that other users may pass through, unlike pytest's own."""
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_BYTES_MIN
    directory = Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if in_memory else None))
    directory.chmod(0o711)
    return directory


def url_of(server_url: str, database_name: str) -> str:
    """Name another database on the same server."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{database_name}"))


async def sweep_up() -> None:
    """Stop and remove what a killed test session left running."""
    for parent in (MEMORY, Path(tempfile.gettempdir())):
        for directory in parent.glob(f"{SESSION_PREFIX}*"):
            with suppress(DataDirectoryInUse, FileNotFoundError, PermissionError):
                # Looked at first, so that a session that is only just beginning is never disturbed.
                (directory / "postgres" / "PG_VERSION").stat()
                lock = DataLock(directory)
                lock.take()
                lock.release()
                await EmbeddedPostgres(directory).stop()
                shutil.rmtree(directory, ignore_errors=True)


async def administer(server_url: str, statement: str) -> None:
    """Run one statement that belongs to no database, such as create database."""
    connection = await asyncpg.connect(url_of(server_url, "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a database, so that those tests can run on another PostgreSQL as well."""
    for item in items:
        if "postgres_url" in getattr(item, "fixturenames", ()):
            item.add_marker("database")
