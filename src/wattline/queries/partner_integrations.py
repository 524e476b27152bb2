"""Which box stands behind which charge point, as the Partner API tells it."""

from collections.abc import Sequence

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.identity import identity_key
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page

BY_IDS = """
select i.*, k.team_id, h.identity, h.connected, h.connected_at, h.boot_status
from integration i join connector k on k.id = i.connector_id join charge_point h on h.id = i.charge_point_id
where i.id = any($1)
"""


async def integrations_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of an integration is made of, in the order of the ids."""
    rows = {row["id"]: row for row in await connection.fetch(BY_IDS, ids)}
    return [rows[integration_id] for integration_id in ids if integration_id in rows]


async def integration_by_id(connection: Connection, integration_id: int, *, viewer: Viewer) -> Record:
    """Return one integration of the viewer's. Raises Unknown."""
    rows = await integrations_by_ids(connection, [integration_id])
    if not rows or rows[0]["deleted_at"] is not None or not viewer.sees(rows[0]["operator_id"], rows[0]["team_id"]):
        raise Unknown("integration", integration_id)
    return rows[0]


async def find_integrations(
    connection: Connection, connector_id: int, *, include_deleted: bool, window: Window
) -> Found:
    """Find a page of a charge point's integrations, the newest first. Whose it is, the caller has checked."""
    conditions = Conditions()
    conditions.add("t.connector_id = {}", connector_id)
    if not include_deleted:
        conditions.add("t.deleted_at is null")
    return await find_page(connection, "integration t", conditions, window, order="t.id desc")


async def box_by_identity(connection: Connection, identity: str, *, viewer: Viewer) -> int:
    """Return the id of the viewer's box with this identity. Raises Unknown."""
    row = await connection.fetchrow(
        "select id, operator_id, team_id from charge_point where identity_key = $1 and deleted_at is null",
        identity_key(identity),
    )
    if row is None or not viewer.sees(row["operator_id"], row["team_id"]):
        raise Unknown("charge point", identity)
    box_id: int = row["id"]
    return box_id


async def connector_of_box(connection: Connection, charge_point_id: int, number: int) -> int:
    """Return the id of a box's charge point with this connector number. Whose box it is, the caller has checked."""
    connector_id: int | None = await connection.fetchval(
        "select id from connector where charge_point_id = $1 and number = $2 and deleted_at is null",
        charge_point_id, number,
    )  # fmt: skip
    if connector_id is None:
        raise Unknown("connector", number)
    return connector_id
