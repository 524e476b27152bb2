"""Who called and was not let in, for the owner who waits for a new charge point; and what else is odd about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection
from wattline.domain.near_miss import near_miss, slip_between
from wattline.domain.verification import Refused, Stranger

# Callers are compared letter by letter: enough for any evening of installing, and bounded for a night of scanning.
CALLERS_MAX = 300
# Somebody who tries thousands of names must not make each look slow.
CALLS_MAX = 10_000
# Other charge points that are waited for just now; more at once is a load test.
WAITED_FOR_MAX = 5_000


async def refused_calls(connection: Connection, identity_key: str, *, since: datetime) -> list[Refused]:
    """Sum up by reason the calls under this identity that were refused."""
    rows = await connection.fetch(REFUSED, identity_key, since)
    return [Refused(**dict(row)) for row in rows]


REFUSED = """
select reason, count(*) as count, max(at) as last_at, (array_agg(address order by at desc))[1] as address,
  (array_agg(detail order by at desc))[1] as detail
from refused_handshake where identity_key = $1 and at >= $2 and reason <> 'unknown' group by reason
"""


async def near_callers(
    connection: Connection, identity: str, *, charge_point_id: int, since: datetime
) -> list[Stranger]:
    """List callers whose name nobody has and that is nearly this one, the newest first.

    A caller that is as near to a charge point somebody else waits for is left out: it is none of this owner's business.
    """
    rows = await connection.fetch(UNKNOWN_CALLERS, since, CALLERS_MAX, CALLS_MAX)
    near = [row for row in rows if slip_between(identity, row["identity"]) is not None]
    if not near:
        return []
    others = [row["identity"] for row in await connection.fetch(WAITED_FOR, charge_point_id, WAITED_FOR_MAX)]
    found = [(near_miss(identity, row["identity"], others=others), row) for row in near]
    return [
        Stranger(near=miss, count=row["count"], last_at=row["last_at"], address=row["address"])
        for miss, row in found
        if miss is not None
    ]


UNKNOWN_CALLERS = """
select (array_agg(r.identity order by r.at desc))[1] as identity, count(*) as count, max(r.at) as last_at,
  (array_agg(r.address order by r.at desc))[1] as address
from (select * from refused_handshake where at >= $1 order by at desc limit $3) r
where r.reason = 'unknown' and r.identity_key <> ''
  and not exists (select from charge_point b where b.identity_key = r.identity_key and b.deleted_at is null)
group by r.identity_key order by max(r.at) desc limit $2
"""

WAITED_FOR = """
select identity from charge_point where connected_at is null and deleted_at is null and id <> $1
order by created_at desc limit $2
"""


@dataclass(frozen=True, slots=True)
class Oddities:
    """Two addresses that take turns under one identity, and connectors it reports that were not set up."""

    rivals: tuple[str, ...]
    extra_sockets: tuple[int, ...]


async def oddities(connection: Connection, charge_point_id: int, *, since: datetime) -> Oddities:
    """Look through a box's log for what an owner should know before relying on it. Who may see it was checked."""
    came = await connection.fetchval(LAST_CONNECT, charge_point_id, since)
    rivals: Sequence[str] = (came["replaces"], came["address"]) if came and came.get("alarm") == "two-sockets" else ()
    extra = await connection.fetch(EXTRA_SOCKETS, charge_point_id, since)
    return Oddities(tuple(rivals), tuple(row["connector_number"] for row in extra))


LAST_CONNECT = """
select detail from log_line where charge_point_id = $1 and kind = 'Connect' and at >= $2
order by at desc, id desc limit 1
"""

EXTRA_SOCKETS = """
select distinct g.connector_number from log_line g
where g.charge_point_id = $1 and g.at >= $2 and g.connector_number > 0 and not exists (
  select from connector k where k.charge_point_id = $1 and k.number = g.connector_number and k.deleted_at is null)
order by g.connector_number
"""
