"""Deleting what nobody needs any more. What piles up fast lies in partitions and is dropped instead."""

from datetime import datetime, timedelta

from wattline.database.connection import Database

# Readers that fell behind, and people who look for a lost webhook, find facts for at least this long.
FACTS_KEPT = timedelta(days=3)
REFUSED_HANDSHAKES_KEPT = timedelta(days=7)
# Whoever changes identities all the time fills no more than this from one address, and from many.
REFUSED_PER_ADDRESS_MAX = 1_000
REFUSED_MAX = 100_000
RATE_WINDOWS_KEPT = timedelta(days=1)
POWER_STEPS_KEPT = timedelta(days=400)
FACTS_PER_STEP_MAX = 10_000


async def forget_expired(database: Database, *, now: datetime) -> None:
    """Delete expired tokens, sessions and tickets, finished rate windows, and old refused handshakes."""
    async with database.begin() as tx:
        await tx.execute("delete from api_token where expires_at < $1", now)
        await tx.execute("delete from web_session where expires_at < $1", now)
        await tx.execute("delete from ticket where expires_at < $1", now)
        await tx.execute("delete from rate_window where started_at < $1", now - RATE_WINDOWS_KEPT)
        await tx.execute("delete from refused_handshake where at < $1", now - REFUSED_HANDSHAKES_KEPT)
        await tx.execute(FORGET_REFUSED, REFUSED_PER_ADDRESS_MAX, REFUSED_MAX)
        await tx.execute("delete from power_step where step_at < $1", now - POWER_STEPS_KEPT)


async def forget_old_facts(database: Database, *, now: datetime) -> int:
    """Delete facts that are old and that every subscriber has passed; return how many."""
    async with database.begin() as tx:
        status = await tx.execute(FORGET_FACTS, now - FACTS_KEPT, FACTS_PER_STEP_MAX)
    return int(status.split()[-1])


FORGET_REFUSED = """
with by_address as (
  select id, at, row_number() over (partition by address order by at desc, id desc) as place from refused_handshake),
kept as (
  select id, row_number() over (order by at desc, id desc) as place from by_address where place <= $1)
delete from refused_handshake where id not in (select id from kept where place <= $2)
"""

FORGET_FACTS = """
delete from fact where id in (
  select f.id from fact f where f.at < $1
    and not exists (select 1 from fact_cursor c where (c.txid, c.fact_id) < (f.txid, f.id))
  order by f.at limit $2
)
"""
