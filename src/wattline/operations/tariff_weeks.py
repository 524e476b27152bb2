"""Weeks of a tariff as people paint them: dates, and a price for each hour of each weekday, all of it at once."""

from dataclasses import dataclass
from datetime import date, datetime

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Invalid
from wattline.domain.tariff import RecurringPeriod, Week, must_be_in_order, must_not_overlap
from wattline.domain.tariff_week import must_be_whole, periods_of
from wattline.operations.tariff_history import note_week, state_of
from wattline.operations.tariff_publication import publish_now
from wattline.operations.tariff_rows import groups_of
from wattline.operations.tariffs import lock_tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintedWeek:
    """A whole week of prices, and the dates, both included, on which it counts."""

    active_from: date
    active_to: date
    description: str
    week: Week


async def save_week(
    database: Database, tariff_id: int, group_id: int | None, painted: PaintedWeek, *, asked_by: Viewer, now: datetime
) -> int:
    """Add a week to a tariff, or put it in the place of one, and publish its prices at once; return its id.

    Raises Unknown, and Invalid for a hole, impossible prices, and dates on which another week counts.
    """
    must_be_whole(painted.week)
    must_be_in_order(painted.active_from, painted.active_to)
    periods = periods_of(painted.week)
    async with database.begin() as tx:
        tariff = await _weekly(tx, tariff_id, asked_by)
        was = None if group_id is None else await state_of(tx, tariff_id, group_id)
        if group_id is None:
            group_id = await tx.fetchval(
                """insert into tariff_period_group (tariff_id, active_from, active_to, description)
                   values ($1, $2, $3, $4) returning id""",
                tariff_id, painted.active_from, painted.active_to, painted.description,
            )  # fmt: skip
        else:
            await tx.execute(
                "update tariff_period_group set active_from = $2, active_to = $3, description = $4 where id = $1",
                group_id, painted.active_from, painted.active_to, painted.description,
            )  # fmt: skip
            await tx.execute("delete from tariff_recurring_period where group_id = $1", group_id)
        await _write(tx, tariff_id, group_id, periods)
        must_not_overlap(await groups_of(tx, tariff_id))
        await publish_now(tx, tariff, now=now)
        await note_week(tx, asked_by, tariff_id, was, await state_of(tx, tariff_id, group_id), now=now)
    return group_id


async def delete_week(database: Database, tariff_id: int, group_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a week away; the days it counted on have no price any more. Raises Unknown."""
    async with database.begin() as tx:
        tariff = await _weekly(tx, tariff_id, asked_by)
        was = await state_of(tx, tariff_id, group_id)
        await tx.execute("delete from tariff_period_group where id = $1", group_id)
        await publish_now(tx, tariff, now=now)
        await note_week(tx, asked_by, tariff_id, was, None, now=now)


async def _weekly(tx: Transaction, tariff_id: int, asked_by: Viewer) -> Record:
    tariff = await lock_tariff(tx, tariff_id, asked_by=asked_by)
    if tariff["tariff_type"] != "WEEKLY":
        raise Invalid("week", "cannot be painted: the prices of this tariff are imported.")
    return tariff


async def _write(tx: Transaction, tariff_id: int, group_id: int, periods: tuple[RecurringPeriod, ...]) -> None:
    await tx.executemany(
        """insert into tariff_recurring_period (tariff_id, group_id, day_of_week, end_day_of_week, start_hour, end_hour,
             price) values ($1, $2, $3, $4, $5, $6, $7)""",
        [(tariff_id, group_id, each.first, each.last, each.start_hour, each.end_hour, each.price) for each in periods],
    )
