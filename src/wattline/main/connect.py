"""How commands reach the database: the server's, running or not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wattline.database.connection import Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.database.migrate import migrate
from wattline.settings import Settings


class NothingRuns(Exception):
    """A part of the server was started alone, but there is no database for it."""


@asynccontextmanager
async def database_of(settings: Settings) -> AsyncIterator[Database]:
    """Open the database for one command. The embedded PostgreSQL is started for it when no server runs."""
    async with url_for_command(settings) as url:
        await migrate(url)
        database = await Database.open(url, connections_max=4)
        try:
            yield database
        finally:
            await database.close()


@asynccontextmanager
async def url_for_command(settings: Settings) -> AsyncIterator[str]:
    """Lend the URL of the database, of a running server or of a PostgreSQL started for as long as it is used."""
    if settings.database.url is not None:
        yield settings.database.url
        return
    postgres = EmbeddedPostgres(settings.data_directory)
    if postgres.is_running:
        yield postgres.url
        return
    url = await postgres.start()
    try:
        yield url
    finally:
        await postgres.stop()


def url_for_part(settings: Settings) -> str:
    """Return the URL for a part that runs on its own; the database must be there already. Raises NothingRuns."""
    if settings.database.url is not None:
        return settings.database.url
    postgres = EmbeddedPostgres(settings.data_directory)
    if not postgres.is_running:
        raise NothingRuns(
            f"No database runs in {settings.data_directory}. Start `wattline serve` there, or set DATABASE_URL."
        )
    return postgres.url
