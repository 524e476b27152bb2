"""Meter readings of charges, thinned out to what curves of energy over time need."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from wattline.database.connection import Connection
from wattline.domain.consumption import Point

# The finest step partners can ask for; one register value in each is enough.
STEP = timedelta(minutes=5)
# Clocks of charge points are off by hours sometimes; readings further away than this are not looked for.
CLOCK_OFF_MAX = timedelta(days=1)

LAST_OF_EACH_STEP = """
select distinct on (charge_id, date_bin($4, measured_at, 'epoch')) charge_id, measured_at, energy_wh
from reading
where charge_id = any($1) and measured_at >= $2 and measured_at < $3 and energy_wh is not null
order by charge_id, date_bin($4, measured_at, 'epoch'), measured_at desc
"""


async def register_values(
    connection: Connection, charge_ids: Sequence[int], *, since: datetime, until: datetime
) -> Mapping[int, list[Point]]:
    """Return each charge's register values in order of time, at most one per five minutes."""
    rows = await connection.fetch(LAST_OF_EACH_STEP, charge_ids, since - CLOCK_OFF_MAX, until + CLOCK_OFF_MAX, STEP)
    values: dict[int, list[Point]] = {charge_id: [] for charge_id in charge_ids}
    for row in rows:
        values[row["charge_id"]].append(Point(row["measured_at"], row["energy_wh"]))
    return values
