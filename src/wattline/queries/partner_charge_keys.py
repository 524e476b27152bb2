"""Charge keys as the Partner API and webhooks tell of them."""

from collections.abc import Sequence

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page
from wattline.queries.partner_places import OPERATOR

BY_IDS = f"select k.*, {OPERATOR} from charge_key k join operator o on o.id = k.operator_id where k.id = any($1)"


async def charge_keys_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of a charge auth token is made of, in the order of the ids."""
    rows = {row["id"]: row for row in await connection.fetch(BY_IDS, ids)}
    return [rows[key_id] for key_id in ids if key_id in rows]


async def charge_key_by_id(connection: Connection, key_id: int, *, viewer: Viewer) -> Record:
    """Return one charge key of the viewer's. Raises Unknown, also for one that was deleted."""
    rows = await charge_keys_by_ids(connection, [key_id])
    if not rows or rows[0]["deleted_at"] is not None or not viewer.sees(rows[0]["operator_id"], rows[0]["team_id"]):
        raise Unknown("charge key", key_id)
    return rows[0]


async def find_charge_keys(
    connection: Connection,
    window: Window,
    *,
    team_id: int | None,
    partner_external_id: str | None,
    viewer: Viewer,
) -> Found:
    """Find a page of the viewer's charge keys, by id."""
    conditions = Conditions()
    conditions.add("t.operator_id = any({})", list(viewer.operator_ids))
    if viewer.team_ids is not None:
        conditions.add("t.team_id = any({})", list(viewer.team_ids))
    if team_id is not None:
        conditions.add("t.team_id = {}", team_id)
    conditions.partner_external_id("t.partner_external_id", partner_external_id)
    conditions.add("t.deleted_at is null")
    return await find_page(connection, "charge_key t", conditions, window, order="t.id")
