"""Members, member groups and nested teams, as the Portal shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown

MEMBERS_SHOWN = 100
GROUPS_SHOWN = 500

# An invitation whose link is over says so, whatever nobody wrote down.
STATE = """
case when m.state = 'invited' and coalesce(i.expires_at, m.invited_at + interval '14 days') <= {now} then 'expired'
  else m.state end"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberWish:
    """Which members somebody wants to see."""

    text: str = ""
    team_id: int | None = None
    group_id: int | None = None
    state: str = ""
    before: int | None = None


async def list_members(connection: Connection, viewer: Viewer, wish: MemberWish, *, now: datetime) -> list[Record]:
    """List a page of members and one more, if there are more: who was added last comes first."""
    return await connection.fetch(
        f"""select * from ({MEMBERS}) as shown
            where ($4::text = '' or shown.shown_state = $4) and ($5::bigint is null or id < $5)
              and ($6::text = '' or position(lower($6) in lower(concat_ws(' ', name, email, user_id::text))) > 0)
              and ($7::bigint is null or team_id = $7) and ($8::bigint is null or member_group_id = $8)
            order by id desc limit $9""",
        viewer.operator_ids, viewer.team_ids, now, wish.state, wish.before, wish.text, wish.team_id, wish.group_id,
        MEMBERS_SHOWN + 1,
    )  # fmt: skip


async def member_page(connection: Connection, viewer: Viewer, member_id: int, *, now: datetime) -> Record:
    """Load a member. Raises Unknown, also for somebody else's."""
    row = await connection.fetchrow(
        f"select * from ({MEMBERS}) as shown where id = $4", viewer.operator_ids, viewer.team_ids, now, member_id
    )
    if row is None:
        raise Unknown("team member", member_id)
    return row


async def list_groups(connection: Connection, viewer: Viewer, team_id: int | None = None) -> list[Record]:
    """List member groups by team and name."""
    return await connection.fetch(
        f"{GROUPS} and ($3::bigint is null or g.team_id = $3) order by t.name, g.name limit $4",
        viewer.operator_ids, viewer.team_ids, team_id, GROUPS_SHOWN,
    )  # fmt: skip


async def group_page(connection: Connection, viewer: Viewer, group_id: int) -> Record:
    """Load a member group. Raises Unknown, also for somebody else's."""
    row = await connection.fetchrow(f"{GROUPS} and g.id = $3", viewer.operator_ids, viewer.team_ids, group_id)
    if row is None:
        raise Unknown("member group", group_id)
    return row


async def list_nestings(connection: Connection, viewer: Viewer, team_id: int) -> Sequence[Record]:
    """List the teams nested in one of the viewer's teams, and those in which it is nested."""
    return await connection.fetch(NESTINGS, viewer.operator_ids, viewer.team_ids, team_id)


async def own_membership(connection: Connection, viewer: Viewer, team_id: int) -> int | None:
    """Find the viewer's own membership of a team."""
    member_id: int | None = await connection.fetchval(
        """select id from member where team_id = $1 and user_id = $2 and state = 'accepted' and deleted_at is null""",
        team_id, viewer.user_id,
    )  # fmt: skip
    return member_id


async def prices_to_give(connection: Connection, viewer: Viewer, team_id: int) -> list[Record]:
    """List the price groups that members of a team can be given."""
    return await connection.fetch(PRICES, viewer.operator_ids, team_id)


async def points_of(connection: Connection, viewer: Viewer, team_id: int) -> list[Record]:
    """List a team's charge points to choose from, by name."""
    return await connection.fetch(
        """select id, name from connector where team_id = $3 and operator_id = any($1) and deleted_at is null
             and ($2::bigint[] is null or team_id = any($2)) order by name, id limit 500""",
        viewer.operator_ids, viewer.team_ids, team_id,
    )  # fmt: skip


MEMBERS = f"""
select m.*, coalesce(m.display_name, u.display_name, m.email, 'User ' || m.user_id) as name, t.name as team,
  coalesce(t.owner_user_id = m.user_id, false) as is_owner, g.name as group_name, p.name as price_group,
  i.expires_at, {STATE.format(now="$3::timestamptz")} as shown_state
from member m
  join team t on t.id = m.team_id and t.deleted_at is null
  left join users u on u.id = m.user_id and m.state = 'accepted'
  left join member_group g on g.id = m.member_group_id
  left join price_group p on p.id = m.price_group_id
  left join invitation i on i.member_id = m.id
where m.operator_id = any($1) and ($2::bigint[] is null or m.team_id = any($2)) and m.deleted_at is null
"""

GROUPS = """
select g.*, t.name as team, p.name as price_group,
  (select count(*) from member m where m.member_group_id = g.id and m.deleted_at is null) as members
from member_group g join team t on t.id = g.team_id left join price_group p on p.id = g.price_group_id
where g.operator_id = any($1) and ($2::bigint[] is null or g.team_id = any($2)) and g.deleted_at is null
"""

NESTINGS = """
select n.id, n.state, n.access, n.invited_at, n.note, cardinality(n.connector_ids) as points, g.name as price_group,
  n.parent_team_id = $3 as is_parent, other.name as other,
  (select count(*) from member m
   where m.team_id = other.id and m.state = 'accepted' and m.deleted_at is null) as members
from nested_team n
  join team own on own.id = $3 and own.operator_id = any($1) and ($2::bigint[] is null or own.id = any($2))
  join team other on other.id = case when n.parent_team_id = $3 then n.nested_team_id else n.parent_team_id end
  left join price_group g on g.id = n.price_group_id
where n.deleted_at is null and $3 in (n.parent_team_id, n.nested_team_id)
order by n.parent_team_id <> $3, other.name, n.id limit 500
"""

PRICES = """
select g.id, g.name from price_group g
where g.deleted_at is null and g.type = 'member' and (g.team_id = $2 or g.team_id is null and g.operator_id = any($1))
order by g.name, g.id limit 500
"""
