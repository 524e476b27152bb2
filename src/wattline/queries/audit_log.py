"""Who did what: lines of the audit log, filtered, the newest first. A page is found by index among millions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions

LINES_SHOWN = 100
DEEDS_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditWish:
    """Which lines somebody wants: `before` and `after` are ids of lines; lines before one are older."""

    operator_id: int | None = None
    team_id: int | None = None
    user_id: int | None = None
    entity_type: str = ""
    entity_id: str = ""
    deed: str = ""
    who: str = ""
    text: str = ""
    start: datetime | None = None
    end: datetime | None = None
    before: int | None = None
    after: int | None = None
    limit: int = LINES_SHOWN


async def find_lines(connection: Connection, viewer: Viewer, wish: AuditWish) -> list[Record]:
    """List lines, the newest first, and one more if there are more in the direction that was asked for."""
    conditions = _seen(viewer)
    exact = {"operator_id": wish.operator_id, "team_id": wish.team_id, "user_id": wish.user_id,
             "entity_type": wish.entity_type, "entity_id": wish.entity_id, "deed": wish.deed}  # fmt: skip
    for column, value in exact.items():
        if value:
            conditions.add(f"t.{column} = {{}}", value)
    bounds = {"t.at >= {}": wish.start, "t.at < {}": wish.end, "t.id < {}": wish.before, "t.id > {}": wish.after}
    for text, bound in bounds.items():
        if bound is not None:
            conditions.add(text, bound)
    if wish.who:
        conditions.add("position(lower({}) in lower(t.who)) > 0", wish.who)
    if wish.text:
        conditions.add(
            "position(lower({}) in lower(concat_ws(' ', t.who, t.deed, t.entity_type, t.entity_id, t.detail::text)))"
            " > 0",
            wish.text,
        )
    order = "" if wish.after is not None else "desc"
    limit = conditions.bind(wish.limit + 1)
    rows = await connection.fetch(
        f"{LINES} where {conditions.where} order by t.id {order} limit {limit}", *conditions.values
    )
    return rows if order else [*reversed(rows)]


async def line_of(connection: Connection, viewer: Viewer, line_id: int) -> Record:
    """Load one line. Raises Unknown, also for another operator's."""
    conditions = _seen(viewer)
    conditions.add("t.id = {}", line_id)
    row = await connection.fetchrow(f"{LINES} where {conditions.where}", *conditions.values)
    if row is None:
        raise Unknown("audit event", line_id)
    return row


async def kinds_of_things(connection: Connection) -> Sequence[str]:
    """List the kinds of things in the log, by skipping from one to the next in the index."""
    rows = await connection.fetch(KINDS, DEEDS_MAX)
    return [row["entity_type"] for row in rows]


def _seen(viewer: Viewer) -> Conditions:
    conditions = Conditions()
    conditions.add("t.operator_id = any({})", list(viewer.operator_ids))
    if viewer.team_ids is not None:
        conditions.add("t.team_id = any({})", list(viewer.team_ids))
    return conditions


LINES = """
select t.*, o.name as operator, team.name as team, b.name as by_operator, u.email
from audit t join operator o on o.id = t.operator_id left join team on team.id = t.team_id
left join operator b on b.id = t.by_operator_id left join users u on u.id = t.user_id
"""

# Names of kinds say nothing of whose things there are.
KINDS = """
with recursive kind as (
  (select entity_type from audit order by entity_type limit 1)
  union all
  select (select a.entity_type from audit a where a.entity_type > kind.entity_type order by a.entity_type limit 1)
  from kind where kind.entity_type is not null
)
select entity_type from kind where entity_type is not null limit $1
"""
