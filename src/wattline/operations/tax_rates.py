"""Tax rates of countries with sales tax, where no VAT comes by itself."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.refusals import Invalid, Unknown
from wattline.domain.vat_rates import has_vat
from wattline.operations import price_history

# What the table keeps of a percentage.
DECIMALS_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTaxRate:
    """A rate in percent; several of a price group add up."""

    country_id: int
    name: str
    percent: Decimal


async def create_tax_rate(database: Database, new: NewTaxRate, *, asked_by: Viewer, now: datetime) -> int:
    """Make a rate for price groups and return its id. Raises Invalid where VAT comes by itself."""
    if not 0 < new.percent < 100 or new.percent != round(new.percent, DECIMALS_MAX):
        raise Invalid("percent", f"must be above 0 and below 100, with at most {DECIMALS_MAX} decimals.")
    _must_see_every_team(asked_by)
    async with database.begin() as tx:
        country = await tx.fetchval("select alpha2_code from country where id = $1", new.country_id)
        if country is None:
            raise Unknown("country", new.country_id)
        if has_vat(country):
            raise Invalid("countryId", "has VAT, which comes by itself and is not to be changed.")
        tax_rate_id: int = await tx.fetchval(
            """insert into tax_rate (operator_id, country_id, name, percent, created_at, updated_at)
               values ($1, $2, $3, $4, $5, $5) returning id""",
            asked_by.operator_id, new.country_id, new.name, new.percent, now,
        )  # fmt: skip
        await price_history.note(
            tx, asked_by, "create", "tax-rate", tax_rate_id, operator_id=asked_by.operator_id,
            became={"name": new.name, "percent": str(new.percent)}, now=now,
        )  # fmt: skip
    return tax_rate_id


async def delete_tax_rate(database: Database, tax_rate_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a rate away, also from the price groups that have it. Raises Unknown."""
    async with database.begin() as tx:
        row = await tx.fetchrow("select * from tax_rate where id = $1 and deleted_at is null for update", tax_rate_id)
        if row is None or row["operator_id"] not in asked_by.operator_ids or asked_by.team_ids is not None:
            raise Unknown("tax rate", tax_rate_id)
        await tx.execute("update tax_rate set deleted_at = $2, updated_at = $2 where id = $1", tax_rate_id, now)
        await tx.execute(
            "update price_group set tax_rate_ids = array_remove(tax_rate_ids, $1) where $1 = any(tax_rate_ids)",
            tax_rate_id,
        )
        await price_history.note(
            tx, asked_by, "delete", "tax-rate", tax_rate_id, operator_id=row["operator_id"],
            was={"name": row["name"], "percent": str(row["percent"])}, now=now,
        )  # fmt: skip


def _must_see_every_team(viewer: Viewer) -> None:
    if viewer.team_ids is not None:
        raise Invalid("countryId", "has rates for all teams: only who sees every team makes them.")
