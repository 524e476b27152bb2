"""Price groups in the Portal: which there are, where they count, and what counts at a charge point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.price_group_places import MEMBER_COLUMNS, PLACE_COLUMNS
from wattline.domain.price_terms import GroupType

GROUPS_MAX = 500
PLACES_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A charge point, site or member that a group can be put up at. `other` names the group that counts there now."""

    id: int
    name: str
    where: str | None
    here: bool
    other: str | None


async def group_rows(
    connection: Connection, viewer: Viewer, group_id: int | None = None
) -> tuple[Sequence[Record], Sequence[Record]]:
    """Find the groups of the viewer's operators and teams, and those of operators for all teams, or one of them.

    Returned with their prices, the main price of each first.
    """
    groups = await connection.fetch(GROUPS + ORDER, viewer.operator_ids, viewer.team_ids, group_id, GROUPS_MAX)
    return groups, await connection.fetch(PRICES, [row["id"] for row in groups])


async def group_rows_by_ids(connection: Connection, ids: Sequence[int]) -> tuple[Sequence[Record], Sequence[Record]]:
    """Find groups with their prices. The caller has checked who may see where they count."""
    return await connection.fetch(ANY_GROUPS, ids), await connection.fetch(PRICES, ids)


async def places_for(
    connection: Connection, viewer: Viewer, *, group_id: int, type_: GroupType, team_id: int | None
) -> Mapping[str, Sequence[Spot]]:
    """List where a group of this kind can count: `connectors` and `sites`, or `members`."""
    values = (viewer.operator_ids, viewer.team_ids, team_id, group_id, PLACES_MAX)
    column = PLACE_COLUMNS.get(type_)
    if column is not None:
        connectors = await connection.fetch(_connectors(column), *values)
        sites = await connection.fetch(_sites(column), *values)
        return {"connectors": [Spot(**row) for row in connectors], "sites": [Spot(**row) for row in sites]}
    column = MEMBER_COLUMNS.get(type_)
    if column is None:
        return {}
    return {"members": [Spot(**row) for row in await connection.fetch(_members(column), *values)]}


async def list_tariffs(connection: Connection, viewer: Viewer) -> Sequence[Record]:
    """List the tariffs that the viewer can use: id and name."""
    return await connection.fetch(TARIFFS, viewer.operator_ids, viewer.team_ids, GROUPS_MAX)


COUNTS = """
  (select count(*) from connector k where k.deleted_at is null and g.id in
    (k.price_group_id, k.roaming_price_group_id, k.cost_price_group_id, k.sponsored_price_group_id)) as connectors,
  (select count(*) from site s where s.deleted_at is null and g.id in
    (s.price_group_id, s.roaming_price_group_id, s.cost_price_group_id, s.sponsored_price_group_id)) as sites,
  (select count(*) from member m where m.deleted_at is null and g.id in (m.price_group_id, m.cost_group_id)) as members
"""

COLUMNS = f"""
select g.id, g.operator_id, g.team_id, t.name as team, g.name, g.type, g.currency, coalesce(x.decimals, 2) as decimals,
  g.is_default, g.minimum_minor, g.maximum_minor, g.spot_series_id, g.tax_rate_ids, g.created_at, {COUNTS}
from price_group g left join team t on t.id = g.team_id left join currency x on x.identifier = upper(g.currency)
"""

GROUPS = f"""{COLUMNS}
where g.deleted_at is null and g.operator_id = any($1) and ($3::bigint is null or g.id = $3)
  and (g.team_id is null or $2::bigint[] is null or g.team_id = any($2))
"""
ORDER = "order by t.name nulls first, g.type, g.is_default desc, g.name, g.id limit $4"

ANY_GROUPS = f"{COLUMNS} where g.id = any($1)"

PRICES = "select * from pricing where price_group_id = any($1) order by price_group_id, master desc, position"

TARIFFS = """
select id, name from tariff where deleted_at is null and operator_id = any($1)
  and (team_id is null or $2::bigint[] is null or team_id = any($2)) order by name, id limit $3
"""


def _connectors(column: str) -> str:
    return f"""
    select k.id, k.name, s.name as where, coalesce(k.{column} = $4, false) as here,
      (select name from price_group where id = k.{column} and id <> $4) as other
    from connector k left join site s on s.id = k.site_id
    where k.deleted_at is null and k.operator_id = any($1) and ($2::bigint[] is null or k.team_id = any($2))
      and ($3::bigint is null or k.team_id = $3)
    order by s.name nulls last, k.name, k.id limit $5
    """


def _sites(column: str) -> str:
    return f"""
    select s.id, s.name, t.name as where, coalesce(s.{column} = $4, false) as here,
      (select name from price_group where id = s.{column} and id <> $4) as other
    from site s join team t on t.id = s.team_id
    where s.deleted_at is null and s.operator_id = any($1) and ($2::bigint[] is null or s.team_id = any($2))
      and ($3::bigint is null or s.team_id = $3)
    order by s.name, s.id limit $5
    """


def _members(column: str) -> str:
    return f"""
    select m.id, coalesce(m.display_name, u.display_name, m.email, 'Member ' || m.id) as name, t.name as where,
      coalesce(m.{column} = $4, false) as here,
      (select name from price_group where id = m.{column} and id <> $4) as other
    from member m join team t on t.id = m.team_id left join users u on u.id = m.user_id
    where m.deleted_at is null and m.operator_id = any($1) and ($2::bigint[] is null or m.team_id = any($2))
      and ($3::bigint is null or m.team_id = $3)
    order by name, m.id limit $5
    """
