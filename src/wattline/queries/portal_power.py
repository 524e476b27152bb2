"""Power over the last day: of a network from ten-minute steps, of one box or charge from its readings."""

from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection
from wattline.domain.access import Viewer


@dataclass(frozen=True, slots=True)
class PowerPoint:
    """Mean power of a stretch of time, in watts."""

    at: datetime
    power_w: int


async def network_power(
    connection: Connection, viewer: Viewer, *, start: datetime, until: datetime
) -> list[PowerPoint]:
    """Sum the steps of everything the viewer sees."""
    rows = await connection.fetch(
        """
        select step_at as at, sum(power_w)::bigint as power_w from power_step p
        where operator_id = any($1) and step_at >= $3 and step_at < $4 and ($2::bigint[] is null or exists (
          select from charge_point b where b.id = p.charge_point_id and b.team_id = any($2)))
        group by step_at order by step_at
        """,
        viewer.operator_ids, viewer.team_ids, start, until,
    )  # fmt: skip
    return [PowerPoint(**dict(row)) for row in rows]


async def network_power_now(connection: Connection, viewer: Viewer) -> int:
    """Sum what flows at this moment, in watts."""
    return int(await connection.fetchval(
        """
        select coalesce(sum(l.power_w), 0)::bigint from connector_live l join connector k on k.id = l.connector_id
        where l.operator_id = any($1) and l.state = 'busy-charging' and ($2::bigint[] is null or k.team_id = any($2))
        """,
        viewer.operator_ids, viewer.team_ids,
    ))  # fmt: skip


async def box_power(
    connection: Connection, charge_point_id: int, *, start: datetime, until: datetime
) -> list[PowerPoint]:
    """Average a box's readings over ten minutes, its connectors added up. The caller has checked who may see it."""
    rows = await connection.fetch(
        """
        select at, sum(power_w)::bigint as power_w from (
          select connector_number, date_bin('10 minutes', measured_at, timestamptz '2020-01-01 00:00+00') as at,
            avg(power_w)::int as power_w
          from reading where charge_point_id = $1 and measured_at >= $2 and measured_at < $3 and power_w is not null
          group by 1, 2
        ) s group by at order by at
        """,
        charge_point_id, start, until,
    )  # fmt: skip
    return [PowerPoint(**dict(row)) for row in rows]


# More points than pixels help nobody: a long charge is averaged down to about this many.
CURVE_POINTS = 360


async def charge_power(connection: Connection, charge_id: int) -> list[PowerPoint]:
    """Draw a charge's power curve from its readings. The caller has checked who may see it."""
    rows = await connection.fetch(
        """
        with r as (
          select measured_at, power_w from reading where charge_id = $1 and power_w is not null
        ), span as (
          select min(measured_at) as first,
            greatest(max(measured_at) - min(measured_at), interval '1 second') as length
          from r
        )
        select min(measured_at) as at, avg(power_w)::int as power_w from r, span
        group by floor(extract(epoch from measured_at - first) / extract(epoch from length) * $2) order by 1
        """,
        charge_id, CURVE_POINTS,
    )  # fmt: skip
    return [PowerPoint(**dict(row)) for row in rows]
