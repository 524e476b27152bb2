"""Statistics of charge points and of sites."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.refusals import Invalid
from wattline.domain.uptime import Nevi, Span, nevi, stretches
from wattline.partner_api.bodies import Id
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries import health
from wattline.wire.partner.shapes import Shape
from wattline.wire.partner.statistics import (
    ChargePointStatistics,
    Measured,
    SiteStatistics,
    exempt_of,
    figures,
)

statistics = Group("Charge point statistics")

DAYS_MAX = 365


class ChargePointStatisticsQuery(Shape, kw_only=True):
    """Which charge point, and which days (UTC), both included; at most 365."""

    charge_point_id: Id
    from_date: date
    to_date: date


class SiteStatisticsQuery(Shape, kw_only=True):
    """Which site, and which days (UTC), both included; at most 365."""

    site_id: Id
    from_date: date
    to_date: date


@statistics.route(
    "GET", "/charge-point-statistics/by-charge-point", "get-charge-point-statistics", "charge-points:read"
)
async def get_charge_point_statistics(call: Call, query: ChargePointStatisticsQuery) -> ChargePointStatistics:
    """Tell how a charge point did: energy, starts that worked, states, uptime."""
    async with call.database.read() as connection:
        row = await health.connector_seen(connection, call.viewer, query.charge_point_id)
        measured = await _measured(connection, [row], query.from_date, query.to_date, call.now)
    return ChargePointStatistics(
        charge_point_id=row["id"],
        site_id=row["site_id"],
        exempt_state=exempt_of(measured.uptime),
        **figures(measured),
    )


@statistics.route("GET", "/charge-point-statistics/by-site", "get-site-statistics", "charge-points:read")
async def get_site_statistics(call: Call, query: SiteStatisticsQuery) -> SiteStatistics:
    """Tell how a site's charge points did together."""
    async with call.database.read() as connection:
        rows = await health.connectors_of_site(connection, call.viewer, query.site_id)
        measured = await _measured(connection, rows, query.from_date, query.to_date, call.now)
    return SiteStatistics(site_id=query.site_id, **figures(measured))


async def _measured(connection: Connection, rows: Sequence[Record], first: date, last: date, now: datetime) -> Measured:
    """Load what the figures are made of. Time to come is not measured. Raises Invalid."""
    if last < first:
        raise Invalid("toDate", "must not be before fromDate.")
    if (last - first).days >= DAYS_MAX:
        raise Invalid("toDate", f"must be less than {DAYS_MAX} days after fromDate.")
    start = datetime.combine(first, time(), UTC)
    end = datetime.combine(last, time(), UTC) + timedelta(days=1)
    ids = [row["id"] for row in rows]
    changes = await health.timelines(connection, ids, start=start, end=end)
    boxes = [row["charge_point_id"] for row in rows if row["charge_point_id"] is not None]
    excluded = await health.exclusions_of(connection, boxes)
    starts = await health.starts_of(connection, ids, start=start, end=end)
    timeline, uptime = [], Nevi(timedelta(0), timedelta(0), timedelta(0))
    for row in rows:
        own = stretches(changes[row["id"]], start=start, end=min(end, now))
        spans: list[Span] = excluded.get(row["charge_point_id"] or 0, [])
        uptime = _sum(uptime, nevi(own, spans))
        timeline += own
    return Measured(
        start=start, end=end, timeline=timeline, uptime=uptime, tried=starts.tried, worked=starts.worked,
        energy_wh=starts.energy_wh,
    )  # fmt: skip


def _sum(one: Nevi, two: Nevi) -> Nevi:
    return Nevi(one.total + two.total, one.outage + two.outage, one.excluded + two.excluded)
