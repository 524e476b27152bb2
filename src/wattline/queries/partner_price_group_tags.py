"""Tags of prices, as the Partner API tells of them."""

from collections.abc import Sequence

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page
from wattline.queries.partner_places import OPERATOR


async def tag_by_id(connection: Connection, tag_id: int, *, viewer: Viewer) -> Record:
    """Return one tag. Raises Unknown."""
    rows = await tags_by_ids(connection, [tag_id])
    if not rows or rows[0]["deleted_at"] is not None or rows[0]["operator_id"] not in viewer.operator_ids:
        raise Unknown("price group tag", tag_id)
    return rows[0]


async def tags_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return tags in the order of the ids."""
    sql = f"select t.*, {OPERATOR} from price_group_tag t join operator o on o.id = t.operator_id where t.id = any($1)"
    rows = {row["id"]: row for row in await connection.fetch(sql, ids)}
    return [rows[tag_id] for tag_id in ids if tag_id in rows]


async def find_tags(
    connection: Connection, name: str | None, partner_external_id: str | None, window: Window, *, viewer: Viewer
) -> Found:
    """Find a page of tags by a part of their name or by the partner's id."""
    conditions = Conditions()
    conditions.add("t.deleted_at is null and t.operator_id = any({})", list(viewer.operator_ids))
    if name:
        conditions.add("position(lower({}) in lower(t.name)) > 0", name)
    conditions.partner_external_id("t.partner_external_id", partner_external_id)
    return await find_page(connection, "price_group_tag t", conditions, window, order="t.id")
