"""Public at some hours of the week, private at the others: written down by people, followed by the worker."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import ConnectorChanged
from wattline.domain.public_hours import Span, checked_spans, is_public, next_turn
from wattline.domain.refusals import Invalid
from wattline.operations.charge_points import note_changed
from wattline.operations.onboarding import lock_whole

AT_ONCE = 200


async def set_public_hours(
    database: Database,
    connector_id: int,
    spans: Sequence[Span],
    *,
    show_on_map: bool,
    zone: str,
    asked_by: Viewer,
    now: datetime,
) -> None:
    """Make all connectors of a box public at these hours of the week, and private at all others.

    The hours are those of their site, or of `zone` where there is none. Who charges when one ends goes on charging, on
    the terms of the start. Raises Invalid, Unknown.
    """
    checked = checked_spans(spans)
    if not checked:
        raise Invalid("hours", "Say at least one day with its hours, or choose private.")
    async with database.begin() as tx:
        for each in await lock_whole(tx, connector_id, asked_by=asked_by):
            here = await tx.fetchval("select time_zone from site where id = $1", each["site_id"]) or zone
            due_at = next_turn(checked, now, ZoneInfo(here))
            await tx.execute(KEEP, each["id"], msgspec.to_builtins(checked), here, due_at, now)
            await _turn(tx, each["id"], checked, here, now)
            await tx.execute("update connector set show_on_map = $2 where id = $1", each["id"], show_on_map)
            await note_changed(tx, each, "set-access", asked_by, now)


async def follow_public_hours(database: Database, *, now: datetime) -> int:
    """Turn what is due public or private; return how many were looked at, at most AT_ONCE."""
    async with database.begin() as tx:
        rows = await tx.fetch(DUE, now, AT_ONCE)
        facts = [await _follow(tx, row, now) for row in rows]
        await outbox.add(tx, facts, now=now)
    return len(rows)


async def _follow(tx: Transaction, row: Record, now: datetime) -> ConnectorChanged:
    spans = msgspec.convert(row["spans"], tuple[Span, ...])
    await _turn(tx, row["connector_id"], spans, row["time_zone"], now)
    due_at = next_turn(spans, now, ZoneInfo(row["time_zone"]))
    await tx.execute("update public_hours set due_at = $2 where connector_id = $1", row["connector_id"], due_at)
    return ConnectorChanged(
        entity_id=row["connector_id"], operator_ids=(row["operator_id"],), team_ids=(row["team_id"],)
    )


async def _turn(tx: Transaction, connector_id: int, spans: Sequence[Span], zone: str, now: datetime) -> None:
    visibility = "public" if is_public(spans, now, ZoneInfo(zone)) else "private"
    await tx.execute(
        "update connector set visibility = $2, updated_at = $3 where id = $1", connector_id, visibility, now
    )


KEEP = """
insert into public_hours (connector_id, spans, time_zone, due_at, updated_at) values ($1, $2, $3, $4, $5)
on conflict (connector_id) do update set spans = excluded.spans, time_zone = excluded.time_zone,
  due_at = excluded.due_at, updated_at = excluded.updated_at
"""

DUE = """
select h.connector_id, h.spans, h.time_zone, k.operator_id, k.team_id
from public_hours h join connector k on k.id = h.connector_id
where h.due_at <= $1 order by h.due_at limit $2 for update of h skip locked
"""
