"""The periods of tariffs as rows, and what they are to the rules."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wattline.database.connection import Connection, Transaction
from wattline.domain.price_terms import TariffStep
from wattline.domain.tariff import PeriodGroup, RecurringPeriod, Weekday
from wattline.domain.usage import HOUR


async def groups_of(connection: Connection, tariff_id: int) -> Sequence[PeriodGroup]:
    """Return the period groups of a tariff with their periods."""
    rows = await connection.fetch(PERIODS, tariff_id)
    groups: dict[int, tuple[date, date, list[RecurringPeriod]]] = {}
    for row in rows:
        group = groups.setdefault(row["group_id"], (row["active_from"], row["active_to"], []))
        if row["id"] is not None:
            group[2].append(period_of(row))
    return [PeriodGroup(active_from, active_to, tuple(periods)) for active_from, active_to, periods in groups.values()]


def period_of(row: Any) -> RecurringPeriod:
    """Turn a row of table `tariff_recurring_period` into what the rules know; without an end it is for one day."""
    first = Weekday(row["day_of_week"])
    last = Weekday(row["end_day_of_week"]) if row["end_day_of_week"] else first
    return RecurringPeriod(first, last, row["start_hour"], row["end_hour"], row["price"])


async def replace_hours(tx: Transaction, tariff_id: int, steps: Sequence[TariffStep]) -> None:
    """Publish the prices of hours that follow each other, instead of what these hours had."""
    begin, end = steps[0].from_at, steps[-1].from_at + HOUR
    await tx.execute(
        "delete from tariff_price where tariff_id = $1 and start_at >= $2 and start_at < $3", tariff_id, begin, end
    )
    await tx.copy_records_to_table(
        "tariff_price", records=[(tariff_id, step.from_at, step.price) for step in steps],
        columns=("tariff_id", "start_at", "price"),
    )  # fmt: skip


PERIODS = """
select g.id as group_id, g.active_from, g.active_to, p.id, p.day_of_week, p.end_day_of_week, p.start_hour, p.end_hour,
  p.price
from tariff_period_group g left join tariff_recurring_period p on p.group_id = g.id
where g.tariff_id = $1 order by g.active_from, g.id, p.id
"""
