"""Members, member groups, nested teams, users and operators, as the Partner API and webhooks tell of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page
from wattline.queries.partner_places import OPERATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFilter:
    """Which members somebody wants; None means any."""

    team_id: int | None = None
    role: str | None = None
    state: str | None = None
    user_id: int | None = None
    email: str | None = None
    phone: str | None = None
    partner_external_team_id: str | None = None
    partner_external_id: str | None = None
    include_deleted: bool = False


async def members_by_ids(connection: Connection, ids: Sequence[int], *, now: datetime | None = None) -> list[Record]:
    """Return what the shape of a member is made of, in the order of the ids. At `now` an invitation may be over."""
    return _in_order(ids, await connection.fetch(MEMBERS, list(ids), now))


async def member_by_id(connection: Connection, member_id: int, *, viewer: Viewer, now: datetime) -> Record:
    """Return one member of the viewer's teams. Raises Unknown, also for one that was removed."""
    rows = await members_by_ids(connection, [member_id], now=now)
    return _one(rows, "team member", member_id, viewer)


async def find_members(
    connection: Connection, wanted: MemberFilter, window: Window, *, viewer: Viewer, now: datetime
) -> Found:
    """Find a page of the members of the viewer's teams, by id."""
    conditions = _of_teams(viewer, wanted.team_id, include_deleted=wanted.include_deleted)
    for column, value in (("role", wanted.role), ("user_id", wanted.user_id), ("phone", wanted.phone)):
        if value is not None:
            conditions.add(f"t.{column} = {{}}", value)
    if wanted.email is not None:
        conditions.add("t.email_key = lower({})", wanted.email.strip())
    if wanted.state is not None:
        conditions.add(f"{SHOWN_STATE.replace('m.', 't.').replace('$2', '{}')} = {{}}", now, wanted.state)
    conditions.partner_external_id("t.partner_external_id", wanted.partner_external_id)
    if wanted.partner_external_team_id is not None:
        team = Conditions()
        team.partner_external_id("x.partner_external_id", wanted.partner_external_team_id)
        text = team.where.replace("$1", "{}")
        conditions.add(f"exists (select from team x where x.id = t.team_id and {text})", *team.values)
    return await find_page(connection, "member t", conditions, window, order="t.id")


async def profiles_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of a member group is made of, in the order of the ids."""
    return _in_order(ids, await connection.fetch(PROFILES, list(ids)))


async def profile_by_id(connection: Connection, group_id: int, *, viewer: Viewer) -> Record:
    """Return one member group of the viewer's teams. Raises Unknown."""
    return _one(await profiles_by_ids(connection, [group_id]), "member group", group_id, viewer)


async def find_profiles(
    connection: Connection, team_id: int | None, name: str | None, window: Window, *, viewer: Viewer
) -> Found:
    """Find a page of member groups, by id; `name` is a part of it."""
    conditions = _of_teams(viewer, team_id)
    if name:
        conditions.add("position(lower({}) in lower(t.name)) > 0", name)
    return await find_page(connection, "member_group t", conditions, window, order="t.id")


async def nestings_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of a nested team is made of, in the order of the ids."""
    return _in_order(ids, await connection.fetch(NESTINGS, list(ids)))


async def nesting_by_id(connection: Connection, relation_id: int, *, viewer: Viewer) -> Record:
    """Return a relation in which one side is the viewer's. Raises Unknown; ended ones are unknown."""
    rows = await nestings_by_ids(connection, [relation_id])
    if (
        not rows
        or rows[0]["deleted_at"] is not None
        or not any(
            viewer.sees(rows[0][f"{side}_operator_id"], rows[0][f"{side}_team_id"]) for side in ("parent", "nested")
        )
    ):
        raise Unknown("nested team", relation_id)
    return rows[0]


async def find_nestings(
    connection: Connection, state: str | None, window: Window, *, viewer: Viewer, include_deleted: bool
) -> Found:
    """Find a page of relations in which one side is the viewer's, by id."""
    conditions = Conditions()
    conditions.add(
        """exists (select from team x where x.id in (t.parent_team_id, t.nested_team_id) and x.operator_id = any({})
             and ({}::bigint[] is null or x.id = any({})))""",
        list(viewer.operator_ids), viewer.team_ids, viewer.team_ids,
    )  # fmt: skip
    if state is not None:
        conditions.add("t.state = {}", state)
    if not include_deleted:
        conditions.add("t.deleted_at is null")
    return await find_page(connection, "nested_team t", conditions, window, order="t.id")


