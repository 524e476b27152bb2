"""Tariffs in the Portal: which there are, their weeks and hours, and which price groups go by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown

TARIFFS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffLine:
    """A tariff, what it asks for now, and until when its prices are known. `team` None: for all teams."""

    id: int
    operator_id: int
    team_id: int | None
    team: str | None
    name: str
    description: str
    tariff_type: str
    active: bool
    time_zone: str
    prices_with_vat: bool
    currency: str
    country_id: int
    country: str
    price_now: Decimal | None
    known_to: datetime | None
    price_groups: int

    @property
    def weekly(self) -> bool:
        """Whether a week says its prices; otherwise they are imported."""
        return self.tariff_type == "WEEKLY"


@dataclass(frozen=True, slots=True)
class User:
    """A price group that goes by a tariff, and at how many charge points it was put up."""

    id: int
    name: str
    connectors: int


async def list_tariff_lines(connection: Connection, viewer: Viewer, *, now: datetime) -> Sequence[TariffLine]:
    """List the tariffs that are there for a viewer."""
    return [TariffLine(**row) for row in await _rows(connection, viewer, None, now)]


async def tariff_line(connection: Connection, viewer: Viewer, tariff_id: int, *, now: datetime) -> TariffLine:
    """Load one tariff. Raises Unknown."""
    rows = await _rows(connection, viewer, tariff_id, now)
    if not rows:
        raise Unknown("tariff", tariff_id)
    return TariffLine(**rows[0])


async def weeks_of(connection: Connection, tariff_id: int) -> Sequence[Record]:
    """List the groups of dates of a tariff that the viewer sees."""
    return await connection.fetch(WEEKS, tariff_id)


async def periods_in(connection: Connection, tariff_id: int, week_id: int) -> Sequence[Record]:
    """Return the periods of one group of dates; none for that of another tariff."""
    return await connection.fetch(PERIODS, tariff_id, week_id)


async def hours_between(
    connection: Connection, tariff_id: int, since: datetime, until: datetime
) -> Sequence[tuple[datetime, Decimal]]:
    """Return the published hours between two moments."""
    return [(row["start_at"], row["price"]) for row in await connection.fetch(HOURS, tariff_id, since, until)]


async def users_of(connection: Connection, viewer: Viewer, tariff_id: int) -> Sequence[User]:
    """List the price groups that go by a tariff, as far as the viewer sees them."""
    rows = await connection.fetch(USERS, tariff_id, viewer.operator_ids, viewer.team_ids, TARIFFS_MAX)
    return [User(**row) for row in rows]


async def first_uncovered(connection: Connection, tariff_id: int, today: date) -> date | None:
    """Return the first day from today on without a week; None when there is no week at all."""
    day = None
    for row in await connection.fetch(WEEKS, tariff_id):
        if row["active_from"] <= (day or today) <= row["active_to"]:
            day = date.fromordinal(row["active_to"].toordinal() + 1)
    return day


async def _rows(connection: Connection, viewer: Viewer, tariff_id: int | None, now: datetime) -> Sequence[Record]:
    return await connection.fetch(TARIFFS, viewer.operator_ids, viewer.team_ids, tariff_id, now, TARIFFS_MAX)


TARIFFS = """
select t.id, t.operator_id, t.team_id, e.name as team, t.name, t.description, t.tariff_type, t.active, t.time_zone,
  t.prices_with_vat, lower(x.identifier) as currency, t.country_id, y.name as country,
  (select p.price from tariff_price p where p.tariff_id = t.id and p.start_at <= $4
     and p.start_at > $4 - interval '1 hour' order by p.start_at desc limit 1) as price_now,
  (select max(p.start_at) from tariff_price p where p.tariff_id = t.id) + interval '1 hour' as known_to,
  (select count(distinct g.id) from pricing p join price_group g on g.id = p.price_group_id
     where p.tariff_id = t.id and g.deleted_at is null) as price_groups
from tariff t join currency x on x.id = t.currency_id join country y on y.id = t.country_id
  left join team e on e.id = t.team_id
where t.deleted_at is null and t.operator_id = any($1) and ($3::bigint is null or t.id = $3)
  and (t.team_id is null or $2::bigint[] is null or t.team_id = any($2))
order by e.name nulls first, t.name, t.id limit $5
"""

WEEKS = """
select id, active_from, active_to, description from tariff_period_group where tariff_id = $1 order by active_from, id
"""

PERIODS = "select * from tariff_recurring_period where tariff_id = $1 and group_id = $2 order by id"

HOURS = "select start_at, price from tariff_price where tariff_id = $1 and start_at >= $2 and start_at < $3 order by 1"

USERS = """
select g.id, g.name, (select count(*) from connector k where k.deleted_at is null and g.id in
    (k.price_group_id, k.roaming_price_group_id, k.cost_price_group_id, k.sponsored_price_group_id)) as connectors
from price_group g where g.deleted_at is null and g.operator_id = any($2)
  and (g.team_id is null or $3::bigint[] is null or g.team_id = any($3))
  and exists (select from pricing p where p.price_group_id = g.id and p.tariff_id = $1)
order by g.name, g.id limit $4
"""
