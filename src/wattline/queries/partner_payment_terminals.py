"""Payment terminals as the Partner API tells of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page

BY_IDS = """
select t.*, array(select connector_id from payment_terminal_connector
                  where payment_terminal_id = t.id order by connector_id) as charge_point_ids
from payment_terminal t where t.id = any($1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalFilter:
    """Which terminals somebody wants; None means any."""

    serial: str | None = None
    team_id: int | None = None
    include_deleted: bool = False


async def terminals_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of a terminal is made of, in the order of the ids."""
    rows = {row["id"]: row for row in await connection.fetch(BY_IDS, ids)}
    return [rows[terminal_id] for terminal_id in ids if terminal_id in rows]


async def terminal_by_id(connection: Connection, wire_id: str, *, viewer: Viewer) -> Record:
    """Return one terminal of the viewer's by its id on the wire. Raises Unknown."""
    parts = re.fullmatch(r"([a-z]{1,20})_([0-9]{1,18})", wire_id)
    rows = await terminals_by_ids(connection, [int(parts[2])]) if parts else []
    if not parts or not rows or rows[0]["deleted_at"] is not None or rows[0]["type"] != parts[1]:
        raise Unknown("payment terminal", wire_id[:60])
    if not viewer.sees(rows[0]["operator_id"], rows[0]["team_id"]):
        raise Unknown("payment terminal", wire_id[:60])
    return rows[0]


async def find_terminals(connection: Connection, wanted: TerminalFilter, window: Window, *, viewer: Viewer) -> Found:
    """Find a page of the viewer's terminals, by id."""
    conditions = Conditions()
    conditions.add("t.operator_id = any({})", list(viewer.operator_ids))
    if viewer.team_ids is not None:
        conditions.add("t.team_id = any({})", list(viewer.team_ids))
    if wanted.serial is not None:
        conditions.add("t.serial = {}", wanted.serial)
    if wanted.team_id is not None:
        conditions.add("t.team_id = {}", wanted.team_id)
    if not wanted.include_deleted:
        conditions.add("t.deleted_at is null")
    return await find_page(connection, "payment_terminal t", conditions, window, order="t.id")
