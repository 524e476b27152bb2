"""What charge points said and were told: lines that matter, and the raw frames behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wattline.database.connection import Connection

LINES_MAX = 100
# A file may hold more than a page.
FILE_LINES_MAX = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogWish:
    """Which part of a log: kinds, a text, a stretch of time, and what comes before a moment (for older pages)."""

    charge_point_id: int
    kinds: Sequence[str] | None = None
    text: str = ""
    start: datetime | None = None
    end: datetime | None = None
    limit: int = LINES_MAX


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what matters."""

    id: int
    at: datetime
    told_at: datetime | None
    connector_number: int | None
    kind: str
    charge_id: int | None
    charge: str | None
    detail: dict[str, Any]
    message_id: str | None


@dataclass(frozen=True, slots=True)
class FrameLine:
    """One raw message."""

    at: datetime
    inbound: bool
    action: str | None
    message_id: str | None
    body: str


async def lines_of(connection: Connection, wish: LogWish) -> list[Line]:
    """List lines of a box's log, the newest first. The caller has checked who may see it."""
    rows = await connection.fetch(
        """
        select g.id, g.at, g.told_at, g.connector_number, g.kind, g.charge_id, c.human_readable_id as charge, g.detail,
          g.message_id
        from log_line g left join charge c on c.id = g.charge_id
        where g.charge_point_id = $1 and ($2::text[] is null or g.kind = any($2))
          and ($3::text is null or g.detail::text ilike $3 or g.kind ilike $3 or c.human_readable_id ilike $3)
          and ($4::timestamptz is null or g.at >= $4) and ($5::timestamptz is null or g.at < $5)
        order by g.at desc, g.id desc limit $6
        """,
        wish.charge_point_id, None if wish.kinds is None else list(wish.kinds), _like(wish.text), wish.start, wish.end,
        wish.limit,
    )  # fmt: skip
    return [Line(**dict(row)) for row in rows]


async def frames_of(connection: Connection, wish: LogWish) -> list[FrameLine]:
    """List a box's raw frames, the newest first; kinds are OCPP actions. The caller has checked who may see it."""
    rows = await connection.fetch(
        """
        select at, inbound, action, message_id, body from frame
        where charge_point_id = $1 and ($2::text[] is null or action = any($2)) and ($3::text is null or body ilike $3)
          and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
        order by at desc limit $6
        """,
        wish.charge_point_id, None if wish.kinds is None else list(wish.kinds), _like(wish.text), wish.start, wish.end,
        wish.limit,
    )  # fmt: skip
    return [FrameLine(**dict(row)) for row in rows]


async def kinds_in(connection: Connection, charge_point_id: int, *, start: datetime) -> list[str]:
    """List the kinds of line a log has had since `start`. The caller has checked who may see it."""
    rows = await connection.fetch(
        "select distinct kind from log_line where charge_point_id = $1 and at >= $2 order by kind",
        charge_point_id,
        start,
    )
    return [row["kind"] for row in rows]


async def lines_of_charge(connection: Connection, charge_id: int) -> list[Line]:
    """List the lines about one charge, the oldest first. The caller has checked who may see it."""
    rows = await connection.fetch(
        """
        select id, at, told_at, connector_number, kind, charge_id, null::text as charge, detail, message_id
        from log_line where charge_id = $1 order by at, id limit $2
        """,
        charge_id, LINES_MAX,
    )  # fmt: skip
    return [Line(**dict(row)) for row in rows]


def _like(text: str) -> str | None:
    if not text:
        return None
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


async def count_after(connection: Connection, charge_point_id: int, line_id: int) -> int:
    """Count a box's lines newer than one of them. The caller has checked who may see it."""
    return int(await connection.fetchval(
        "select count(*) from log_line where charge_point_id = $1 and id > $2", charge_point_id, line_id
    ))  # fmt: skip
