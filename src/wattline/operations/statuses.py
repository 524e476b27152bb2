"""StatusNotification: what a box says of its connectors, and what follows for their charges and states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain.connector import cable_plugged_in
from wattline.domain.facts import Fact, ProtocolStatusChanged
from wattline.domain.log_lines import LogLine, kind_of_status
from wattline.operations import charges, connector_states, logs


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """One StatusNotification in our words. Number 0 is the box itself. `told_at` is the box's own, trusted time."""

    charge_point_id: int
    operator_id: int
    connector_number: int
    status: str
    error_code: str
    info: str | None
    vendor_error_code: str | None
    told_at: datetime
    received_at: datetime
    message_id: str


# Locked in the order in which charges are: connector first. See charge_store.
READ = """
select k.id, k.charge_point_id, k.operator_id, k.team_id, live.ocpp_status, live.error_code, live.cable_plugged_in,
  live.charge_id, exists (select from charge where connector_id = k.id and completed_at is null) as has_charge
from unnest($1::bigint[], $2::int[]) as told (charge_point_id, number)
join connector k on k.charge_point_id = told.charge_point_id and k.number = told.number and k.deleted_at is null
join connector_live live on live.connector_id = k.id
order by k.id
for no key update of k
"""

WRITE = """
update connector_live set ocpp_status = told.status, error_code = told.error_code, error_info = told.info,
  vendor_error_code = told.vendor_error_code, status_at = told.at, cable_plugged_in = told.plugged_in,
  updated_at = told.at
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bool[])
  as told (connector_id, status, error_code, info, vendor_error_code, at, plugged_in)
where connector_live.connector_id = told.connector_id
"""

# Boxes are locked in the order of their ids, as connections.py does.
WRITE_BOX = """
with box as (select id from charge_point where id = any($1) order by id for no key update)
update charge_point set status = told.status, error_code = told.error_code, error_info = told.info,
  vendor_error_code = told.vendor_error_code, status_at = told.at
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
  as told (charge_point_id, status, error_code, info, vendor_error_code, at)
  join box on box.id = told.charge_point_id
where charge_point.id = told.charge_point_id
returning array(select k.id from connector k where k.charge_point_id = charge_point.id and k.deleted_at is null) as ids
"""

WHOLE_BOX = 0


async def report_statuses(database: Database, reports: Sequence[StatusReport], *, now: datetime) -> None:
    """Take what boxes say of their connectors: states, charges, history and log, all at once. Each box at most once."""
    by_box = {report.charge_point_id: report for report in reports}
    assert len(by_box) == len(reports)
    async with database.begin() as tx:
        rows = await _lock_connectors(tx, reports)
        to_refresh = [*await _write_boxes(tx, reports), *(row["id"] for row in rows)]
        await _write_connectors(tx, rows, by_box)
        facts = [_changed(row, by_box[row["charge_point_id"]]) for row in rows if _differs(row, by_box)]
        for row in rows:
            if row["has_charge"]:
                report = by_box[row["charge_point_id"]]
                facts += await charges.note_status(tx, row["id"], report.status, at=report.told_at, now=now)
        facts += await connector_states.refresh(tx, to_refresh, now=now)
        charge_of = {row["charge_point_id"]: row["charge_id"] for row in rows}
        lines = [_line(report, charge_of.get(report.charge_point_id)) for report in reports]
        facts += await logs.write(tx, lines)
        await outbox.add(tx, facts, now=now)


async def _lock_connectors(tx: Transaction, reports: Sequence[StatusReport]) -> Sequence[Record]:
    told = [report for report in reports if report.connector_number != WHOLE_BOX]
    if not told:
        return []
    return await tx.fetch(READ, [each.charge_point_id for each in told], [each.connector_number for each in told])


async def _write_boxes(tx: Transaction, reports: Sequence[StatusReport]) -> list[int]:
    """Keep the status of whole boxes; return the connectors whose state may follow from it."""
    told = [report for report in reports if report.connector_number == WHOLE_BOX]
    if not told:
        return []
    rows = await tx.fetch(
        WRITE_BOX,
        [each.charge_point_id for each in told],
        [each.status for each in told],
        [each.error_code for each in told],
        [each.info for each in told],
        [each.vendor_error_code for each in told],
        [each.received_at for each in told],
    )
    return [connector_id for row in rows for connector_id in row["ids"]]


async def _write_connectors(tx: Transaction, rows: Sequence[Record], by_box: Mapping[int, StatusReport]) -> None:
    if not rows:
        return
    told = [by_box[row["charge_point_id"]] for row in rows]
    await tx.execute(
        WRITE,
        [row["id"] for row in rows],
        [each.status for each in told],
        [each.error_code for each in told],
        [each.info for each in told],
        [each.vendor_error_code for each in told],
        [each.received_at for each in told],
        [cable_plugged_in(each.status, before=row["cable_plugged_in"]) for each, row in zip(told, rows, strict=True)],
    )


def _differs(row: Record, by_box: Mapping[int, StatusReport]) -> bool:
    report = by_box[row["charge_point_id"]]
    return (row["ocpp_status"], row["error_code"]) != (report.status, report.error_code)


def _changed(row: Record, report: StatusReport) -> Fact:
    return ProtocolStatusChanged(
        entity_id=row["id"],
        operator_ids=(row["operator_id"],),
        team_ids=(row["team_id"],),
        charge_point_id=row["charge_point_id"],
        detail={"status": report.status, "errorCode": report.error_code},
    )


def _line(report: StatusReport, charge_id: int | None) -> LogLine:
    return LogLine(
        operator_id=report.operator_id,
        charge_point_id=report.charge_point_id,
        connector_number=report.connector_number,
        kind=kind_of_status(report.status),
        at=report.received_at,
        told_at=report.told_at,
        charge_id=charge_id,
        detail={
            "status": report.status,
            "errorCode": report.error_code,
            "info": report.info,
            "vendorErrorCode": report.vendor_error_code,
        },
        message_id=report.message_id,
    )
