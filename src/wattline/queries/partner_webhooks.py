"""What an API key hears of, and what it was told."""

from collections.abc import Sequence

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page


async def webhook_of(connection: Connection, *, viewer: Viewer) -> Record | None:
    """Return the webhook of the viewer's API key, None when it has none."""
    return await connection.fetchrow("select * from webhook_config where api_key_id = $1", viewer.api_key_id)


async def find_entries(connection: Connection, window: Window, *, status: str | None, viewer: Viewer) -> Found:
    """Find a page of the entries of the viewer's API key, the newest first."""
    conditions = Conditions()
    conditions.add("t.api_key_id = {}", viewer.api_key_id)
    if status is not None:
        conditions.add("t.status = {}", status)
    return await find_page(connection, "webhook_entry t", conditions, window, order="t.id desc")


async def entries_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return entries in the order of the ids."""
    rows = {row["id"]: row for row in await connection.fetch("select * from webhook_entry where id = any($1)", ids)}
    return [rows[entry_id] for entry_id in ids if entry_id in rows]


async def entry_by_id(connection: Connection, entry_id: int, *, viewer: Viewer) -> Record:
    """Return one entry of the viewer's API key. Raises Unknown."""
    row = await connection.fetchrow(
        "select * from webhook_entry where id = $1 and api_key_id = $2", entry_id, viewer.api_key_id
    )
    if row is None:
        raise Unknown("webhook entry", entry_id)
    return row
