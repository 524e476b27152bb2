"""The raw timeline of connectors, exclusions, starts and energy: what uptime and statistics are worked out from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.domain.uptime import Change, Span

REPORTS_SHOWN = 20
ATTEMPTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Starts:
    """Charges of some connectors in a period: how many were tried, how many gave energy, and how much."""

    tried: int
    worked: int
    energy_wh: int


async def timelines(
    connection: Connection, connector_ids: Sequence[int], *, start: datetime, end: datetime
) -> dict[int, list[Change]]:
    """Load the states of connectors in a period, with the one each was in when it began."""
    found: dict[int, list[Change]] = {connector_id: [] for connector_id in connector_ids}
    for row in await connection.fetch(TIMELINES, list(connector_ids), start, end):
        found[row["connector_id"]].append(Change(row["at"], row["state"], row["ocpp_status"], row["error_code"]))
    return found


async def exclusions_of(connection: Connection, charge_point_ids: Sequence[int]) -> dict[int, list[Span]]:
    """Load the times that somebody noted as not to be counted, per box."""
    rows = await connection.fetch(
        "select charge_point_id, from_at, until_at from outage_exclusion where charge_point_id = any($1)",
        list(charge_point_ids),
    )
    found: dict[int, list[Span]] = {}
    for row in rows:
        found.setdefault(row["charge_point_id"], []).append(Span(row["from_at"], row["until_at"]))
    return found


async def starts_of(connection: Connection, connector_ids: Sequence[int], *, start: datetime, end: datetime) -> Starts:
    """Count the starts of a period; a start worked when energy flowed."""
    row = await connection.fetchrow(STARTS, list(connector_ids), start, end)
    assert row is not None
    return Starts(row["tried"], row["worked"], row["energy_wh"])


async def noted_exclusions(connection: Connection, charge_point_id: int) -> list[Record]:
    """List a box's exclusions, the newest first. The caller has checked who may see it."""
    return list(await connection.fetch(
        "select * from outage_exclusion where charge_point_id = $1 order by from_at desc limit 50", charge_point_id
    ))  # fmt: skip


async def attempts_of(connection: Connection, charge_point_id: int) -> list[Record]:
    """List the restarts that were tried without anybody asking. The caller has checked who may see it."""
    return list(await connection.fetch(
        """select a.at, a.because, c.outcome from self_heal_attempt a left join command c on c.id = a.command_id
           where a.charge_point_id = $1 order by a.at desc limit $2""",
        charge_point_id, ATTEMPTS_SHOWN,
    ))  # fmt: skip


async def reports_of(connection: Connection, charge_point_id: int) -> list[Record]:
    """List what drivers said of a box, what is open first. The caller has checked who may see it."""
    return list(await connection.fetch(
        """select r.*, k.number from driver_report r join connector k on k.id = r.connector_id
           where k.charge_point_id = $1 and r.deleted_at is null
           order by r.state = 'resolved', r.id desc limit $2""",
        charge_point_id, REPORTS_SHOWN,
    ))  # fmt: skip


async def connectors_of_site(connection: Connection, viewer: Viewer, site_id: int) -> list[Record]:
    """List a site's connectors. Raises Unknown for a site of somebody else."""
    site = await connection.fetchrow(
        "select operator_id, team_id from site where id = $1 and deleted_at is null", site_id
    )
    if site is None or not viewer.sees(site["operator_id"], site["team_id"]):
        raise Unknown("site", site_id)
    return list(await connection.fetch(
        """select id, site_id, charge_point_id from connector where site_id = $1 and deleted_at is null
             and operator_id = any($2) and ($3::bigint[] is null or team_id = any($3)) order by id""",
        site_id, viewer.operator_ids, viewer.team_ids,
    ))  # fmt: skip


async def connector_seen(connection: Connection, viewer: Viewer, connector_id: int) -> Record:
    """Load one connector. Raises Unknown for one of somebody else."""
    row = await connection.fetchrow(
        "select id, operator_id, team_id, site_id, charge_point_id from connector where id = $1 and deleted_at is null",
        connector_id,
    )
    if row is None or not viewer.sees(row["operator_id"], row["team_id"]):
        raise Unknown("charge point", connector_id)
    return row


TIMELINES = """
select asked.id as connector_id, s.at, s.state, s.ocpp_status, s.error_code
from unnest($1::bigint[]) as asked (id) cross join lateral (
  (select at, state, ocpp_status, error_code from connector_state where connector_id = asked.id and at <= $2
   order by at desc limit 1)
  union all
  (select at, state, ocpp_status, error_code from connector_state
   where connector_id = asked.id and at > $2 and at < $3)
) s order by asked.id, s.at
"""

STARTS = """
select count(*) filter (where energy_wh > 0 or failed_at is not null) as tried,
  count(*) filter (where energy_wh > 0 and failed_at is null) as worked,
  coalesce(sum(energy_wh), 0)::bigint as energy_wh
from charge where connector_id = any($1) and created_at >= $2 and created_at < $3
"""
