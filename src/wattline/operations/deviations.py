"""What charge points do otherwise than OCPP says, counted per charge point and kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Database


@dataclass(frozen=True, slots=True)
class Deviations:
    """One kind of deviation of one box, seen some times since the last count was stored."""

    charge_point_id: int
    code: str
    path: str
    sample: str
    seen: int
    first_at: datetime
    last_at: datetime


STORE = """
insert into deviation (charge_point_id, code, path, sample, seen, first_at, last_at)
select counted.* from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::int[], $6::timestamptz[],
  $7::timestamptz[]) as counted (charge_point_id, code, path, sample, seen, first_at, last_at)
where exists (select from charge_point where id = counted.charge_point_id)
order by 1, 2
on conflict (charge_point_id, code) do update set seen = deviation.seen + excluded.seen,
  path = excluded.path, sample = excluded.sample, last_at = greatest(deviation.last_at, excluded.last_at)
"""


async def note_deviations(database: Database, counted: Sequence[Deviations]) -> None:
    """Add counts to what is stored; the newest example replaces the older one. Each box and code at most once."""
    async with database.begin() as tx:
        await tx.execute(
            STORE,
            [each.charge_point_id for each in counted],
            [each.code for each in counted],
            [each.path for each in counted],
            [each.sample for each in counted],
            [each.seen for each in counted],
            [each.first_at for each in counted],
            [each.last_at for each in counted],
        )
