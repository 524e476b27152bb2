"""Price groups in the Portal: which there are, where they count, and what counts at a charge point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.price_group_places import MEMBER_COLUMNS, PLACE_COLUMNS
from wattline.domain.price_order import in_display_order
from wattline.domain.price_terms import GroupType, Pricing
from wattline.domain.refusals import Unknown
from wattline.operations.price_freeze import PLACE
from wattline.operations.price_group_rows import pricing_of

GROUPS_MAX = 500
PLACES_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """A price group with its prices, and at how many places it was put up. `team` None: the operator's, for all."""

    id: int
    operator_id: int
    team_id: int | None
    team: str | None
    name: str
    type: GroupType
    currency: str
    decimals: int
    is_default: bool
    minimum_minor: int
    maximum_minor: int | None
    spot_series_id: int | None
    tax_rate_ids: tuple[int, ...]
    created_at: datetime
    connectors: int
    sites: int
    members: int
    prices: tuple[Pricing, ...]

    @property
    def master(self) -> Pricing:
        """The main price."""
        return self.prices[0]

    @property
    def fees(self) -> tuple[Pricing, ...]:
        """Everything beside it."""
        return self.prices[1:]

    @property
    def shown(self) -> list[Pricing]:
        """The prices in the order in which drivers see them."""
        return in_display_order(self.prices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A charge point, site or member that a group can be put up at. `other` names the group that counts there now."""

    id: int
    name: str
    where: str | None
    here: bool
    other: str | None


async def list_groups(connection: Connection, viewer: Viewer) -> Sequence[GroupLine]:
    """List the groups of the viewer's operators and teams, and those of operators for all teams."""
    rows = await connection.fetch(GROUPS + ORDER, viewer.operator_ids, viewer.team_ids, None, GROUPS_MAX)
    return await _with_prices(connection, rows)


async def group_line(connection: Connection, viewer: Viewer, group_id: int) -> GroupLine:
    """Load one group. Raises Unknown for those that the viewer may not see."""
    rows = await connection.fetch(GROUPS + ORDER, viewer.operator_ids, viewer.team_ids, group_id, 1)
    if not rows:
        raise Unknown("price group", group_id)
    return (await _with_prices(connection, rows))[0]


async def _with_prices(connection: Connection, rows: Sequence[Record]) -> Sequence[GroupLine]:
    prices: dict[int, list[Pricing]] = {row["id"]: [] for row in rows}
    for row in await connection.fetch(PRICES, list(prices)):
        prices[row["price_group_id"]].append(pricing_of(row))
    return [
        GroupLine(
            **dict(row)
            | {
                "type": GroupType(row["type"]),
                "tax_rate_ids": tuple(row["tax_rate_ids"]),
                "prices": tuple(prices[row["id"]]),
            }
        )
        for row in rows
    ]


async def prices_at(connection: Connection, connector_ids: Sequence[int]) -> Mapping[int, GroupLine]:
    """Tell which price counts for whoever comes by, by connector; connectors without any are left out.

    The caller has checked who may see them.
    """
    counting = {}
    for connector_id in connector_ids:
        place = await connection.fetchrow(PLACE, connector_id, None, None)
        if place is not None and place["public_group_id"] is not None:
            counting[connector_id] = place["public_group_id"]
    rows = await connection.fetch(ANY_GROUPS, list(set(counting.values())))
    groups = {group.id: group for group in await _with_prices(connection, rows)}
    return {connector_id: groups[group_id] for connector_id, group_id in counting.items()}


async def places_for(connection: Connection, viewer: Viewer, group: GroupLine) -> Mapping[str, Sequence[Spot]]:
    """List where a group of this kind can count: `connectors` and `sites`, or `members`."""
    values = (viewer.operator_ids, viewer.team_ids, group.team_id, group.id, PLACES_MAX)
    column = PLACE_COLUMNS.get(group.type)
    if column is not None:
        connectors = await connection.fetch(_connectors(column), *values)
        sites = await connection.fetch(_sites(column), *values)
        return {"connectors": [Spot(**row) for row in connectors], "sites": [Spot(**row) for row in sites]}
    column = MEMBER_COLUMNS.get(group.type)
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
