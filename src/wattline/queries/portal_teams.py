"""Teams, sites and operators, as the Portal shows them."""

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown

ROWS_SHOWN = 100


async def list_teams(connection: Connection, viewer: Viewer, *, text: str, page: int) -> list[Record]:
    """List a page of teams by name, and one more if there are more; `text` is part of a name or a join code."""
    return await connection.fetch(
        f"""{TEAMS} and ($3 = '' or position(lower($3) in lower(t.name || ' ' || t.join_code)) > 0)
            order by t.name, t.id offset $4 limit $5""",
        viewer.operator_ids, viewer.team_ids, text, page * ROWS_SHOWN, ROWS_SHOWN + 1,
    )  # fmt: skip


async def team_page(connection: Connection, viewer: Viewer, team_id: int) -> Record:
    """Load a team. Raises Unknown, also for somebody else's."""
    row = await connection.fetchrow(f"{TEAMS} and t.id = $3", viewer.operator_ids, viewer.team_ids, team_id)
    if row is None:
        raise Unknown("team", team_id)
    return row


async def list_sites(
    connection: Connection, viewer: Viewer, *, text: str, team_id: int | None, page: int
) -> list[Record]:
    """List a page of sites by name, and one more if there are more."""
    return await connection.fetch(
        f"""{SITES} and ($3 = '' or position(lower($3) in lower(concat_ws(' ', s.name, s.address1, s.city))) > 0)
              and ($4::bigint is null or s.team_id = $4)
            order by s.name, s.id offset $5 limit $6""",
        viewer.operator_ids, viewer.team_ids, text, team_id, page * ROWS_SHOWN, ROWS_SHOWN + 1,
    )  # fmt: skip


async def site_page(connection: Connection, viewer: Viewer, site_id: int) -> Record:
    """Load a site. Raises Unknown, also for somebody else's."""
    row = await connection.fetchrow(f"{SITES} and s.id = $3", viewer.operator_ids, viewer.team_ids, site_id)
    if row is None:
        raise Unknown("site", site_id)
    return row


async def points_at(connection: Connection, viewer: Viewer, site_id: int) -> list[Record]:
    """List the connectors on a site, by name."""
    return await connection.fetch(POINTS, viewer.operator_ids, viewer.team_ids, site_id)


async def list_operators(connection: Connection, viewer: Viewer) -> list[Record]:
    """List the viewer's operator and its sub-operators with what they have."""
    return await connection.fetch(OPERATORS, viewer.operator_ids, viewer.operator_id)


async def people_of(connection: Connection, viewer: Viewer, operator_id: int) -> list[Record]:
    """List who works for an operator, and who is invited to. Raises Unknown for somebody else's."""
    if operator_id not in viewer.operator_ids or viewer.team_ids is not None:
        raise Unknown("operator", operator_id)
    return await connection.fetch(PEOPLE, operator_id)


TEAMS = """
select t.*, o.name as operator, w.display_name as owner,
  (select count(*) from member m where m.team_id = t.id and m.deleted_at is null and m.state = 'accepted') as members,
  (select count(*) from member m where m.team_id = t.id and m.deleted_at is null
    and m.state in ('invited', 'requested')) as waiting,
  (select count(*) from connector k where k.team_id = t.id and k.deleted_at is null) as connectors,
  (select count(*) from site s where s.team_id = t.id and s.deleted_at is null) as sites, y.name as country
from team t join operator o on o.id = t.operator_id left join users w on w.id = t.owner_user_id
  left join country y on y.id = t.country_id
where t.operator_id = any($1) and ($2::bigint[] is null or t.id = any($2)) and t.deleted_at is null
"""

SITES = """
select s.*, t.name as team, y.name as country,
  (select count(*) from connector k where k.site_id = s.id and k.deleted_at is null) as connectors,
  (select count(*) from connector k join connector_live l on l.connector_id = k.id
    where k.site_id = s.id and k.deleted_at is null and l.state in ('error', 'disconnected')) as trouble
from site s join team t on t.id = s.team_id left join country y on y.id = s.country_id
where s.operator_id = any($1) and ($2::bigint[] is null or s.team_id = any($2)) and s.deleted_at is null
"""

POINTS = """
select k.id, k.name, k.charge_point_id, k.max_power_w, k.visibility, coalesce(l.state, 'passive') as state, b.identity
from connector k
  left join connector_live l on l.connector_id = k.id
  left join charge_point b on b.id = k.charge_point_id
where k.site_id = $3 and k.operator_id = any($1) and ($2::bigint[] is null or k.team_id = any($2))
  and k.deleted_at is null
order by k.name, k.id limit 500
"""

OPERATORS = """
select o.id, o.name, o.identifier, o.parent_operator_id, o.id = $2 as own,
  (select count(*) from team t where t.operator_id = o.id and t.deleted_at is null) as teams,
  (select count(*) from connector k where k.operator_id = o.id and k.deleted_at is null) as connectors
from operator o where o.id = any($1) order by o.id <> $2, o.name, o.id
"""

PEOPLE = """
select u.id as user_id, null::bigint as post_id, u.display_name as name, u.email, u.role, 'accepted' as state,
  u.created_at as since
from users u where u.operator_id = $1 and u.role <> 'Driver' and u.blocked_at is null
union all
select p.user_id, p.id, coalesce(u.display_name, p.email), coalesce(u.email, p.email), p.role, p.state, p.invited_at
from operator_post p left join users u on u.id = p.user_id
where p.operator_id = $1 and p.deleted_at is null and p.state in ('invited', 'accepted')
order by name, user_id, post_id limit 1000
"""
