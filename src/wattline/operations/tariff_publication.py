"""The prices of tariffs by the week, published ahead of time so that no charge finds none.

A tariff joins in when its prices are created for the first time: until then somebody is still at work on it. Hours that
are published stay as they are; whoever changes a week creates its prices anew. Tariffs that nobody may choose any more
go on for the price groups that have them.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.price_terms import TariffStep
from wattline.domain.tariff import prices_until_hole
from wattline.domain.usage import HOUR
from wattline.operations.tariff_rows import groups_of, replace_hours

# Charges are priced eight days ahead at most; the rest is for whoever plans, and for a server that was away.
AHEAD = timedelta(days=35)
AT_ONCE = 100


async def publish_ahead(database: Database, *, now: datetime) -> int:
    """Publish what is missing of the next weeks, and return of how many tariffs."""
    after, published = 0, 0
    while True:
        async with database.begin() as tx:
            due = await tx.fetch(DUE, after, now + AHEAD - timedelta(days=1), AT_ONCE)
            for tariff in due:
                published += await _publish(tx, tariff, now)
        if len(due) < AT_ONCE:
            return published
        after = due[-1]["id"]


async def publish_now(tx: Transaction, tariff: Record, *, now: datetime) -> date | None:
    """Publish the coming weeks anew from today on, up to the first hole; return the last day, None when there is none.

    Hours beyond, which an earlier week may have left, are taken away.
    """
    zone = ZoneInfo(tariff["time_zone"])
    today = now.astimezone(zone).date()
    steps = await _steps(tx, tariff, today, now)
    await tx.execute(
        "delete from tariff_price where tariff_id = $1 and start_at >= $2",
        tariff["id"], datetime(today.year, today.month, today.day, tzinfo=zone),
    )  # fmt: skip
    if not steps:
        return None
    await replace_hours(tx, tariff["id"], steps)
    return steps[-1].from_at.astimezone(zone).date()


async def _publish(tx: Transaction, tariff: Record, now: datetime) -> bool:
    zone = ZoneInfo(tariff["time_zone"])
    first = max((tariff["known_to"] + HOUR).astimezone(zone).date(), now.astimezone(zone).date())
    steps = await _steps(tx, tariff, first, now)
    if steps:
        await replace_hours(tx, tariff["id"], steps)
    return bool(steps)


async def _steps(tx: Transaction, tariff: Record, first: date, now: datetime) -> list[TariffStep]:
    last = (now + AHEAD).astimezone(ZoneInfo(tariff["time_zone"])).date()
    return prices_until_hole(await groups_of(tx, tariff["id"]), first, last, time_zone=tariff["time_zone"])


DUE = """
select t.id, t.time_zone, h.known_to
from tariff t cross join lateral (select max(start_at) as known_to from tariff_price p where p.tariff_id = t.id) h
where t.id > $1 and t.tariff_type = 'WEEKLY' and t.deleted_at is null and h.known_to < $2
order by t.id limit $3 for update of t skip locked
"""
