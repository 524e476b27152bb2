"""Where somebody works: the operators and teams a person belongs to, and the eyes they have at each."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.roles import Role, Switch, team_role
from wattline.operations.operators import family

# Somebody who owns more teams than this finds them through the operator's list of teams.
POSTS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One place where somebody works. `has_below` marks the main account of an operator with sub-operators."""

    name: str
    role: Role
    operator_id: int
    team_id: int | None
    switches: frozenset[Switch] = frozenset()
    has_below: bool = False

    @property
    def key(self) -> str:
        """Name the place, as a session remembers it."""
        return f"operator-{self.operator_id}" if self.team_id is None else f"team-{self.team_id}"


async def posts_of(connection: Connection, user_id: int) -> list[Post]:
    """List where a person works: operators before teams, by name; the operator of their account first."""
    return [_post(row) for row in await connection.fetch(POSTS, user_id, POSTS_MAX)]


def chosen_post(posts: Sequence[Post], key: str | None) -> Post | None:
    """Return the place a session remembers as long as the person still works there, or else the first."""
    return next((post for post in posts if post.key == key), posts[0] if posts else None)


async def viewer_at(connection: Connection, post: Post | None, *, user_id: int, name: str, operator_id: int) -> Viewer:
    """Make the eyes somebody has at a place; without one, those of a person who sees nothing but their account."""
    if post is None:
        return Viewer(
            name=name, operator_id=operator_id, operator_ids=(operator_id,), team_ids=(), scopes=frozenset(),
            user_id=user_id, role=Role.DRIVER,
        )  # fmt: skip
    whole = post.team_id is None
    return Viewer(
        name=name,
        operator_id=post.operator_id,
        operator_ids=await family(connection, post.operator_id) if whole else (post.operator_id,),
        team_ids=None if post.team_id is None else (post.team_id,),
        scopes=frozenset(),
        user_id=user_id,
        role=post.role,
        switches=post.switches,
    )


def _post(row: Record) -> Post:
    whole = row["team_id"] is None
    role = Role(row["role"]) if whole else team_role(row["role"], is_owner=row["is_owner"])
    return Post(
        name=row["name"],
        role=role,
        operator_id=row["operator_id"],
        team_id=row["team_id"],
        switches=frozenset(switch for switch in Switch if switch in row["switches"]),
        has_below=row["has_below"],
    )


_SWITCHES = ", ".join(f"case when m.{switch.column} then '{switch}' end" for switch in Switch)

POSTS = f"""
select p.operator_id, null::bigint as team_id, o.name, p.role, false as is_owner, '{{}}'::text[] as switches,
  exists (select from operator s where s.parent_operator_id = o.id) as has_below, p.rank
from (
  select operator_id, role, 0 as rank from users where id = $1 and role <> 'Driver'
  union all
  select operator_id, role, 1 from operator_post where user_id = $1 and state = 'accepted' and deleted_at is null
) p join operator o on o.id = p.operator_id
union all
select t.operator_id, t.id, t.name, coalesce(m.role, 'admin'), coalesce(t.owner_user_id = $1, false),
  array_remove(array[{_SWITCHES}], null), false, 2
from team t
  left join member m on m.team_id = t.id and m.user_id = $1 and m.state = 'accepted' and m.deleted_at is null
where t.deleted_at is null and t.id in (
  select team_id from member where user_id = $1 and state = 'accepted' and deleted_at is null
  union select id from team where owner_user_id = $1)
order by rank, name, operator_id, team_id
limit $2
"""
