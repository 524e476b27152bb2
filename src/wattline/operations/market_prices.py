"""Spot prices as charges need them."""

from datetime import datetime, timedelta

from wattline.database.connection import Connection
from wattline.domain.price_terms import PriceTerms
from wattline.domain.spot import NO_SPOT_PRICES, SpotPriceUnknown, SpotSeries

# Where a price is missing, the last one known counts, but not one from last month.
LOOK_BACK = timedelta(days=7)
_HOUR = timedelta(hours=1)


async def spot_for(connection: Connection, terms: PriceTerms, since: datetime, until: datetime) -> SpotSeries:
    """Read the spot prices that a charge on these terms needs from one moment to another."""
    if terms.spot_series_id is None:
        return NO_SPOT_PRICES
    rows = await connection.fetch(PRICES, terms.spot_series_id, since - _HOUR, until + _HOUR, since - LOOK_BACK)
    return SpotSeries({row["start_at"]: row["price"] for row in rows})


async def series_for(
    connection: Connection, currency: str, *, country: str | None, country_area_id: int | None
) -> int | None:
    """Find the series of a place: that of its area, else one of its country, in its currency."""
    series_id: int | None = await connection.fetchval(SERIES, currency, country, country_area_id)
    return series_id


async def must_be_known(connection: Connection, series_id: int | None, *, now: datetime) -> None:
    """Raise SpotPriceUnknown unless the market said something of late."""
    known = series_id is not None and await connection.fetchval(KNOWN, series_id, now - LOOK_BACK, now)
    if not known:
        raise SpotPriceUnknown(now)


PRICES = """
select start_at, price from spot_price where series_id = $1 and start_at between $2 and $3
union all
(select start_at, price from spot_price where series_id = $1 and start_at < $2 and start_at >= $4
 order by start_at desc limit 1)
"""

SERIES = """
select s.id from spot_series s left join country_area a on a.id = s.country_area_id
  left join country y on y.id = a.country_id
where s.currency = $1 and (a.id = $3 or y.alpha2_code = $2)
order by a.id = $3 desc nulls last, s.id limit 1
"""

KNOWN = "select exists (select from spot_price where series_id = $1 and start_at between $2 and $3)"
