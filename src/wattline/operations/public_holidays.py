"""Public holidays by country, from a library that follows the law of each: banks do not work then (decision 0004)."""

from collections.abc import Container
from datetime import date
from functools import lru_cache

from holidays import country_holidays

from wattline.database.connection import Connection

NONE: Container[date] = frozenset()
# Countries of one operator's wallets, this year and the next.
KEPT_MAX = 64

# Where the owner of a wallet is at home, as the bank knows it.
COUNTRY = """(select alpha2_code from country where id = coalesce(wallet.country_id,
  case wallet.owner_type when 'team' then (select country_id from team where id = wallet.owner_id)
    when 'operator' then (select country_id from operator where id = wallet.owner_id) end))"""


async def holidays_at(connection: Connection, wallet_id: int, year: int) -> Container[date]:
    """List the public holidays of a year where the owner of a wallet is at home."""
    return holidays_of(await connection.fetchval(f"select {COUNTRY} from wallet where id = $1", wallet_id), year)


@lru_cache(KEPT_MAX)
def holidays_of(country: str | None, year: int) -> Container[date]:
    """List the public holidays of a country (ISO 3166, two letters) in a year; none where nobody knows them."""
    if country is None:
        return NONE
    try:
        return frozenset(country_holidays(country.upper(), years=year))
    except NotImplementedError:
        return NONE
