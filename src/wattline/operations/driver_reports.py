"""What drivers say is wrong with a charge point: taken, worked on, resolved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Place, Right, Viewer, must
from wattline.domain.refusals import Invalid, Unknown
from wattline.domain.report_reasons import REASONS
from wattline.operations import audit

BODY_LENGTH_MAX = 2000
_KNOWN: Mapping[int, object] = MappingProxyType({reason.id: reason for reason in REASONS})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """What somebody says of a connector. `source`: where it was said, such as `portal`."""

    connector_id: int
    reason_id: int
    body: str = ""
    source: str = "portal"


async def add_report(database: Database, new: NewReport, *, asked_by: Viewer, now: datetime) -> int:
    """Take a report and return its id."""
    async with database.begin() as tx:
        row = await tx.fetchrow(
            "select operator_id, team_id from connector where id = $1 and deleted_at is null", new.connector_id
        )
        if row is None or not asked_by.sees(row["operator_id"], row["team_id"]):
            raise Unknown("charge point", new.connector_id)
        must(asked_by, Right.SEE_CHARGE_POINTS, Place(row["operator_id"], row["team_id"]))
        _must_say_something(new)
        report_id: int = await tx.fetchval(
            ADD, row["operator_id"], row["team_id"], new.connector_id, asked_by.user_id, new.reason_id,
            new.body.strip() or None, new.source, now,
        )  # fmt: skip
        await audit.note(tx, asked_by, "create", "report", report_id, now=now)
    return report_id


def _must_say_something(new: NewReport) -> None:
    if new.reason_id not in _KNOWN:
        raise Invalid("reason", "choose one.")
    if len(new.body) > BODY_LENGTH_MAX:
        raise Invalid("body", f"is longer than {BODY_LENGTH_MAX} characters.")


async def resolve_report(
    database: Database, report_id: int, *, note: str = "", asked_by: Viewer, now: datetime
) -> None:
    """Close a report; one that is closed already stays as it is."""
    async with database.begin() as tx:
        row = await _lock(tx, report_id, asked_by)
        must(asked_by, Right.SET_UP_CHARGE_POINTS, Place(row["operator_id"], row["team_id"]))
        if row["state"] == "resolved":
            return
        await tx.execute(RESOLVE, report_id, note[:BODY_LENGTH_MAX].strip() or None, asked_by.user_id, now)
        await audit.note(tx, asked_by, "resolve", "report", report_id, now=now)


async def _lock(tx: Transaction, report_id: int, asked_by: Viewer) -> Record:
    row = await tx.fetchrow(
        "select * from driver_report where id = $1 and deleted_at is null for no key update", report_id
    )
    if row is None or not asked_by.sees(row["operator_id"], row["team_id"]):
        raise Unknown("report", report_id)
    return row


ADD = """
insert into driver_report (operator_id, team_id, connector_id, reported_by_user_id, reason_id, body, source, created_at,
  updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning id
"""

RESOLVE = """
update driver_report set state = 'resolved', operator_note = coalesce($2, operator_note), resolved_by_user_id = $3,
  resolved_at = $4, updated_at = $4
where id = $1
"""
