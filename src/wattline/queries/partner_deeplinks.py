"""Deeplinks as the Partner API tells of them."""

from collections.abc import Sequence
from datetime import date

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page


async def find_deeplinks(
    connection: Connection,
    window: Window,
    *,
    operator_id: int | None,
    created_from: date | None,
    updated_from: date | None,
    viewer: Viewer,
) -> Found:
    """Find a page of the viewer's links, by id. They are the whole operator's: keys of some teams see none."""
    conditions = Conditions()
    conditions.add("t.operator_id = any({}) and {}::boolean", list(viewer.operator_ids), viewer.team_ids is None)
    if operator_id is not None:
        conditions.add("t.operator_id = {}", operator_id)
    if created_from is not None:
        conditions.add("t.created_at >= {}::date", created_from)
    if updated_from is not None:
        conditions.add("t.updated_at >= {}::date", updated_from)
    conditions.add("t.deleted_at is null")
    return await find_page(connection, "deeplink t", conditions, window, order="t.id")


async def deeplinks_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return links in the order of the ids."""
    rows = {row["id"]: row for row in await connection.fetch("select * from deeplink where id = any($1)", ids)}
    return [rows[link_id] for link_id in ids if link_id in rows]


async def deeplink_by_id(connection: Connection, link_id: int, *, viewer: Viewer) -> Record:
    """Return one link of the viewer's. Raises Unknown, also for one that was deleted."""
    row = await connection.fetchrow("select * from deeplink where id = $1 and deleted_at is null", link_id)
    if row is None or row["operator_id"] not in viewer.operator_ids or viewer.team_ids is not None:
        raise Unknown("deeplink", link_id)
    return row
