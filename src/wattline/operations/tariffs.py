"""Tariffs: made, changed, and published hour by hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from asyncpg import Record

from wattline.database.changes import update_row
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Invalid, Refusal, Unknown
from wattline.domain.tariff import hourly_prices
from wattline.operations import price_history
from wattline.operations.price_group_rows import owns
from wattline.operations.tariff_publication import publish_now
from wattline.operations.tariff_rows import groups_of, replace_hours
from wattline.operations.team_checks import must_know_country, must_know_team

COLUMNS = (
    "external_id", "name", "description", "country_id", "country_area_id", "currency_id", "team_id", "prices_with_vat",
    "zip_codes", "tariff_type", "active", "time_zone", "area", "customer_type",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffDraft:
    """What a tariff says of itself. Fields are the columns of table `tariff`. `team_id` None: for all teams."""

    external_id: str
    name: str
    description: str
    country_id: int
    country_area_id: int | None = None
    currency_id: int
    team_id: int | None = None
    prices_with_vat: bool
    zip_codes: tuple[str, ...] = ()
    tariff_type: str = "WEEKLY"
    active: bool = True
    time_zone: str
    area: str
    customer_type: str | None = None


async def create_tariff(database: Database, draft: TariffDraft, *, asked_by: Viewer, now: datetime) -> int:
    """Make a tariff without periods and return its id. Raises Invalid, Unknown."""
    values = {column: getattr(draft, column) for column in COLUMNS}
    async with database.begin() as tx:
        operator_id = await _must_be_possible(tx, values, asked_by)
        places = ", ".join(f"${number}" for number in range(1, len(COLUMNS) + 3))
        tariff_id: int = await tx.fetchval(
            f"insert into tariff (operator_id, created_at, {', '.join(COLUMNS)}) values ({places}) returning id",
            operator_id, now, *values.values(),
        )  # fmt: skip
        await price_history.note(
            tx, asked_by, "create", "tariff", tariff_id, operator_id=operator_id, became=values, now=now
        )
    return tariff_id


async def update_tariff(
    database: Database, tariff_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> None:
    """Change columns of a tariff (see COLUMNS); published weeks move along to other clocks. Raises Invalid, Unknown."""
    async with database.begin() as tx:
        before = await lock_tariff(tx, tariff_id, asked_by=asked_by)
        was = {column: before[column] for column in COLUMNS}
        became = {**was, **changes}
        if became["team_id"] != before["team_id"]:
            raise Invalid("teamId", "cannot be changed: a tariff stays with its team.")
        await _must_be_possible(tx, became, asked_by)
        await update_row(tx, "tariff", tariff_id, {**changes, "updated_at": now}, allowed={*COLUMNS, "updated_at"})
        if became["time_zone"] != was["time_zone"] and became["tariff_type"] == "WEEKLY":
            await _move_to_other_clocks(tx, tariff_id, now)
        await price_history.note(
            tx, asked_by, "update", "tariff", tariff_id, operator_id=before["operator_id"], was=was, became=became,
            now=now,
        )  # fmt: skip


async def create_prices(
    database: Database, tariff_id: int, first: date, last: date, *, asked_by: Viewer, now: datetime
) -> None:
    """Publish the prices of every hour of some days, both included, instead of what they had.

    Raises Unknown, Invalid, and TariffHasHole: an hour without a price is not free.
    """
    async with database.begin() as tx:
        tariff = await lock_tariff(tx, tariff_id, asked_by=asked_by)
        steps = hourly_prices(await groups_of(tx, tariff_id), first, last, time_zone=tariff["time_zone"])
        await replace_hours(tx, tariff_id, steps)
        days = {"start": first.isoformat(), "end": last.isoformat(), "hours": len(steps)}
        await price_history.note(
            tx, asked_by, "publish", "tariff", tariff_id, operator_id=tariff["operator_id"], became=days, now=now
        )


async def delete_tariff(database: Database, tariff_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a tariff away. Raises Unknown, and TariffInUse while a price group goes by it."""
    async with database.begin() as tx:
        tariff = await lock_tariff(tx, tariff_id, asked_by=asked_by)
        names = [row["name"] for row in await tx.fetch(GROUPS_BY_TARIFF, tariff_id)]
        if names:
            raise TariffInUse(tariff["name"], names)
        await tx.execute("update tariff set deleted_at = $2, updated_at = $2 where id = $1", tariff_id, now)
        was = {column: tariff[column] for column in COLUMNS}
        await price_history.note(
            tx, asked_by, "delete", "tariff", tariff_id, operator_id=tariff["operator_id"], was=was, now=now
        )


class TariffInUse(Refusal):
    """Price groups go by the tariff."""

    code = "TARIFF_IN_USE"

    def __init__(self, name: str, groups: Sequence[str]) -> None:
        super().__init__(
            f"The tariff {name} is the price of {', '.join(groups)}. Give "
            f"{'that price group' if len(groups) == 1 else 'those price groups'} another price first."
        )


async def lock_tariff(tx: Transaction, tariff_id: int, *, asked_by: Viewer) -> Record:
    """Read a tariff for changing. Raises Unknown for somebody else's."""
    row = await tx.fetchrow("select * from tariff where id = $1 and deleted_at is null for update", tariff_id)
    if row is None or not owns(asked_by, row):
        raise Unknown("tariff", tariff_id)
    return row


async def _must_be_possible(tx: Transaction, values: Mapping[str, Any], asked_by: Viewer) -> int:
    """Check what a tariff refers to; return the operator it belongs to."""
    await must_know_country(tx, values["country_id"])
    if not await tx.fetchval("select exists (select from currency where id = $1)", values["currency_id"]):
        raise Invalid("currencyId", f"{values['currency_id']} is not a currency. GET /currencies lists them.")
    area = values["country_area_id"]
    if area is not None and not await tx.fetchval("select exists (select from country_area where id = $1)", area):
        raise Invalid("countryAreaId", f"{area} is not an area of a country. GET /country-areas lists them.")
    must_be_time_zone(values["time_zone"])
    if values["team_id"] is not None:
        return await must_know_team(tx, values["team_id"], asked_by=asked_by)
    if asked_by.team_ids is not None:
        raise Invalid("teamId", "is missing: only who sees every team makes tariffs for all of them.")
    return asked_by.operator_id


async def _move_to_other_clocks(tx: Transaction, tariff_id: int, now: datetime) -> None:
    published = await tx.fetchrow(PUBLISHED, tariff_id)
    if published is not None:
        await publish_now(tx, published, now=now)


def must_be_time_zone(name: str) -> None:
    """Raise Invalid for a time zone nobody knows."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise Invalid("timeZone", f"'{name}' is not a time zone. Write it like Europe/Copenhagen.") from None


GROUPS_BY_TARIFF = """
select distinct g.name from pricing p join price_group g on g.id = p.price_group_id
where p.tariff_id = $1 and g.deleted_at is null order by g.name limit 10
"""

PUBLISHED = """
select t.id, t.time_zone from tariff t where t.id = $1 and exists (select from tariff_price where tariff_id = t.id)
"""
