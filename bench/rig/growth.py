"""A database grown large, filled by SQL: what lists must stay quick on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from wattline.database import partitions
from wattline.database.connection import Connection, Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.database.migrate import migrate
from wattline.operations.reference_data import seed

SQL = Path(__file__).with_suffix(".sql")

# It is thrown away when it breaks, so it need not wait for the disk; its cache is the product's.
FILLING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "8GB"}

# Many rows are put in first and indexed afterwards.
INDEXED_LATER = "charge"


@asynccontextmanager
async def grown_database(directory: Path, *, charges: int, charge_points: int) -> AsyncIterator[Database]:
    """Lend a database with so many charges, filled when the directory is new."""
    postgres = EmbeddedPostgres(directory, settings=FILLING)
    url = await postgres.start()
    try:
        await migrate(url)
        database = await Database.open(url)
        try:
            await _fill(database, charges=charges, charge_points=charge_points)
            yield database
        finally:
            await database.close()
    finally:
        await postgres.stop()


async def _fill(database: Database, *, charges: int, charge_points: int) -> None:
    async with database.dedicated() as connection:
        there: int = await connection.fetchval("select count(*) from charge")
        if there:
            assert there == charges, f"this folder holds {there} charges, not {charges}: name another one"
            return
    now = datetime.now(UTC)
    await seed(database, now=now)
    async with database.begin() as tx:
        await partitions.make(tx, now=now)
    numbers = {"charges": charges, "boxes": charge_points, "lines": charges // 5, "entries": charges // 5}
    async with database.dedicated() as connection:
        await connection.execute("set maintenance_work_mem = '1GB'")
        indexes = await _drop_indexes(connection)
        for statement in Template(SQL.read_text().replace("\\$", "$$")).substitute(numbers).split(";\n"):
            if statement.strip():
                await connection.execute(statement)
        for index in indexes:
            await connection.execute(index)
        await connection.execute("vacuum analyze")


async def _drop_indexes(connection: Connection) -> list[str]:
    rows = await connection.fetch(
        """select indexname, indexdef from pg_indexes
           where tablename = $1 and indexname not in (select conname from pg_constraint)""",
        INDEXED_LATER,
    )
    for row in rows:
        await connection.execute(f"drop index {row['indexname']}")
    return [row["indexdef"] for row in rows]
