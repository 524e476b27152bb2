"""Charges in the Portal: the list, filtered and paged by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from wattline.database.connection import Connection
from wattline.domain.access import Viewer

PAGE_CHARGES = 50
# A text in fewer names of connectors than this is rare.
NAMED_RARE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeWish:
    """Which charges: just these, states, only failed ones, a charge point, a text, a span of time, and a place.

    `before` is the (created_at, id) of the last one on the page before.
    """

    ids: Sequence[int] | None = None
    states: Sequence[str] | None = None
    failed: bool | None = None
    charge_point_id: int | None = None
    text: str = ""
    start: datetime | None = None
    end: datetime | None = None
    before: tuple[datetime, int] | None = None
    limit: int = PAGE_CHARGES


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One charge in a list."""

    id: int
    human_readable_id: str
    state: str
    raw_state: str | None
    failed_at: datetime | None
    failure_code: str | None
    stop_reason: str | None
    created_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None
    energy_wh: int
    power_w: int | None
    soc_percent: Decimal | None
    start_source: str
    connector_name: str
    connector_number: int | None
    box_id: int | None
    site: str | None
    payer: str | None
    key_name: str | None
    key_tail: str | None
    partner_external_id: str | None
    price_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class ChargeList:
    """A page of charges, and whether older ones follow."""

    charges: list[ChargeLine]
    more: bool


async def list_charges(connection: Connection, viewer: Viewer, wish: ChargeWish) -> ChargeList:
    """List charges at the viewer's connectors, or paid by the viewer's teams, the newest first."""
    before_at, before_id = wish.before or (None, None)
    text = _literal(wish.text)
    by_time = FOUND_BY_TIME if viewer.team_ids is None else FOUND_BY_TEAM
    found = FOUND_BY_TEXT if text and await _is_rare(connection, viewer, text) else by_time
    rows = await connection.fetch(
        found + SHOWN,
        viewer.operator_ids, viewer.team_ids, None if wish.states is None else list(wish.states), wish.failed,
        wish.charge_point_id, text, wish.start, wish.end, before_at, before_id, wish.limit + 1,
        None if wish.ids is None else list(wish.ids),
    )  # fmt: skip
    lines = [ChargeLine(**dict(row)) for row in rows]
    return ChargeList(lines[: wish.limit], len(lines) > wish.limit)


# Which charges, and the newest of them: per operator or team, so that the index by time can be walked.
CHOSEN = """
  from charge c join connector k on k.id = c.connector_id
  where ($2::bigint[] is null or c.team_id = any($2)) and ($12::bigint[] is null or c.id = any($12))
    and ($3::text[] is null or c.state = any($3)) and ($4::boolean is null or (c.failed_at is not null) = $4)
    and ($5::bigint is null or k.charge_point_id = $5)
    and ($7::timestamptz is null or c.created_at >= $7) and ($8::timestamptz is null or c.created_at < $8)
    and ($9::timestamptz is null or (c.created_at, c.id) < ($9, $10::bigint))
"""
NEWEST = "order by c.created_at desc, c.id desc limit $11"

FOUND_BY_TIME = f"""
with found as (
  select n.id, n.created_at from unnest($1::bigint[]) as o(id) cross join lateral (
    select c.id, c.created_at {CHOSEN} and c.operator_id = o.id and ($6::text = '' or k.name ilike '%' || $6 || '%'
      or c.human_readable_id like upper($6) || '%' or c.partner_external_id = $6) {NEWEST}) n
  order by n.created_at desc, n.id desc limit $11
)
"""

# A few teams' charges among millions: walked team by team.
FOUND_BY_TEAM = FOUND_BY_TIME.replace(
    "unnest($1::bigint[]) as o(id)", "(select id from team where operator_id = any($1) and id = any($2)) as o"
).replace("c.operator_id = o.id", "c.team_id = o.id")

# A rare text is looked for where an index leads to it, and only then put into order.
FOUND_BY_TEXT = f"""
with named as materialized (
  select array(select id from connector where operator_id = any($1) and name ilike '%' || $6 || '%') as ids
), matching as materialized (
  select c.id from charge c, named where c.connector_id = any(named.ids) and c.operator_id = any($1)
  union select c.id from charge c where c.operator_id = any($1) and c.human_readable_id like upper($6) || '%'
  union select c.id from charge c where c.operator_id = any($1) and c.partner_external_id = $6
), found as (
  select c.id, c.created_at {CHOSEN} and c.id in (select id from matching) {NEWEST}
)
"""

SHOWN = """
select c.id, c.human_readable_id, c.state, c.raw_state, c.failed_at, c.failure_code, c.stop_reason, c.created_at,
  c.started_at, c.stopped_at, c.energy_wh, c.power_w, c.soc_percent, c.start_source, k.name as connector_name,
  c.connector_number, k.charge_point_id as box_id, s.name as site, p.name as payer, y.name as key_name,
  right(y.identifier, 4) as key_tail, c.partner_external_id, c.price_minor, c.currency
from found join charge c on c.id = found.id join connector k on k.id = c.connector_id
left join site s on s.id = c.site_id left join team p on p.id = c.paying_team_id
left join charge_key y on y.id = c.charge_key_id
order by c.created_at desc, c.id desc
"""


async def _is_rare(connection: Connection, viewer: Viewer, text: str) -> bool:
    # A text that stands in many names is found soon by walking back in time; a rare one would mean walking for ever.
    named = await connection.fetchval(
        """
        select count(*) from (
          select from connector where operator_id = any($1) and name ilike '%' || $2 || '%' limit $3) n
        """,
        viewer.operator_ids, text, NAMED_RARE,
    )  # fmt: skip
    return bool(named < NAMED_RARE)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def count_open(connection: Connection, viewer: Viewer) -> dict[str, int]:
    """Count charges that are not over, by state."""
    rows = await connection.fetch(
        """
        select state, count(*) as n from charge where operator_id = any($1) and completed_at is null
          and ($2::bigint[] is null or team_id = any($2)) group by state
        """,
        viewer.operator_ids, viewer.team_ids,
    )  # fmt: skip
    return {row["state"]: row["n"] for row in rows}
