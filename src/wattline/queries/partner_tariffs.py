"""Tariffs and their parts, as the Partner API tells of them."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Window

# Bare lists have no pages; nobody has as many tariffs.
LISTED_MAX = 1000
# Three years of hours.
HOURS_MAX = 27_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffFilter:
    """Which tariffs somebody wants; None means any."""

    country_id: int | None = None
    country_area_id: int | None = None
    external_id: str | None = None
    operator_id: int | None = None
    team_id: int | None = None
    zip_code: str | None = None


async def find_tariffs(connection: Connection, wanted: TariffFilter, *, viewer: Viewer) -> list[Record]:
    """Return the viewer's tariffs, by id."""
    conditions = _visible(viewer)
    for column in ("country_id", "country_area_id", "external_id", "operator_id", "team_id"):
        value = getattr(wanted, column)
        if value is not None:
            conditions.add(f"t.{column} = {{}}", value)
    if wanted.zip_code is not None:
        conditions.add("{} = any(t.zip_codes)", wanted.zip_code)
    return await connection.fetch(
        f"select t.* from tariff t where {conditions.where} order by t.id limit {LISTED_MAX}", *conditions.values
    )


async def tariff_by_id(connection: Connection, tariff_id: int, *, viewer: Viewer) -> Record:
    """Return one tariff. Raises Unknown."""
    conditions = _visible(viewer)
    conditions.add("t.id = {}", tariff_id)
    row = await connection.fetchrow(f"select t.* from tariff t where {conditions.where}", *conditions.values)
    if row is None:
        raise Unknown("tariff", tariff_id)
    return row


async def tariff_hours(
    connection: Connection, tariff_id: int, *, start: datetime | None, end: datetime | None
) -> list[Record]:
    """Return the published hours of a tariff from one time until another."""
    return await connection.fetch(HOURS, tariff_id, start, end)


async def find_period_groups(connection: Connection, tariff_id: int | None, *, viewer: Viewer) -> list[Record]:
    """Return the groups of dates of one tariff, or of all of the viewer's. Raises Unknown."""
    if tariff_id is not None:
        await tariff_by_id(connection, tariff_id, viewer=viewer)
    conditions = _visible(viewer)
    if tariff_id is not None:
        conditions.add("t.id = {}", tariff_id)
    return await connection.fetch(
        f"""select g.* from tariff_period_group g join tariff t on t.id = g.tariff_id where {conditions.where}
            order by g.tariff_id, g.active_from, g.id limit {LISTED_MAX}""",
        *conditions.values,
    )


async def period_group_by_id(connection: Connection, group_id: int, *, viewer: Viewer) -> Record:
    """Return one group of dates. Raises Unknown."""
    row = await connection.fetchrow(
        f"select p.* {_OF_TARIFF.format(table='tariff_period_group')}", *_ids(group_id, viewer)
    )
    if row is None:
        raise Unknown("tariff period group", group_id)
    return row


async def period_by_id(connection: Connection, period_id: int, *, viewer: Viewer) -> Record:
    """Return one recurring period. Raises Unknown."""
    row = await connection.fetchrow(
        f"select p.* {_OF_TARIFF.format(table='tariff_recurring_period')}", *_ids(period_id, viewer)
    )
    if row is None:
        raise Unknown("tariff recurring period", period_id)
    return row


async def find_periods(
    connection: Connection, tariff_id: int, group_id: int, window: Window, *, viewer: Viewer
) -> tuple[list[Record], int]:
    """Return a page of a group's periods, and how many there are. Raises Unknown."""
    group = await period_group_by_id(connection, group_id, viewer=viewer)
    if group["tariff_id"] != tariff_id:
        raise Unknown("tariff", tariff_id)
    total: int = await connection.fetchval("select count(*) from tariff_recurring_period where group_id = $1", group_id)
    rows = await connection.fetch(
        "select * from tariff_recurring_period where group_id = $1 order by id offset $2 limit $3",
        group_id, window.offset, window.per_page,
    )  # fmt: skip
    return rows, total


def _visible(viewer: Viewer) -> Conditions:
    conditions = Conditions()
    conditions.add("t.deleted_at is null and t.operator_id = any({})", list(viewer.operator_ids))
    if viewer.team_ids is not None:
        conditions.add("(t.team_id = any({}) or t.team_id is null)", list(viewer.team_ids))
    return conditions


def _ids(row_id: int, viewer: Viewer) -> tuple[int, list[int], list[int] | None]:
    return row_id, list(viewer.operator_ids), None if viewer.team_ids is None else list(viewer.team_ids)


_OF_TARIFF = """
from {table} p join tariff t on t.id = p.tariff_id
where p.id = $1 and t.deleted_at is null and t.operator_id = any($2)
  and ($3::bigint[] is null or t.team_id is null or t.team_id = any($3))
"""

HOURS = f"""
select start_at, price from tariff_price
where tariff_id = $1 and ($2::timestamptz is null or start_at >= $2) and ($3::timestamptz is null or start_at < $3)
order by start_at limit {HOURS_MAX}
"""
