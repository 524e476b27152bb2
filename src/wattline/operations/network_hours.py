"""Charges, starts and energy of every team by the hour, so that the first page need not add up millions of rows."""

from datetime import datetime, timedelta

from wattline.database.connection import Database

HOUR = timedelta(hours=1)
# A week of days to compare with, and one more for whoever's day begins earlier than ours.
KEPT_BACK = timedelta(days=9)
MARK = "network hours"
# Starts are decided within minutes. Readings of charge points that were offline come in late: see LATE.
LOOK_BACK = timedelta(hours=2)
LATE = timedelta(hours=26)
# A first start works through its past in pieces, each one short transaction.
PIECE_MAX = timedelta(hours=6)


async def roll_up_hours(database: Database, *, now: datetime) -> bool:
    """Work out the newest hours again, and what is missing before them; True when more is left to do."""
    async with database.begin() as tx:
        await tx.execute(
            "insert into rollup_mark (name, done_until) values ($1, $2) on conflict do nothing", MARK, now - KEPT_BACK
        )
        done_until: datetime = await tx.fetchval("select done_until from rollup_mark where name = $1 for update", MARK)
        until = min(now, done_until + PIECE_MAX)
        await tx.execute(ROLL_UP, hour_of(done_until - LOOK_BACK), until)
        await tx.execute("update rollup_mark set done_until = $2 where name = $1", MARK, until)
    return until < now


async def roll_up_late(database: Database, *, now: datetime) -> None:
    """Work out the last day once more, for readings and starts that charge points told late."""
    async with database.begin() as tx:
        await tx.execute(ROLL_UP, hour_of(now - LATE), now)


def hour_of(at: datetime) -> datetime:
    """Return the hour a moment belongs to."""
    return at.replace(minute=0, second=0, microsecond=0)


# A start worked when energy flowed; charges still starting do not count yet. Energy is when it flowed, out of the steps
# of power_rollup.py. One operator after the other: that is how both tables are indexed.
ROLL_UP = """
insert into network_hour (operator_id, hour_at, team_id, charges, starts, starts_ok, energy_wh)
select o.id, h.hour_at, h.team_id, sum(h.charges), sum(h.starts), sum(h.starts_ok), sum(h.energy_wh)
from operator o cross join lateral (
  select date_trunc('hour', c.created_at, 'UTC') as hour_at, c.team_id,
    count(*) filter (where c.started_at is not null) as charges,
    count(*) filter (where c.energy_wh > 0 or c.failed_at is not null) as starts,
    count(*) filter (where c.energy_wh > 0 and c.failed_at is null) as starts_ok, 0::bigint as energy_wh
  from charge c where c.operator_id = o.id and c.created_at >= $1 and c.created_at < $2 group by 1, 2
  union all
  select date_trunc('hour', p.step_at, 'UTC'), b.team_id, 0, 0, 0, sum(p.energy_wh)::bigint
  from power_step p join charge_point b on b.id = p.charge_point_id
  where p.operator_id = o.id and p.step_at >= $1 and p.step_at < $2 group by 1, 2
) h
group by o.id, h.hour_at, h.team_id
on conflict (operator_id, hour_at, team_id) do update set charges = excluded.charges, starts = excluded.starts,
  starts_ok = excluded.starts_ok, energy_wh = excluded.energy_wh
"""
