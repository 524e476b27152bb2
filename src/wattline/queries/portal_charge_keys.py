"""Charge keys as the Portal lists and shows them."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.charge_key import normalise
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions

KEYS_SHOWN = 50
BOXES_SHOWN, PEOPLE_SHOWN = 500, 500

# What the list can be narrowed to, as conditions on a key; {} is when somebody looks.
STATES = {
    "active": "t.blocked_at is null and (t.active_until is null or t.active_until > {})",
    "blocked": "t.blocked_at is not null and t.lost_at is null",
    "lost": "t.lost_at is not null",
    "expired": "t.blocked_at is null and t.active_until <= {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWish:
    """Which keys somebody wants to see; `text` is looked for in names, identifiers, members and cars."""

    text: str = ""
    team_id: int | None = None
    state: str = ""
    before: int | None = None
    limit: int = KEYS_SHOWN


async def list_charge_keys(connection: Connection, viewer: Viewer, wish: KeyWish, *, now: datetime) -> list[Record]:
    """List a page of keys and one more, if there are more: who was added last comes first."""
    conditions = _seen(viewer)
    if wish.team_id is not None:
        conditions.add("t.team_id = {}", wish.team_id)
    if wish.state in STATES:
        conditions.add(STATES[wish.state], *([now] if "{}" in STATES[wish.state] else []))
    if wish.before is not None:
        conditions.add("t.id < {}", wish.before)
    if wish.text:
        place, bare = conditions.bind(wish.text), conditions.bind(normalise(wish.text))
        conditions.add(
            f"(position({bare} in t.identifier_key) > 0 or position(lower({place}) in lower("
            "concat_ws(' ', t.name, t.vehicle, t.provider, t.partner_external_id, u.display_name, u.email))) > 0)"
        )
    limit = conditions.bind(wish.limit + 1)
    return await connection.fetch(
        f"{KEYS} where {conditions.where} order by t.id desc limit {limit}", *conditions.values
    )


async def charge_key_page(connection: Connection, viewer: Viewer, key_id: int) -> Record:
    """Load a key. Raises Unknown, also for somebody else's and for one that was deleted."""
    conditions = _seen(viewer)
    conditions.add("t.id = {}", key_id)
    row = await connection.fetchrow(f"{KEYS} where {conditions.where}", *conditions.values)
    if row is None:
        raise Unknown("charge key", key_id)
    return row


async def people_for_keys(connection: Connection, viewer: Viewer) -> list[Record]:
    """List the members a key can be given to, by name."""
    return await connection.fetch(
        """select distinct on (lower(u.display_name), u.id) u.id, u.display_name as name, u.email
           from member m join users u on u.id = m.user_id
           where m.operator_id = any($1) and ($2::bigint[] is null or m.team_id = any($2)) and m.deleted_at is null
           order by lower(u.display_name), u.id limit $3""",
        viewer.operator_ids, viewer.team_ids, PEOPLE_SHOWN,
    )  # fmt: skip


async def operators_for_keys(connection: Connection, viewer: Viewer) -> list[Record]:
    """List the operators a key can be narrowed to, by name."""
    return await connection.fetch(
        "select id, name from operator where id = any($1) order by name, id", list(viewer.operator_ids)
    )


async def readers(connection: Connection, viewer: Viewer) -> list[Record]:
    """List the charge points at whose reader a key can be learned: those in contact, by name."""
    return await connection.fetch(
        """select b.id, b.identity, min(k.name) as name, b.connected
           from charge_point b join connector k on k.charge_point_id = b.id and k.deleted_at is null
           where b.operator_id = any($1) and ($2::bigint[] is null or b.team_id = any($2)) and b.deleted_at is null
             and b.connected
           group by b.id order by min(k.name), b.id limit $3""",
        viewer.operator_ids, viewer.team_ids, BOXES_SHOWN,
    )  # fmt: skip


async def reader_name(connection: Connection, charge_point_id: int) -> str:
    """Return what people call a charge point. Whose it is, the caller has checked."""
    row = await connection.fetchrow(
        """select coalesce((select min(name) from connector where charge_point_id = b.id and deleted_at is null),
             b.identity) as name from charge_point b where b.id = $1""",
        charge_point_id,
    )  # fmt: skip
    return str(row["name"]) if row else ""


def _seen(viewer: Viewer) -> Conditions:
    conditions = Conditions()
    conditions.add("t.operator_id = any({})", list(viewer.operator_ids))
    if viewer.team_ids is not None:
        conditions.add("t.team_id = any({})", list(viewer.team_ids))
    conditions.add("t.deleted_at is null")
    return conditions


KEYS = """
select t.*, team.name as team, team.frozen_at is not null or team.blocked_at is not null as team_stopped,
  coalesce(u.display_name, u.email) as member, u.email,
  array(select c.name from country c where c.id = any(t.country_ids) order by c.name) as countries,
  array(select o.name from operator o where o.id = any(t.operator_ids) order by o.name) as operators
from charge_key t join team on team.id = t.team_id left join users u on u.id = t.user_id
"""