async def users_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of a user is made of, in the order of the ids."""
    return _in_order(ids, await connection.fetch(USERS, list(ids)))


async def find_users(
    connection: Connection, window: Window, *, viewer: Viewer, user_id: int | None = None, email: str | None = None
) -> Found:
    """Find a page of the people whose account is at the viewer's operators, or who are in their teams, by id."""
    conditions = Conditions()
    conditions.add(
        """(({}::bigint[] is null and t.operator_id = any({})) or exists (select from member m where m.user_id = t.id
             and m.state = 'accepted' and m.deleted_at is null and m.operator_id = any({})
             and ({}::bigint[] is null or m.team_id = any({}))))""",
        viewer.team_ids, list(viewer.operator_ids), list(viewer.operator_ids), viewer.team_ids, viewer.team_ids,
    )  # fmt: skip
    if user_id is not None:
        conditions.add("t.id = {}", user_id)
    if email is not None:
        conditions.add("t.email_key = lower({})", email.strip())
    return await find_page(connection, "users t", conditions, window, order="t.id")


async def find_operators(connection: Connection, ids: Sequence[int], window: Window) -> Found:
    """Find a page of operators among those with these ids."""
    conditions = Conditions()
    conditions.add("t.id = any({})", list(ids))
    return await find_page(connection, "operator t", conditions, window, order="t.id")


async def operators_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of an operator is made of, in the order of the ids."""
    return _in_order(
        ids,
        await connection.fetch(f"select o.id, o.id as operator_id, {OPERATOR} from operator o where id = any($1)", ids),
    )


def _of_teams(viewer: Viewer, team_id: int | None, *, include_deleted: bool = False) -> Conditions:
    conditions = Conditions()
    conditions.add("t.operator_id = any({})", list(viewer.operator_ids))
    if viewer.team_ids is not None:
        conditions.add("t.team_id = any({})", list(viewer.team_ids))
    if team_id is not None:
        conditions.add("t.team_id = {}", team_id)
    if not include_deleted:
        conditions.add("t.deleted_at is null")
    return conditions


def _in_order(ids: Sequence[int], found: Sequence[Record]) -> list[Record]:
    rows = {row["id"]: row for row in found}
    return [rows[row_id] for row_id in ids if row_id in rows]


def _one(rows: Sequence[Record], what: str, which: int, viewer: Viewer) -> Record:
    if not rows or rows[0]["deleted_at"] is not None or not viewer.sees(rows[0]["operator_id"], rows[0]["team_id"]):
        raise Unknown(what, which)
    return rows[0]


SHOWN_STATE = """case when m.state = 'invited' and exists (select from invitation i where i.member_id = m.id
  and i.expires_at <= $2::timestamptz) then 'expired' else m.state end"""

MEMBERS = f"""
select m.*, {OPERATOR}, t.partner_external_id as partner_external_team_id, {SHOWN_STATE} as shown_state
from member m join team t on t.id = m.team_id join operator o on o.id = m.operator_id
where m.id = any($1)
"""

PROFILES = f"""
select g.*, {OPERATOR} from member_group g join operator o on o.id = g.operator_id where g.id = any($1)
"""

_COUNT = "(select count(*) from member m where m.team_id = {} and m.state = 'accepted' and m.deleted_at is null)"

NESTINGS = f"""
select n.*, p.name as parent, p.operator_id as parent_operator_id, c.name as nested,
  c.operator_id as nested_operator_id, g.name as price_group, u.id as user_id, u.display_name as user,
  {_COUNT.format("p.id")} as parent_members, {_COUNT.format("c.id")} as nested_members
from nested_team n join team p on p.id = n.parent_team_id join team c on c.id = n.nested_team_id
  left join price_group g on g.id = n.price_group_id left join users u on u.id = n.invited_by_user_id
where n.id = any($1)
"""

USERS = """
select u.id, u.display_name, u.email, u.locale, u.created_at, u.updated_at, u.email_verified_at,
  (select m.team_id from member m where m.user_id = u.id and m.state = 'accepted' and m.deleted_at is null
   order by m.id limit 1) as default_team_id
from users u where u.id = any($1)
"""
