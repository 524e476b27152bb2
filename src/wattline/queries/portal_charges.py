"""Charges in the Portal: the list, filtered and paged by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from wattline.database.connection import Connection
from wattline.domain.access import Viewer

PAGE_CHARGES = 50


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


@dataclass(frozen=True, slots=True)
class ChargeList:
    """A page of charges, and whether older ones follow."""

    charges: list[ChargeLine]
    more: bool


async def list_charges(connection: Connection, viewer: Viewer, wish: ChargeWish) -> ChargeList:
    """List charges at the viewer's connectors, or paid by the viewer's teams, the newest first."""
    before_at, before_id = wish.before or (None, None)
    text = f"%{wish.text.replace('%', '').replace('_', '')}%" if wish.text else None
    rows = await connection.fetch(
        """
        select c.id, c.human_readable_id, c.state, c.raw_state, c.failed_at, c.failure_code, c.stop_reason,
          c.created_at, c.started_at, c.stopped_at, c.energy_wh, c.power_w, c.soc_percent, c.start_source,
          k.name as connector_name,
          c.connector_number, k.charge_point_id as box_id, s.name as site, p.name as payer, y.name as key_name,
          right(y.identifier, 4) as key_tail, c.partner_external_id
        from charge c join connector k on k.id = c.connector_id left join site s on s.id = c.site_id
        left join team p on p.id = c.paying_team_id left join charge_key y on y.id = c.charge_key_id
        where c.operator_id = any($1) and ($2::bigint[] is null or c.team_id = any($2))
          and ($12::bigint[] is null or c.id = any($12)) and ($3::text[] is null or c.state = any($3))
          and ($4::boolean is null or (c.failed_at is not null) = $4)
          and ($5::bigint is null or k.charge_point_id = $5)
          and ($6::text is null or c.human_readable_id ilike $6 or k.name ilike $6 or c.partner_external_id ilike $6)
          and ($7::timestamptz is null or c.created_at >= $7) and ($8::timestamptz is null or c.created_at < $8)
          and ($9::timestamptz is null or (c.created_at, c.id) < ($9, $10::bigint))
        order by c.created_at desc, c.id desc limit $11
        """,
        viewer.operator_ids, viewer.team_ids, None if wish.states is None else list(wish.states), wish.failed,
        wish.charge_point_id, text, wish.start, wish.end, before_at, before_id, wish.limit + 1,
        None if wish.ids is None else list(wish.ids),
    )  # fmt: skip
    lines = [ChargeLine(**dict(row)) for row in rows]
    return ChargeList(lines[: wish.limit], len(lines) > wish.limit)


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
