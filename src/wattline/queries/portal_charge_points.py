"""The list of charge points in the Portal, grouped by box: a box with two sockets is one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.queries.portal_states import STATE_SHOWN

# Which of its connectors' states speaks for a box, first match first; and so which rows come first in the list.
PRECEDENCE = (
    "error", "disconnected", "busy-charging", "busy-non-charging", "busy-blocked", "busy-non-released", "busy",
    "busy-scheduled", "busy-reserved", "available", "maintenance", "passive", "other",
)  # fmt: skip

# A row without hardware stands for itself: its key is its connector's id below zero.
FROM = """
  from connector k left join connector_live l on l.connector_id = k.id
  left join charge_point b on b.id = k.charge_point_id left join site s on s.id = k.site_id
"""
WHERE = """
  where k.operator_id = any($1) and ($2::bigint[] is null or k.team_id = any($2)) and k.deleted_at is null
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the viewer wants to see: states, a text in names and identities, a site, a team, a page."""

    states: Sequence[str] | None = None
    text: str = ""
    site_id: int | None = None
    team_id: int | None = None
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """The keys of one page of boxes in order, how many there are per state, and the totals over the whole network."""

    keys: list[int]
    found: int
    by_state: dict[str, int]
    boxes: int
    sites: int
    active: int


@dataclass(frozen=True, slots=True)
class ConnectorRow:
    """One connector of a listed box, as it is now."""

    id: int
    key: int
    number: int | None
    name: str
    state: str
    state_since: datetime | None
    error_code: str | None
    error_info: str | None
    power_w: int | None
    connector_types: tuple[str, ...]
    charge_id: int | None
    raw_state: str | None
    reserved_until: datetime | None
    active_at: datetime | None
    visibility: str
    max_power_w: int | None
    price_group: str | None


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One row of the list. `id` is None for a charge point that has no hardware yet."""

    key: int
    id: int | None
    identity: str | None
    connected: bool
    disconnected_at: datetime | None
    last_heard_at: datetime | None
    booted_at: datetime | None
    site_id: int | None
    site: str | None
    team: str
    model: str
    firmware: str | None
    connectors: tuple[ConnectorRow, ...]
    energy_today_wh: int
    starts: int
    starts_ok: int


async def list_boxes(connection: Connection, viewer: Viewer, wish: Wish) -> Listing:
    """Order the viewer's boxes (worst first, then site and name), count them by state, and cut out one page."""
    text = f"%{_literal(wish.text)}%" if wish.text else None
    row = await connection.fetchrow(
        f"""
        with boxes as materialized (
          select coalesce(k.charge_point_id, -k.id) as key,
            min(array_position($3, {STATE_SHOWN})) as worst, min(s.name) as site,
            (array_agg(k.name order by k.number nulls last, k.id))[1] as name,
            bool_or(k.active_at is not null) as active, min(k.site_id) as site_id,
            bool_or($4::text is null or k.name ilike $4 or b.identity ilike $4 or s.name ilike $4) as matches,
            bool_or(($5::bigint is null or k.site_id = $5) and ($6::bigint is null or k.team_id = $6)) as inside
          {FROM} {WHERE} group by 1
        ), wanted as (
          select * from boxes where matches and inside
        ), chosen as (
          select * from wanted where $7::text[] is null or $3[worst] = any($7)
        )
        select array(select key from chosen order by least(worst, 3), site nulls last, substring(name from '^\\D*'),
            substring(name from '\\d{{1,9}}')::int nulls first, name, key offset $8 limit $9) as keys,
          (select count(*) from chosen) as found,
          (select coalesce(jsonb_object_agg($3[worst], n), '{{}}')
            from (select worst, count(*) as n from wanted group by worst) w) as by_state,
          (select count(*) from boxes) as boxes, (select count(distinct site_id) from boxes) as sites,
          (select count(*) from boxes where active) as active
        """,
        viewer.operator_ids, viewer.team_ids, list(PRECEDENCE), text, wish.site_id, wish.team_id,
        None if wish.states is None else list(wish.states), wish.offset, wish.limit,
    )  # fmt: skip
    assert row is not None
    return Listing(**dict(row))


