"""Times that uptime leaves out, with a reason that NEVI allows."""

from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.access import Place, Right, Viewer, must
from wattline.domain.refusals import Invalid, Unknown
from wattline.domain.uptime import Excuse
from wattline.operations import audit


async def leave_out(
    database: Database,
    charge_point_id: int,
    *,
    start: datetime,
    end: datetime,
    reason: str,
    asked_by: Viewer,
    now: datetime,
) -> None:
    """Note that a box's outage within this time does not count, and why. It may lie ahead: planned maintenance does."""
    if reason not in set(Excuse):
        raise Invalid("reason", "choose one.")
    if end <= start:
        raise Invalid("until", "must be after the beginning.")
    async with database.begin() as tx:
        row = await tx.fetchrow(
            "select operator_id, team_id from charge_point where id = $1 and deleted_at is null", charge_point_id
        )
        if row is None or not asked_by.sees(row["operator_id"], row["team_id"]):
            raise Unknown("charge point", charge_point_id)
        must(asked_by, Right.SET_UP_CHARGE_POINTS, Place(row["operator_id"], row["team_id"]))
        await tx.execute(
            """insert into outage_exclusion (operator_id, charge_point_id, from_at, until_at, reason, noted_by,
                 created_at) values ($1, $2, $3, $4, $5, $6, $7)""",
            row["operator_id"], charge_point_id, start, end, reason, asked_by.name, now,
        )  # fmt: skip
        detail = {"from": start.isoformat(), "until": end.isoformat(), "reason": reason}
        await audit.note(tx, asked_by, "leave-out", "charge-point", charge_point_id, now=now, detail=detail)
