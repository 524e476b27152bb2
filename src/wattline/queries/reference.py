"""Reference data: what comes with the product and everybody may read."""

from collections.abc import Sequence
from typing import Literal

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page

Table = Literal["brand", "model", "connector_type", "country", "country_area", "currency"]

_COLUMNS: dict[Table, str] = {
    "brand": "t.*",
    "model": "t.*, b.name as brand_name",
    "connector_type": "t.*",
    "country": "t.*",
    "country_area": "t.*",
    "currency": "t.*",
}
_SOURCES: dict[Table, str] = {"model": "model t join brand b on b.id = t.brand_id"}
_WORDS: dict[Table, str] = {
    "brand": "charge point brand",
    "model": "charge point model",
    "connector_type": "charge point connector",
    "country_area": "country area",
}


async def by_id(connection: Connection, table: Table, row_id: int) -> Record:
    """Return one row. Raises Unknown."""
    rows = await by_ids(connection, table, [row_id])
    if not rows:
        raise Unknown(_WORDS.get(table, table), row_id)
    return rows[0]


async def by_ids(connection: Connection, table: Table, ids: Sequence[int]) -> list[Record]:
    """Return rows in the order of the ids."""
    found = await connection.fetch(f"select {_COLUMNS[table]} from {_source(table)} where t.id = any($1)", ids)
    rows = {row["id"]: row for row in found}
    return [rows[row_id] for row_id in ids if row_id in rows]


async def find(connection: Connection, table: Table, window: Window, conditions: Conditions, *, order: str) -> Found:
    """Find a page of a table; the conditions are about `t`, for models also about their brand `b`."""
    return await find_page(connection, _source(table), conditions, window, order=order)


async def countries(connection: Connection) -> list[Record]:
    """Return every country, by name."""
    return await connection.fetch("select * from country order by name")


async def country_areas(connection: Connection, country_id: int) -> list[Record]:
    """Return a country's areas, by name."""
    return await connection.fetch("select * from country_area where country_id = $1 order by name", country_id)


def _source(table: Table) -> str:
    return _SOURCES.get(table, f"{table} t")
