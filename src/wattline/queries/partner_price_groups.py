"""Price groups and their tags, as the Partner API tells of them."""

from collections.abc import Sequence

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page
from wattline.queries.partner_places import OPERATOR

BY_IDS = """
select g.*, x.id as currency_id, x.name as currency_name, x.decimals as currency_decimals,
  array(select k.id from connector k where k.deleted_at is null and g.id in
    (k.price_group_id, k.roaming_price_group_id, k.cost_price_group_id, k.sponsored_price_group_id)
    order by k.id) as connector_ids,
  array(select s.id from site s where s.deleted_at is null and g.id in
    (s.price_group_id, s.roaming_price_group_id, s.cost_price_group_id, s.sponsored_price_group_id)
    order by s.id) as site_ids,
  array(select m.id from member m where m.deleted_at is null and g.id in (m.price_group_id, m.cost_group_id)
    order by m.id) as member_ids
from price_group g left join currency x on x.identifier = upper(g.currency)
where g.id = any($1)
"""

PRICES = "select * from pricing where price_group_id = any($1) order by price_group_id, master desc, position"

GroupRows = tuple[Record, list[Record]]


async def price_groups_by_ids(connection: Connection, ids: Sequence[int]) -> list[GroupRows]:
    """Return groups with their prices, the master price first, in the order of the ids."""
    groups = {row["id"]: row for row in await connection.fetch(BY_IDS, ids)}
    prices: dict[int, list[Record]] = {group_id: [] for group_id in groups}
    for row in await connection.fetch(PRICES, ids):
        prices[row["price_group_id"]].append(row)
    return [(groups[group_id], prices[group_id]) for group_id in ids if group_id in groups]


async def price_group_by_id(connection: Connection, price_group_id: int, *, viewer: Viewer) -> GroupRows:
    """Return one group that is there for the viewer. Raises Unknown."""
    found = await price_groups_by_ids(connection, [price_group_id])
    if not found or found[0][0]["deleted_at"] is not None or not _there_for(viewer, found[0][0]):
        raise Unknown("price group", price_group_id)
    return found[0]


async def find_price_groups(connection: Connection, team_id: int | None, window: Window, *, viewer: Viewer) -> Found:
    """Find a page of the groups a team can use, its own and its operator's; of every team for None. Raises Unknown."""
    conditions = Conditions()
    conditions.add("t.deleted_at is null and t.operator_id = any({})", list(viewer.operator_ids))
    if team_id is not None:
        team = await connection.fetchrow("select operator_id from team where id = $1 and deleted_at is null", team_id)
        if team is None or not viewer.sees(team["operator_id"], team_id):
            raise Unknown("team", team_id)
        conditions.add("(t.team_id = {} or t.team_id is null and t.operator_id = {})", team_id, team["operator_id"])
    elif viewer.team_ids is not None:
        conditions.add("(t.team_id = any({}) or t.team_id is null)", list(viewer.team_ids))
    return await find_page(connection, "price_group t", conditions, window, order="t.id")


def _there_for(viewer: Viewer, row: Record) -> bool:
    if row["team_id"] is None:
        return row["operator_id"] in viewer.operator_ids
    return viewer.sees(row["operator_id"], row["team_id"])


async def home_of(connection: Connection, price_group_id: int) -> Record:
    """Return whose a group is, and where that is: what terms need where no charge point says it."""
    row = await connection.fetchrow(HOME, price_group_id)
    assert row is not None
    return row


HOME = f"""
select g.operator_id, {OPERATOR}, coalesce(t.type, 'operator') as team_type, y.alpha2_code as country,
  y.alpha2_code as seller_country, null::bigint as country_area_id, true as release_detection
from price_group g join operator o on o.id = g.operator_id left join team t on t.id = g.team_id
  left join country y on y.id = coalesce(t.country_id, o.country_id)
where g.id = $1
"""
