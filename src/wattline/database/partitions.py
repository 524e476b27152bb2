"""Partitions of the tables that grow by time: made a few ahead, dropped whole when their time is over."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from wattline.database.connection import Transaction
from wattline.database.roles import as_owner
from wattline.settings import Retention

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Parent:
    """A partitioned table: how long a partition is and how many are made ahead of time."""

    table: str
    column: str
    monthly: bool
    ahead: int


PARENTS = (
    Parent("reading", "measured_at", monthly=True, ahead=2),
    Parent("log_line", "at", monthly=False, ahead=3),
    Parent("frame", "at", monthly=False, ahead=3),
)

# Another server doing the same at the same moment waits for us, then finds nothing left to do.
LOCK = 8400_8411

PARTITIONS = """
select child.relname as name, pg_total_relation_size(child.oid) as bytes
from pg_inherits join pg_class child on child.oid = inhrelid
where inhparent = $1::text::regclass and child.relname ~ '_[0-9]{6,8}$' order by child.relname
"""


async def make(tx: Transaction, *, now: datetime) -> list[str]:
    """Make the partitions of the present time and of some time ahead, where missing; return the new ones' names."""
    await as_owner(tx)
    await tx.execute("select pg_advisory_xact_lock($1)", LOCK)
    made = []
    for parent in PARENTS:
        start = _start_of(parent, now)
        for _ in range(parent.ahead + 1):
            end = _end_of(parent, start)
            if await _make_one(tx, parent, start, end):
                made.append(_name_of(parent, start))
            start = end
    return made


async def drop_old(tx: Transaction, *, now: datetime, retention: Retention) -> list[str]:
    """Drop what is older than the settings allow, and the oldest frames beyond their size; return the names."""
    await as_owner(tx)
    await tx.execute("select pg_advisory_xact_lock($1)", LOCK)
    dropped = await _drop_before(tx, "frame", now - timedelta(days=retention.frame_days))
    dropped += await _drop_before(tx, "log_line", now - timedelta(days=retention.log_days))
    return dropped + await _drop_beyond(tx, "frame", retention.frame_bytes_max)


async def _make_one(tx: Transaction, parent: Parent, start: datetime, end: datetime) -> bool:
    name = _name_of(parent, start)
    if await tx.fetchval("select to_regclass($1)", name) is not None:
        return False
    await tx.execute(f"create table {name} (like {parent.table} including all excluding identity)")
    # Rows that came before their partition lie in the default one, which refuses a neighbour that should have them.
    await tx.execute(
        f"with early as (delete from {parent.table}_other where {parent.column} >= $1 and {parent.column} < $2 "
        f"returning *) insert into {name} overriding system value select * from early",
        start,
        end,
    )
    await tx.execute(
        f"alter table {parent.table} attach partition {name} "
        f"for values from ('{start.isoformat()}') to ('{end.isoformat()}')"
    )
    return True


async def _drop_before(tx: Transaction, table: str, oldest: datetime) -> list[str]:
    """Drop partitions that end at or before `oldest`, and the strays of that age in the default partition."""
    parent = next(parent for parent in PARENTS if parent.table == table)
    limit = _name_of(parent, oldest)
    names = [row["name"] for row in await tx.fetch(PARTITIONS, table) if row["name"] < limit]
    for name in names:
        await tx.execute(f"drop table {name}")
    await tx.execute(f"delete from {table}_other where {parent.column} < $1", oldest)
    return names


async def _drop_beyond(tx: Transaction, table: str, bytes_max: int) -> list[str]:
    """Drop the oldest partitions while all together are too large; the newest with rows in it stays."""
    partitions = await tx.fetch(PARTITIONS, table)
    total = sum(row["bytes"] for row in partitions)
    dropped = []
    today_and_ahead = next(parent for parent in PARENTS if parent.table == table).ahead + 1
    for row in partitions[:-today_and_ahead]:
        if total <= bytes_max:
            break
        await tx.execute(f"drop table {row['name']}")
        log.warning("dropped frames before their time: too many bytes", partition=row["name"], bytes=total)
        total -= row["bytes"]
        dropped.append(row["name"])
    return dropped


def _start_of(parent: Parent, at: datetime) -> datetime:
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.replace(day=1) if parent.monthly else day


def _end_of(parent: Parent, start: datetime) -> datetime:
    return (start + timedelta(days=32)).replace(day=1) if parent.monthly else start + timedelta(days=1)


def _name_of(parent: Parent, start: datetime) -> str:
    return f"{parent.table}_{start.astimezone(UTC):{'%Y%m' if parent.monthly else '%Y%m%d'}}"
