"""Reports of drivers as the Partner API tells of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which reports somebody wants; None means any."""

    connector_id: int | None = None
    state: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    reason_ids: Sequence[int] | None = None


async def find_reports(connection: Connection, wanted: ReportFilter, window: Window, *, viewer: Viewer) -> Found:
    """Find a page of the viewer's reports, the newest first."""
    conditions = Conditions()
    conditions.add("t.operator_id = any({})", list(viewer.operator_ids))
    conditions.add("t.deleted_at is null")
    if viewer.team_ids is not None:
        conditions.add("t.team_id = any({})", list(viewer.team_ids))
    for text, value in (
        ("t.connector_id = {}", wanted.connector_id),
        ("t.state = {}", wanted.state),
        ("t.created_at >= {}", wanted.created_from),
        ("t.created_at < {}", wanted.created_to),
        ("t.reason_id = any({})", wanted.reason_ids),
    ):
        if value is not None:
            conditions.add(text, value)
    return await find_page(connection, "driver_report t", conditions, window, order="t.id desc")


async def reports_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return reports in the order of the ids."""
    rows = {row["id"]: row for row in await connection.fetch("select * from driver_report where id = any($1)", ids)}
    return [rows[report_id] for report_id in ids if report_id in rows]


async def report_by_id(connection: Connection, report_id: int, *, viewer: Viewer) -> Record:
    """Return one report of the viewer's. Raises Unknown."""
    rows = await reports_by_ids(connection, [report_id])
    if not rows or rows[0]["deleted_at"] is not None or not viewer.sees(rows[0]["operator_id"], rows[0]["team_id"]):
        raise Unknown("report", report_id)
    return rows[0]
