"""Bring a database to the newest schema, once, however many servers start at the same moment (decision 0003)."""

import asyncio
from pathlib import Path

import asyncpg

from wattline.database.connection import refuse_old_server, until_back

MIGRATIONS = Path(__file__).parent / "migrations"

# Any number, as long as nothing else in this database locks it.
ADVISORY_LOCK = 8400_8410

# A server that finds another one migrating waits for it; a migration that waits for a lock gives up soon, because
# everything behind it in the queue waits as well.
WAIT_FOR_OTHER_SERVER = "300s"
WAIT_FOR_TABLE = "5s"


class DatabaseTooNew(Exception):
    """A newer Wattline has already changed this database."""


async def migrate(url: str) -> bool:
    """Apply what is missing; tell whether anything was. Importing Alembic takes 0.3 s, so only when there is work."""
    connection = await until_back(lambda: asyncpg.connect(url, server_settings={"lock_timeout": WAIT_FOR_OTHER_SERVER}))
    try:
        refuse_old_server(connection.get_server_version().major)
        if await is_current(connection):
            return False
        await connection.execute("select pg_advisory_lock($1)", ADVISORY_LOCK)
        if await is_current(connection):
            return False
        await asyncio.to_thread(_upgrade, url)
        return True
    finally:
        await connection.close()


async def is_current(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """Compare the schema with this program's newest migration. Raises DatabaseTooNew when it is ahead of us."""
    newest = newest_revision()
    if await connection.fetchval("select to_regclass('alembic_version')") is None:
        return newest is None
    applied = await connection.fetchval("select version_num from alembic_version")
    if applied is not None and (newest is None or applied > newest):
        raise DatabaseTooNew(
            f"The database is at migration {applied}, this Wattline knows only {newest}: start the newer Wattline."
        )
    return bool(applied == newest)


def newest_revision() -> str | None:
    """Read the newest revision off the file names: `0007_why.py` is revision 0007."""
    return max((path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")), default=None)


def _upgrade(url: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = url
    config.attributes["lock_timeout"] = WAIT_FOR_TABLE
    command.upgrade(config, "head")
