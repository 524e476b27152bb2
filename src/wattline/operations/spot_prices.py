"""Spot prices: kept per quarter of an hour, imported from files until there are live feeds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.refusals import Invalid
from wattline.domain.spot_file import Priced


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: quarters that are new or other than before, and past ones that stay as they were."""

    written: int
    kept: int


async def import_prices(
    database: Database, area: str, currency: str, prices: Iterable[Priced], *, now: datetime
) -> Imported:
    """Keep the prices of a bidding area like DK1. What has been known for a time that is over does not change.

    Charges were priced with it. Raises Invalid for a currency nobody knows.
    """
    rows = [(one.start_at, one.price) for one in prices]
    async with database.begin() as tx:
        if not await tx.fetchval("select exists (select from currency where identifier = upper($1))", currency):
            raise Invalid("currency", f"'{currency}' is not a currency.")
        series_id = await tx.fetchval(SERIES, area, currency.lower(), now)
        written: int = await tx.fetchval(WRITE, series_id, [at for at, _ in rows], [price for _, price in rows], now)
    return Imported(written, len(rows) - written)


SERIES = """
insert into spot_series (name, currency, country_area_id, created_at, updated_at)
values ($1, $2, (select id from country_area where name = $1 and level = 'bidding-area' order by id limit 1), $3, $3)
on conflict (name, currency) do update set updated_at = excluded.updated_at
returning id
"""

WRITE = """
with written as (
  insert into spot_price (series_id, start_at, price)
  select $1, start_at, price from unnest($2::timestamptz[], $3::numeric[]) as told (start_at, price)
  on conflict (series_id, start_at) do update set price = excluded.price
    where spot_price.start_at > $4 and spot_price.price <> excluded.price
  returning 1)
select count(*) from written
"""
