"""Orders for many charge points, as the Portal shows them: how far each is, and what became of every row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.database.fleet_orders import SEEN
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown

LISTED_MAX = 100
# Which outcomes mean that it worked; commands say accepted.
WORKED = ("accepted", "done")


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order and how far it is. `outcomes` counts rows by what became of them; "" is still to come."""

    id: int
    deed: str
    form: Mapping[str, Any]
    state: str
    asked_by: str
    user_id: int | None
    row_count: int
    created_at: datetime
    done_at: datetime | None
    outcomes: Mapping[str, int]
    plans: Mapping[str, int]
    passwords: int

    @property
    def finished(self) -> int:
        """How many rows have an outcome."""
        return self.row_count - self.outcomes.get("", 0)

    @property
    def worked(self) -> int:
        """For how many rows it worked."""
        return sum(self.outcomes.get(outcome, 0) for outcome in WORKED)


async def list_orders(connection: Connection, viewer: Viewer) -> list[Record]:
    """List the newest orders that the viewer may see."""
    return await connection.fetch(LIST, list(viewer.operator_ids), viewer.team_ids, LISTED_MAX)


async def order_line(connection: Connection, viewer: Viewer, order_id: int) -> OrderLine:
    """Read one order. Raises Unknown for those of others."""
    row = await connection.fetchrow(SEEN, order_id, list(viewer.operator_ids), viewer.team_ids)
    if row is None:
        raise Unknown("bulk action", order_id)
    counts = await connection.fetch(COUNTS, order_id)
    outcomes: dict[str, int] = {}
    plans: dict[str, int] = {}
    for count in counts:
        outcomes[count["outcome"]] = outcomes.get(count["outcome"], 0) + count["n"]
        plans[count["plan"]] = plans.get(count["plan"], 0) + count["n"]
    names = ("id", "deed", "form", "state", "asked_by", "user_id", "row_count", "created_at", "done_at")
    values = {name: row[name] for name in names}
    return OrderLine(**values, outcomes=outcomes, plans=plans, passwords=sum(each["passwords"] for each in counts))


async def rows_of_order(connection: Connection, order_id: int, *, show: str, offset: int, limit: int) -> list[Record]:
    """List rows in their order with the answers of charge points: all, those to do, or those that did not work."""
    return await connection.fetch(ROWS, order_id, show, list(WORKED), offset, limit)


async def names_in_form(connection: Connection, viewer: Viewer, form: Mapping[str, Any]) -> str:
    """Name the price group or site that an order is about."""
    return await connection.fetchval(NAMED, form.get("price_group_id"), form.get("site_id"), viewer.operator_ids) or ""


async def price_groups_for_points(connection: Connection, viewer: Viewer) -> list[Record]:
    """List the price groups that can count at charge points, by name, with their team's."""
    return await connection.fetch(PRICE_GROUPS, viewer.operator_ids, viewer.team_ids)


LIST = """
select o.id, o.deed, o.state, o.asked_by, o.row_count, o.created_at, o.done_at,
  (select count(*) from fleet_order_row r where r.order_id = o.id and r.outcome is null) as waiting
from fleet_order o
where o.operator_id = any($1) and ($2::bigint[] is null or (o.team_ids is not null and o.team_ids <@ $2))
order by o.id desc limit $3
"""

COUNTS = """
select coalesce(r.outcome, c.outcome, '') as outcome, coalesce(r.plan, '') as plan, count(*)::int as n,
  (count(*) filter (where r.password_sealed is not null))::int as passwords
from fleet_order_row r left join command c on c.id = r.command_id and r.outcome is null
where r.order_id = $1 group by 1, 2
"""

ROWS = """
select r.place, r.name, r.identity, r.charge_point_id, r.connector_id, r.plan, r.words, r.command_id,
  coalesce(r.outcome, c.outcome) as outcome, c.answer, r.done_at
from fleet_order_row r left join command c on c.id = r.command_id
where r.order_id = $1 and case $2
    when 'failed' then coalesce(r.outcome, c.outcome, 'done') <> all($3::text[])
    when 'waiting' then coalesce(r.outcome, c.outcome) is null
    when 'create' then r.plan = 'create' when 'update' then r.plan = 'update' when 'same' then r.plan = 'same'
    else true end
order by r.place offset $4 limit $5
"""

NAMED = """
select coalesce((select name from price_group where id = $1 and operator_id = any($3)),
  (select name from site where id = $2 and operator_id = any($3)))
"""

PRICE_GROUPS = """
select g.id, g.name, g.type, t.name as team from price_group g left join team t on t.id = g.team_id
where g.operator_id = any($1) and g.deleted_at is null
  and ($2::bigint[] is null or g.team_id is null or g.team_id = any($2))
  and g.type in ('public', 'roaming', 'cost', 'sponsored', 'reimbursement')
order by g.name, g.id limit 500
"""