async def boxes_now(
    connection: Connection, viewer: Viewer, keys: Sequence[int], *, day_start: datetime, now: datetime
) -> list[BoxRow]:
    """Load the rows of these keys, in that order, as they are now; keys the viewer may not see are left out.

    `day_start` is the viewer's midnight, from which the day's energy counts; starts are counted over 30 days.
    """
    rows = await connection.fetch(
        f"""
        select k.id, coalesce(k.charge_point_id, -k.id) as key, k.number, k.name,
          {STATE_SHOWN} as state, l.state_since, l.error_code, l.error_info, l.power_w,
          array(select y.identifier from connector_type y where y.id = any(k.connector_types) order by y.id)
            as connector_types,
          c.id as charge_id, c.raw_state, c.reserved_until, k.active_at,
          b.id as box_id, b.identity, coalesce(b.connected, false) as connected, b.disconnected_at, b.last_heard_at,
          b.booted_at, s.id as site_id, s.name as site, k.visibility, k.max_power_w,
          (select name from team where id = k.team_id) as team, b.firmware_version as firmware,
          coalesce((select r.name || ' ' || m.name from model m join brand r on r.id = m.brand_id
            where m.id = coalesce(k.model_id, b.model_id)), concat_ws(' ', b.vendor, b.model)) as model,
          (select name from price_group where id = k.price_group_id) as price_group,
          (select coalesce(sum(d.energy_wh), 0)::bigint from charge d
            where d.connector_id = k.id and d.created_at >= $4) as energy_today_wh,
          t.starts, t.starts_ok
        {FROM} left join charge c on c.id = l.charge_id left join lateral ({STARTS}) t on true {WHERE}
          and (k.charge_point_id = any($3) or (k.charge_point_id is null and -k.id = any($3)))
        order by k.number nulls last, k.id
        """,
        viewer.operator_ids, viewer.team_ids, list(keys), day_start, now - timedelta(days=30),
    )  # fmt: skip
    by_key: dict[int, list[Any]] = {}
    for row in rows:
        by_key.setdefault(row["key"], []).append(row)
    return [_box(key, by_key[key]) for key in keys if key in by_key]


async def connectors_of(connection: Connection, viewer: Viewer, keys: Sequence[int]) -> list[int]:
    """List the connectors of these rows."""
    rows = await connection.fetch(
        f"""select k.id {FROM} {WHERE}
            and (k.charge_point_id = any($3) or (k.charge_point_id is null and -k.id = any($3)))""",
        viewer.operator_ids, viewer.team_ids, list(keys),
    )  # fmt: skip
    return [row["id"] for row in rows]


# A start worked when energy flowed; charges still starting do not count yet.
STARTS = """
  select count(*) filter (where g.energy_wh > 0 or g.failed_at is not null) as starts,
    count(*) filter (where g.energy_wh > 0 and g.failed_at is null) as starts_ok
  from charge g where g.connector_id = k.id and g.created_at >= $5
"""


def _box(key: int, rows: list[Any]) -> BoxRow:
    first = rows[0]
    return BoxRow(
        key=key,
        id=first["box_id"],
        identity=first["identity"],
        connected=first["connected"],
        disconnected_at=first["disconnected_at"],
        last_heard_at=first["last_heard_at"],
        booted_at=first["booted_at"],
        site_id=first["site_id"],
        site=first["site"],
        team=first["team"],
        model=first["model"],
        firmware=first["firmware"],
        connectors=tuple(_connector(row) for row in rows),
        energy_today_wh=sum(row["energy_today_wh"] for row in rows),
        starts=sum(row["starts"] for row in rows),
        starts_ok=sum(row["starts_ok"] for row in rows),
    )


def _connector(row: Any) -> ConnectorRow:
    values = {name: row[name] for name in ConnectorRow.__slots__}
    return ConnectorRow(**(values | {"connector_types": tuple(row["connector_types"])}))


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True, slots=True)
class StateChange:
    """A connector took on a state."""

    connector_id: int
    at: datetime
    state: str


async def states_since(
    connection: Connection, viewer: Viewer, connector_ids: Sequence[int], start: datetime
) -> list[StateChange]:
    """List the states of these connectors since `start`, each led by the one that held at that moment."""
    rows = await connection.fetch(
        """
        select w.id as connector_id, h.at, h.state from unnest($1::bigint[]) as w(id)
        cross join lateral (
          (select at, state from connector_state where connector_id = w.id and at <= $2 and operator_id = any($3)
            order by at desc limit 1)
          union all
          (select at, state from connector_state where connector_id = w.id and at > $2 and operator_id = any($3))
        ) h order by h.at
        """,
        list(connector_ids), start, viewer.operator_ids,
    )  # fmt: skip
    return [StateChange(**dict(row)) for row in rows]
