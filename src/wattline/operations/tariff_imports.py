"""Hourly prices that come from outside, for tariffs of the type DYNAMIC."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.price_terms import TariffStep
from wattline.domain.refusals import Invalid
from wattline.domain.tariff_hours import must_follow_each_other
from wattline.operations import price_history
from wattline.operations.tariffs import lock_tariff


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of hours: those that are new or other than before, and those that stay as they were."""

    written: int
    kept: int


async def import_hours(
    database: Database, tariff_id: int, steps: Sequence[TariffStep], *, asked_by: Viewer, now: datetime
) -> Imported:
    """Publish prices of hours. What was known of an hour that has begun does not change: charges were priced with it.

    Raises Unknown, and Invalid for a tariff whose prices come from its weeks, and for hours that leave a hole.
    """
    async with database.begin() as tx:
        tariff = await lock_tariff(tx, tariff_id, asked_by=asked_by)
        if tariff["tariff_type"] != "DYNAMIC":
            raise Invalid(
                "tariffType", "is WEEKLY: its prices come from its periods. Only DYNAMIC tariffs take imports."
            )
        must_follow_each_other(steps, time_zone=tariff["time_zone"])
        starts, prices = [step.from_at for step in steps], [step.price for step in steps]
        written: int = await tx.fetchval(WRITE, tariff_id, starts, prices, now)
        hours = {
            "start": steps[0].from_at.isoformat(), "end": steps[-1].from_at.isoformat(), "hours": len(steps),
            "written": written, "least": str(min(prices)), "most": str(max(prices)),
        }  # fmt: skip
        await price_history.note(
            tx, asked_by, "import", "tariff", tariff_id, operator_id=tariff["operator_id"], became=hours, now=now
        )
    return Imported(written, len(steps) - written)


WRITE = """
with written as (
  insert into tariff_price (tariff_id, start_at, price)
  select $1, start_at, price from unnest($2::timestamptz[], $3::numeric[]) as told (start_at, price)
  on conflict (tariff_id, start_at) do update set price = excluded.price
    where tariff_price.start_at > $4 and tariff_price.price <> excluded.price
  returning 1)
select count(*) from written
"""
