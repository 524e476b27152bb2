"""Tax rates that operators made for countries with sales tax."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from wattline.database.connection import Connection
from wattline.domain.access import Viewer

RATES_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRateLine:
    """A rate in percent, and how many price groups have it."""

    id: int
    country: str
    name: str
    percent: Decimal
    price_groups: int


async def list_tax_rates(connection: Connection, viewer: Viewer) -> Sequence[TaxRateLine]:
    """List the rates of the viewer's operators."""
    return [TaxRateLine(**row) for row in await connection.fetch(RATES, list(viewer.operator_ids), RATES_MAX)]


async def vat_countries(connection: Connection, codes: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Return code and name of countries, by name."""
    return [(row["code"], row["name"]) for row in await connection.fetch(NAMED, list(codes))]


async def sales_tax_countries(connection: Connection, codes: Sequence[str]) -> Sequence[tuple[int, str]]:
    """Return id and name of all countries but these, by name."""
    return [(row["id"], row["name"]) for row in await connection.fetch(OTHERS, list(codes))]


RATES = """
select r.id, y.name as country, r.name, r.percent, (select count(*) from price_group g
  where g.operator_id = r.operator_id and g.deleted_at is null and r.id = any(g.tax_rate_ids)) as price_groups
from tax_rate r join country y on y.id = r.country_id
where r.operator_id = any($1) and r.deleted_at is null order by y.name, r.name, r.id limit $2
"""

NAMED = "select alpha2_code as code, name from country where alpha2_code = any($1) order by name"

OTHERS = "select id, name from country where alpha2_code <> all($1) order by name"
