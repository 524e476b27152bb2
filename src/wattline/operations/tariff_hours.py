"""The published hours of tariffs, as a charge that begins now needs them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.price_terms import Pricing, TariffPrices, TariffStep
from wattline.domain.refusals import Refusal
from wattline.domain.rounding import as_stored

# A hold lives for seven days; no charge is priced further ahead.
AHEAD = timedelta(days=8)
# What must be known for a charge to begin. Prices that come from outside are known a day ahead at best, and towards the
# evening for the hours until midnight only.
NEEDED = {"WEEKLY": timedelta(hours=24), "DYNAMIC": timedelta(hours=4)}
_HOUR = timedelta(hours=1)


class TariffNotPublished(Refusal):
    """A tariff has no prices for the hours to come."""

    code = "TARIFF_NOT_PUBLISHED"

    def __init__(self, tariff_id: int, name: str, needed: timedelta) -> None:
        super().__init__(
            f"The tariff {name} ({tariff_id}) has no prices for the next {needed // _HOUR} hours. Create or import its "
            "prices for these days first, or give the price group a price to fall back on."
        )


async def tariff_prices(
    connection: Connection, prices: Iterable[Pricing], *, vat_percent: Decimal, with_vat: bool, now: datetime
) -> tuple[TariffPrices, ...]:
    """Read the tariffs that prices refer to, with or without VAT as the other prices are. Raises TariffNotPublished."""
    fallbacks = {pricing.tariff_id: pricing.price for pricing in prices if pricing.tariff_id is not None}
    found = []
    for tariff_id, fallback in fallbacks.items():
        tariff = await connection.fetchrow(
            "select name, prices_with_vat, tariff_type from tariff where id = $1", tariff_id
        )
        assert tariff is not None
        rows = await connection.fetch(HOURS, tariff_id, now - _HOUR, now + AHEAD)
        factor = _factor(tariff, vat_percent, with_vat)
        hours = [TariffStep(row["start_at"], as_stored(row["price"] * factor)) for row in rows]
        needed = NEEDED[tariff["tariff_type"]]
        steps = _without_holes(hours, fallback, now, needed)
        if not steps:
            raise TariffNotPublished(tariff_id, tariff["name"], needed)
        found.append(TariffPrices(tariff_id, tariff["name"], steps))
    return tuple(found)


def _factor(tariff: Record, vat_percent: Decimal, with_vat: bool) -> Decimal:
    if tariff["prices_with_vat"] == with_vat:
        return Decimal(1)
    factor = 1 + vat_percent / 100
    return factor if with_vat else 1 / factor


def _without_holes(
    hours: list[TariffStep], fallback: Decimal, now: datetime, needed: timedelta
) -> tuple[TariffStep, ...]:
    """Return the hours up to the first hole, where the fallback goes on; nothing if that is too soon without one."""
    steps: list[TariffStep] = []
    end = now - timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
    for at, price in hours:
        if at > end and (steps or at > now):
            break
        if not steps or steps[-1].price != price:
            steps.append(TariffStep(at, price))
        end = at + _HOUR
    if end >= now + AHEAD - _HOUR:
        return tuple(steps)
    if fallback > 0:
        return (*steps, TariffStep(end, fallback))
    return tuple(steps) if end >= now + needed else ()


HOURS = "select start_at, price from tariff_price where tariff_id = $1 and start_at > $2 and start_at < $3 order by 1"
