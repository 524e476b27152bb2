"""A start or a stop that came before: the same with the same time, or the same of a box that has no time (B7)."""

from datetime import datetime, timedelta

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.box_time import is_dated

# A box without a clock may send something again for this long; after that, the same words mean another charge.
SENT_AGAIN_WITHIN = timedelta(days=1)


async def earlier_start(
    tx: Transaction,
    charge_point_id: int,
    connector_number: int,
    id_tag: str,
    meter_wh: int,
    *,
    started_at: datetime,
    received_at: datetime,
) -> Record | None:
    """Find the transaction that such a StartTransaction opened already."""
    told = (charge_point_id, connector_number, id_tag, meter_wh)
    same = await tx.fetchrow(SAME_START, *told, started_at)
    if same is not None:
        return same
    rows = await tx.fetch(OPEN_AND_UNREAD, *told, received_at - SENT_AGAIN_WITHIN)
    return next((row for row in rows if _may_be(row, started_at, received_at)), None)


async def earlier_stop(
    tx: Transaction,
    charge_point_id: int,
    told_id: int,
    meter_wh: int | None,
    id_tag: str | None,
    *,
    stopped_at: datetime,
    received_at: datetime,
) -> int | None:
    """Find the transaction that such a StopTransaction ended already, under a number that is not ours; return ours."""
    rows = await tx.fetch(ENDED, charge_point_id, told_id, meter_wh, id_tag, received_at - SENT_AGAIN_WITHIN)
    dated = is_dated(stopped_at, received_at=received_at)
    same = (
        row["ocpp_transaction_id"] for row in rows if row["stopped_at"] == stopped_at or not (dated or _was_dated(row))
    )
    return next(same, None)


def _was_dated(row: Record) -> bool:
    return is_dated(row["stopped_at"], received_at=row["stop_received_at"])


def _may_be(earlier: Record, started_at: datetime, received_at: datetime) -> bool:
    """Tell whether a start may be an earlier one sent again, when not both of them have a time to compare."""
    if is_dated(earlier["started_at"], received_at=earlier["start_received_at"]):
        return False
    # A box whose clock was set meanwhile says when it really began: before we first heard of it.
    return not is_dated(started_at, received_at=received_at) or started_at <= earlier["start_received_at"]


SAME_START = """
select ocpp_transaction_id, accepted, refusal from transaction
where charge_point_id = $1 and connector_number = $2 and id_tag = $3 and meter_start_wh = $4 and started_at = $5
"""

# Of a transaction whose number the box never heard there are no readings.
OPEN_AND_UNREAD = """
select t.ocpp_transaction_id, t.accepted, t.refusal, t.started_at, t.start_received_at
from transaction t left join charge c on c.id = t.charge_id
where t.charge_point_id = $1 and t.connector_number = $2 and t.id_tag = $3 and t.meter_start_wh = $4
  and t.stopped_at is null and t.start_received_at > $5 and c.reading_at is not distinct from c.started_at
order by t.id desc
"""

ENDED = """
select ocpp_transaction_id, stopped_at, stop_received_at from transaction
where charge_point_id = $1 and stop_data @> jsonb_build_object('transactionId', $2::bigint)
  and meter_stop_wh is not distinct from $3::bigint and stop_tag is not distinct from $4::text
  and stop_received_at > $5
order by id desc
"""
