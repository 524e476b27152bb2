"""A charge point on its way in: what was said about it, and who has called."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown

# The newest attempts are enough to find somebody's typing mistake among.
ATTEMPTS_MAX = 300


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A connector that is being added, with the box it belongs to once it has an identity."""

    id: int
    name: str
    team_id: int
    team: str
    site: str | None
    model_id: int | None
    model: str | None
    visibility: str
    show_on_map: bool
    active_at: datetime | None
    created_at: datetime
    box_id: int | None
    identity: str | None
    box_created_at: datetime | None
    connected: bool
    connected_at: datetime | None
    disconnected_at: datetime | None
    booted_at: datetime | None
    vendor: str | None
    box_model: str | None
    firmware_version: str | None
    sockets: int
    sockets_told: int


async def newcomer(connection: Connection, viewer: Viewer, connector_id: int) -> Newcomer:
    """Load a charge point that is being added. Raises Unknown, also for somebody else's."""
    row = await connection.fetchrow(
        """
        select k.id, k.name, k.team_id, t.name as team, s.name as site, k.model_id,
          r.name || ' ' || m.name as model, k.visibility, k.show_on_map, k.active_at, k.created_at,
          b.id as box_id, b.identity, b.created_at as box_created_at, coalesce(b.connected, false) as connected,
          b.connected_at, b.disconnected_at, b.booted_at, b.vendor, b.model as box_model, b.firmware_version,
          (select count(*) from connector o where o.charge_point_id = b.id and o.deleted_at is null) as sockets,
          (select count(*) from connector o join connector_live l on l.connector_id = o.id
            where o.charge_point_id = b.id and o.deleted_at is null and l.ocpp_status is not null) as sockets_told
        from connector k join team t on t.id = k.team_id left join site s on s.id = k.site_id
        left join model m on m.id = k.model_id left join brand r on r.id = m.brand_id
        left join charge_point b on b.id = k.charge_point_id
        where k.id = $1 and k.deleted_at is null and k.operator_id = any($2)
          and ($3::bigint[] is null or k.team_id = any($3))
        """,
        connector_id, viewer.operator_ids, viewer.team_ids,
    )  # fmt: skip
    if row is None:
        raise Unknown("charge point", connector_id)
    return Newcomer(**dict(row))


async def connectors_of(connection: Connection, box_id: int) -> list[int]:
    """List the connectors of a box by number. The caller has checked who may see it."""
    rows = await connection.fetch(
        "select id from connector where charge_point_id = $1 and deleted_at is null order by number", box_id
    )
    return [row["id"] for row in rows]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody called and was not let in; `times` is how often since then."""

    at: datetime
    identity: str
    reason: str
    detail: str | None
    address: str
    times: int


async def refused_calls(connection: Connection, box_id: int, *, since: datetime) -> Attempt | None:
    """Return the newest refused call of this box itself. The caller has checked who may see it."""
    row = await connection.fetchrow(
        """
        select h.at, h.identity, h.reason, h.detail, h.address, count(*) over () as times
        from refused_handshake h join charge_point b on b.id = $1 and b.identity_key = h.identity_key
        where h.at >= $2 and h.reason <> 'unknown' order by h.at desc limit 1
        """,
        box_id, since,
    )  # fmt: skip
    return _attempt(row)


async def strangers(connection: Connection, *, since: datetime) -> list[Attempt]:
    """List the newest calls under identities that nobody owns, one per identity; the caller picks near-misses only."""
    rows = await connection.fetch(
        """
        with newest as (
          select * from refused_handshake where at >= $1 and reason = 'unknown' order by at desc limit $2
        )
        select distinct on (n.identity_key) n.at, n.identity, n.reason, n.detail, n.address,
          count(*) over (partition by n.identity_key) as times
        from newest n where not exists (
          select from charge_point b where b.identity_key = n.identity_key and b.deleted_at is null)
        order by n.identity_key, n.at desc
        """,
        since, ATTEMPTS_MAX,
    )  # fmt: skip
    return [attempt for row in rows if (attempt := _attempt(row))]


def _attempt(row: Any) -> Attempt | None:
    return Attempt(**dict(row)) if row else None


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model to choose, with its maker."""

    id: int
    brand: str
    name: str
    max_power_w: int


async def list_models(connection: Connection) -> list[ModelChoice]:
    """List the models we know, our own neutral ones first."""
    rows = await connection.fetch(
        """
        select m.id, r.name as brand, m.name, m.max_power_w from model m join brand r on r.id = m.brand_id
        order by m.brand_id <> 1, r.name, m.name
        """
    )
    return [ModelChoice(**dict(row)) for row in rows]
