"""The parts of a tariff: groups of dates, and in each the periods of a week. They count once prices are created."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from asyncpg import Record

from wattline.database.changes import update_row
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.domain.tariff import RecurringPeriod, must_be_in_order, must_not_overlap, week_of
from wattline.operations.tariff_history import State, note_week, state_of
from wattline.operations.tariff_rows import groups_of, period_of
from wattline.operations.tariffs import lock_tariff

GROUP_COLUMNS = frozenset({"active_from", "active_to", "description"})
PERIOD_COLUMNS = frozenset({"day_of_week", "end_day_of_week", "start_hour", "end_hour", "price"})


async def create_period_group(
    database: Database, tariff_id: int, active_from: date, active_to: date, description: str, *, asked_by: Viewer,
    now: datetime,
) -> int:  # fmt: skip
    """Add a group of dates, both included. Raises Unknown, and Invalid where another group has one of the dates."""
    must_be_in_order(active_from, active_to)
    async with database.begin() as tx:
        await lock_tariff(tx, tariff_id, asked_by=asked_by)
        group_id: int = await tx.fetchval(
            """insert into tariff_period_group (tariff_id, active_from, active_to, description)
               values ($1, $2, $3, $4) returning id""",
            tariff_id, active_from, active_to, description,
        )  # fmt: skip
        must_not_overlap(await groups_of(tx, tariff_id))
        await note_week(tx, asked_by, tariff_id, None, await state_of(tx, tariff_id, group_id), now=now)
    return group_id


async def patch_period_group(
    database: Database, group_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> None:
    """Change a group's dates or description. Raises Unknown, Invalid."""
    async with database.begin() as tx:
        group, was = await _lock_group(tx, group_id, asked_by)
        after = {**group, **changes}
        must_be_in_order(after["active_from"], after["active_to"])
        await update_row(tx, "tariff_period_group", group_id, changes, allowed=GROUP_COLUMNS)
        must_not_overlap(await groups_of(tx, group["tariff_id"]))
        await _note(tx, asked_by, group, was, now)


async def delete_period_group(database: Database, group_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a group of dates away with its periods. Raises Unknown."""
    async with database.begin() as tx:
        group, was = await _lock_group(tx, group_id, asked_by)
        await tx.execute("delete from tariff_period_group where id = $1", group_id)
        await note_week(tx, asked_by, group["tariff_id"], was, None, now=now)


async def create_period(
    database: Database, tariff_id: int, group_id: int, period: RecurringPeriod, *, asked_by: Viewer, now: datetime
) -> int:
    """Add a period to a group. Raises Unknown, and Invalid where another period has one of the hours."""
    period.must_be_possible()
    async with database.begin() as tx:
        group, was = await _lock_group(tx, group_id, asked_by)
        if group["tariff_id"] != tariff_id:
            raise Unknown("tariff period group", group_id)
        period_id: int = await tx.fetchval(
            """insert into tariff_recurring_period (tariff_id, group_id, day_of_week, end_day_of_week, start_hour,
                 end_hour, price) values ($1, $2, $3, $4, $5, $6, $7) returning id""",
            tariff_id, group_id, period.first, period.last, period.start_hour, period.end_hour, period.price,
        )  # fmt: skip
        await _must_not_overlap(tx, group_id)
        await _note(tx, asked_by, group, was, now)
    return period_id


async def patch_period(
    database: Database, period_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> None:
    """Change a period. Raises Unknown, Invalid."""
    async with database.begin() as tx:
        period, group, was = await _lock_period(tx, period_id, asked_by)
        period_of({**period, **changes}).must_be_possible()
        await update_row(tx, "tariff_recurring_period", period_id, changes, allowed=PERIOD_COLUMNS)
        await _must_not_overlap(tx, group["id"])
        await _note(tx, asked_by, group, was, now)


async def delete_period(database: Database, period_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a period away. Raises Unknown."""
    async with database.begin() as tx:
        _, group, was = await _lock_period(tx, period_id, asked_by)
        await tx.execute("delete from tariff_recurring_period where id = $1", period_id)
        await _note(tx, asked_by, group, was, now)


async def _lock_group(tx: Transaction, group_id: int, asked_by: Viewer) -> tuple[Record, State]:
    """Read a group for changing, and say what it is."""
    group = await tx.fetchrow("select * from tariff_period_group where id = $1", group_id)
    if group is None:
        raise Unknown("tariff period group", group_id)
    await lock_tariff(tx, group["tariff_id"], asked_by=asked_by)
    return group, await state_of(tx, group["tariff_id"], group_id)


async def _lock_period(tx: Transaction, period_id: int, asked_by: Viewer) -> tuple[Record, Record, State]:
    period = await tx.fetchrow("select * from tariff_recurring_period where id = $1", period_id)
    if period is None:
        raise Unknown("tariff recurring period", period_id)
    return period, *await _lock_group(tx, period["group_id"], asked_by)


async def _note(tx: Transaction, asked_by: Viewer, group: Record, was: State, now: datetime) -> None:
    became = await state_of(tx, group["tariff_id"], group["id"])
    await note_week(tx, asked_by, group["tariff_id"], was, became, now=now)


async def _must_not_overlap(tx: Transaction, group_id: int) -> None:
    rows = await tx.fetch("select * from tariff_recurring_period where group_id = $1", group_id)
    week_of([period_of(row) for row in rows])
