"""The log of a charge point as the Partner API tells it: page by page, or from one line to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.queries.paging import Conditions, Window

# Offset pages stop here (Partner API 2.3); cursors go on.
OFFSET_ROWS_MAX = 10_000

# Lines of the box as a whole are in the log of each of its connectors.
SOURCE = """
from log_line t join connector k on k.charge_point_id = t.charge_point_id
  and (t.connector_number is null or t.connector_number in (0, k.number))
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which part of a charge point's log: from the first time up to, but not at, the second."""

    connector_id: int
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line's place in the log."""

    at: datetime
    id: int


async def lines_on_page(connection: Connection, stretch: Stretch, window: Window) -> tuple[Sequence[Record], int]:
    """Return a page of lines, the newest first, and how many there are, counted up to OFFSET_ROWS_MAX."""
    conditions = _conditions(stretch)
    total: int = await connection.fetchval(
        f"select count(*) from (select {SOURCE} where {conditions.where} limit {OFFSET_ROWS_MAX}) as bounded",
        *conditions.values,
    )
    offset, limit = conditions.bind(window.offset), conditions.bind(window.per_page)
    rows = await connection.fetch(
        f"""select t.id, t.at, t.kind, t.detail {SOURCE} where {conditions.where}
            order by t.at desc, t.id desc offset {offset} limit {limit}""",
        *conditions.values,
    )
    return rows, total


async def lines_older(connection: Connection, stretch: Stretch, *, than: Place | None, limit: int) -> Sequence[Record]:
    """Return the lines next older than a place (None: the newest), the newest first."""
    conditions = _conditions(stretch)
    if than is not None:
        conditions.add("(t.at, t.id) < ({}, {})", than.at, than.id)
    return await connection.fetch(
        f"""select t.id, t.at, t.kind, t.detail {SOURCE} where {conditions.where}
            order by t.at desc, t.id desc limit {conditions.bind(limit)}""",
        *conditions.values,
    )


async def lines_newer(connection: Connection, stretch: Stretch, *, than: Place, limit: int) -> Sequence[Record]:
    """Return the lines next newer than a place, the newest first."""
    conditions = _conditions(stretch)
    conditions.add("(t.at, t.id) > ({}, {})", than.at, than.id)
    rows = await connection.fetch(
        f"""select t.id, t.at, t.kind, t.detail {SOURCE} where {conditions.where}
            order by t.at, t.id limit {conditions.bind(limit)}""",
        *conditions.values,
    )
    return rows[::-1]


def _conditions(stretch: Stretch) -> Conditions:
    conditions = Conditions()
    conditions.add("k.id = {}", stretch.connector_id)
    if stretch.since is not None:
        conditions.add("t.at >= {}", stretch.since)
    if stretch.until is not None:
        conditions.add("t.at < {}", stretch.until)
    return conditions
