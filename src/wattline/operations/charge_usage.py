"""What a charge used, for pricing it: when, and how much energy in each five minutes."""

from datetime import datetime, timedelta
from itertools import pairwise

from wattline.database.connection import Connection
from wattline.domain.charge_record import Charge
from wattline.domain.consumption import Point, energy_curve
from wattline.domain.meter import power_limit_w
from wattline.domain.usage import Segment, Usage

# Prices change at quarters of an hour; one register value in five minutes shares energy out well enough.
STEP = timedelta(minutes=5)


async def usage_of(connection: Connection, charge: Charge, *, as_of: datetime) -> Usage:
    """Read what a charge that began has used by now. Its segments add up to the charge's energy."""
    assert charge.started_at is not None
    return Usage(
        started_at=charge.started_at,
        stopped_at=charge.stopped_at,
        fully_charged_at=charge.fully_charged_at,
        released_at=charge.released_at or (charge.completed_at and charge.stopped_at),
        segments=tuple(await _segments(connection, charge)),
        as_of=as_of,
    )


async def _segments(connection: Connection, charge: Charge) -> list[Segment]:
    assert charge.started_at is not None
    ended_at = charge.stopped_at or charge.reading_at or charge.started_at
    rows = await connection.fetch(REGISTER, charge.id, STEP, charge.connector_id)
    curve = energy_curve(
        Point(charge.started_at, charge.meter_start_wh or 0),
        [Point(row["measured_at"], row["energy_wh"]) for row in rows if row["measured_at"] is not None],
        Point(ended_at, charge.energy_wh),
        power_limit=power_limit_w(current_kind=rows[0]["current_kind"], max_power_w=rows[0]["max_power_w"]),
    )
    return [
        Segment(before.at, after.at, after.wh - before.wh) for before, after in pairwise(curve) if after.wh > before.wh
    ]


# A charge without readings has one row, of what its connector may give.
REGISTER = """
select k.current_kind, k.max_power_w, register.measured_at, register.energy_wh
from connector k
left join (
  select distinct on (date_bin($2, measured_at, 'epoch')) measured_at, energy_wh
  from reading where charge_id = $1 and energy_wh is not null
  order by date_bin($2, measured_at, 'epoch'), measured_at desc
) register on true
where k.id = $3
order by register.measured_at
"""
