"""Power of every connector in ten-minute steps, kept beside the readings so that pages need not add them up."""

from datetime import datetime, timedelta

from wattline.database.connection import Database

STEP = timedelta(minutes=10)
MARK = "power"
# A transaction that is still running may commit readings received before the mark; steps are worked out anew from
# all their readings, so looking back costs a little and changes nothing.
LOOK_BACK = timedelta(minutes=2)
# After a long pause the backlog is taken in pieces, each one short transaction.
PIECE_MAX = timedelta(hours=1)


async def roll_up_power(database: Database, *, now: datetime) -> bool:
    """Work out the steps that readings came in for since the last time; True when more is left to do."""
    async with database.begin() as tx:
        await tx.execute(
            "insert into rollup_mark (name, done_until) values ($1, $2) on conflict do nothing", MARK, now - PIECE_MAX
        )
        done_until: datetime = await tx.fetchval("select done_until from rollup_mark where name = $1 for update", MARK)
        until = min(now, done_until + PIECE_MAX)
        await tx.execute(ROLL_UP, done_until - LOOK_BACK, until, STEP)
        await tx.execute("update rollup_mark set done_until = $2 where name = $1", MARK, until)
    return until < now


# The register's rise within a step is counted from the last reading of the step before. A box that sends only its
# register has the average power that the rise means.
ROLL_UP = """
with touched as (
  select distinct charge_point_id, connector_number,
    date_bin($3, measured_at, timestamptz '2000-01-01T00:00:00Z') as step_at
  from reading where received_at >= $1 and received_at < $2
), summed as (
  select r.operator_id, t.charge_point_id, t.connector_number, t.step_at,
    avg(r.power_w) as power_w, min(r.energy_wh) as first_wh, max(r.energy_wh) as last_wh
  from touched t join reading r
    on r.charge_point_id = t.charge_point_id and r.connector_number = t.connector_number
    and r.measured_at >= t.step_at and r.measured_at < t.step_at + $3::interval
  group by r.operator_id, t.charge_point_id, t.connector_number, t.step_at
), risen as (
  select s.*, greatest(0, coalesce(s.last_wh - least(s.first_wh, (
    select max(b.energy_wh) from reading b
    where b.charge_point_id = s.charge_point_id and b.connector_number = s.connector_number
      and b.measured_at >= s.step_at - $3::interval and b.measured_at < s.step_at
  )), 0)) as energy_wh
  from summed s
)
insert into power_step (operator_id, step_at, charge_point_id, connector_number, power_w, energy_wh)
select operator_id, step_at, charge_point_id, connector_number,
  coalesce(round(power_w), energy_wh * 6)::int, energy_wh
from risen
on conflict (operator_id, step_at, charge_point_id, connector_number)
do update set power_w = excluded.power_w, energy_wh = excluded.energy_wh
"""
