"""What the Portal's first page is made of: problems, hours, connectors by state, sites."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.naming import name_of_box

# More than this nobody reads at once; the list of charge points has them all.
PROBLEMS_SHOWN = 100
SITES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class OpenProblem:
    """Something that is wrong with a box at this moment."""

    charge_point_id: int
    kind: str
    since: datetime
    name: str
    site_id: int | None
    site: str | None
    connectors: int
    tries: int
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of everything the viewer sees."""

    at: datetime
    charges: int
    starts: int
    starts_ok: int
    energy_wh: int


@dataclass(frozen=True, slots=True)
class SiteNow:
    """A site at this moment: its connectors by state, its power, and the most it can give."""

    id: int | None
    name: str
    power_w: int
    states: Mapping[str, int]
    connectors: int


async def open_problems(connection: Connection, viewer: Viewer) -> list[OpenProblem]:
    """List what is wrong now, the oldest first; `tries` are restarts by themselves in this trouble."""
    rows = await connection.fetch(PROBLEMS, viewer.operator_ids, viewer.team_ids, PROBLEMS_SHOWN)
    return [
        OpenProblem(
            **{name: row[name] for name in ("charge_point_id", "kind", "since", "site_id", "site", "tries", "detail")},
            name=name_of_box(row["names"]),
            connectors=len(row["names"]),
        )
        for row in rows
    ]


async def count_problems(connection: Connection, viewer: Viewer) -> int:
    """Count what is wrong now."""
    count: int = await connection.fetchval(
        """
        select count(*) from problem where closed_at is null and better_at is null and operator_id = any($1)
          and ($2::bigint[] is null or team_id = any($2))
        """,
        viewer.operator_ids, viewer.team_ids,
    )  # fmt: skip
    return count


async def hours_of(connection: Connection, viewer: Viewer, *, start: datetime, end: datetime) -> list[Hour]:
    """Sum the hours that begin from start up to but not including end."""
    rows = await connection.fetch(
        """
        select hour_at as at, sum(charges)::bigint as charges, sum(starts)::bigint as starts,
          sum(starts_ok)::bigint as starts_ok, sum(energy_wh)::bigint as energy_wh
        from network_hour where operator_id = any($1) and hour_at >= $3 and hour_at < $4
          and ($2::bigint[] is null or team_id = any($2))
        group by hour_at order by hour_at
        """,
        viewer.operator_ids, viewer.team_ids, start, end,
    )  # fmt: skip
    return [Hour(**dict(row)) for row in rows]


async def sites_now(connection: Connection, viewer: Viewer) -> list[SiteNow]:
    """Sum every site's connectors by state, the site with the most power first. Without a site counts as one more."""
    rows = await connection.fetch(SITES, viewer.operator_ids, viewer.team_ids)
    found: dict[int | None, dict[str, Any]] = {}
    for row in rows:
        site = found.setdefault(row["site_id"], {"name": row["site"] or "", "power_w": 0, "states": {}})
        site["power_w"] += row["power_w"]
        site["states"][row["state"]] = row["count"]
    sites = [SiteNow(id=key, connectors=sum(site["states"].values()), **site) for key, site in found.items()]
    return sorted(sites, key=lambda site: (-site.power_w, -site.connectors, site.name))


def by_state(sites: Sequence[SiteNow]) -> dict[str, int]:
    """Count connectors by state over all sites."""
    counts: dict[str, int] = {}
    for site in sites:
        for state, count in site.states.items():
            counts[state] = counts.get(state, 0) + count
    return counts


async def failures_of(
    connection: Connection, viewer: Viewer, *, start: datetime, end: datetime
) -> list[tuple[str, int]]:
    """Count failed starts by their code, the most frequent first."""
    rows = await connection.fetch(
        """
        select coalesce(failure_code, '') as code, count(*) as count from charge
        where operator_id = any($1) and created_at >= $3 and created_at < $4 and failed_at is not null
          and ($2::bigint[] is null or team_id = any($2))
        group by 1 order by 2 desc, 1 limit 5
        """,
        viewer.operator_ids, viewer.team_ids, start, end,
    )  # fmt: skip
    return [(row["code"], row["count"]) for row in rows]


PROBLEMS = """
select p.charge_point_id, p.kind, p.since, p.detail, s.id as site_id, s.name as site,
  array(select c.name from connector c where c.charge_point_id = p.charge_point_id and c.deleted_at is null
    order by c.number) as names,
  (select count(*) from self_heal_attempt a where a.charge_point_id = p.charge_point_id and a.at >= p.since) as tries
from (
  select * from problem where closed_at is null and better_at is null and operator_id = any($1)
    and ($2::bigint[] is null or team_id = any($2))
  order by since, id limit $3) p
left join connector k on k.id = p.connector_id left join site s on s.id = k.site_id
order by p.since, p.id
"""

SITES = """
select k.site_id, min(s.name) as site, l.state, count(*) as count,
  coalesce(sum(l.power_w) filter (where l.state = 'busy-charging'), 0)::bigint as power_w
from connector k join connector_live l on l.connector_id = k.id left join site s on s.id = k.site_id
where k.operator_id = any($1) and k.deleted_at is null and ($2::bigint[] is null or k.team_id = any($2))
group by k.site_id, l.state
"""
