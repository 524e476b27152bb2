"""Who is connected: boxes come, go and are heard. Always many at once, since after an outage all come together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database import outbox
from wattline.database.commands import channel_of
from wattline.database.connection import Database, Transaction, wake
from wattline.domain.facts import ChargePointConnected, ChargePointDisconnected, Fact
from wattline.domain.log_lines import LogKind, LogLine
from wattline.operations import connector_states, logs


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBox:
    """What the gateway must know of a box to let it in and to understand it."""

    id: int
    operator_id: int
    team_id: int
    identity: str
    identity_key: str
    password_hmac: bytes | None
    vendor: str | None
    model: str | None
    firmware_version: str | None
    booted_at: datetime | None
    record_all_frames: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A box whose socket has just opened. `detail` goes into its log."""

    charge_point_id: int
    address: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to speak for a box. The one with the highest epoch counts."""

    charge_point_id: int
    epoch: int
    has_work: bool = False
    """Commands were waiting when it was granted."""


@dataclass(frozen=True, slots=True)
class BoxNow:
    """The newest lease of a box, and whether everything it says is recorded."""

    charge_point_id: int
    epoch: int
    record_all_frames: bool


NOW = """
select id, lease.epoch, record_all_frames from charge_point join lease on lease.charge_point_id = charge_point.id
where id = any($1)
"""

FIND = """
select id, operator_id, team_id, identity, identity_key, password_hmac, vendor, model, firmware_version, booted_at,
  record_all_frames
from charge_point where identity_key = any($1) and deleted_at is null
"""

# Boxes are locked before anything of theirs, in the order of their ids: many come and go at once, and two batches must
# not wait for each other. `held` sees the leases as they were before `taken` changes them: one statement reads one
# moment.
CONNECT = """
with box as (select id from charge_point where id = any($1) order by id for no key update),
newcomer as (
  select n.* from unnest($1::bigint[], $2::text[]) as n(charge_point_id, address) join box on box.id = n.charge_point_id
  order by n.charge_point_id),
held as (select charge_point_id, gateway_id, epoch from lease where charge_point_id = any($1)),
taken as (
  insert into lease (charge_point_id, gateway_id, epoch, connected_at)
  select charge_point_id, $3, nextval('lease_epoch'), $4 from newcomer
  on conflict (charge_point_id) do update
  set gateway_id = excluded.gateway_id, epoch = excluded.epoch, connected_at = excluded.connected_at
  returning charge_point_id, epoch),
marked as (
  update charge_point set connected = true, connected_at = $4, last_heard_at = $4, remote_address = newcomer.address
  from newcomer where id = newcomer.charge_point_id
  returning id, operator_id, team_id, identity)
select marked.*, taken.epoch, held.gateway_id as held_by, held.epoch as held_epoch,
  array(select connector.id from connector where charge_point_id = marked.id and deleted_at is null) as connector_ids,
  exists (select from command where charge_point_id = marked.id and outcome is null and sent_at is null) as has_work
from marked join taken on taken.charge_point_id = marked.id left join held on held.charge_point_id = marked.id
"""

DISCONNECT = """
with box as (select id from charge_point where id = any($1) order by id for no key update),
gone as (
  delete from lease using unnest($1::bigint[], $2::bigint[]) as ours(charge_point_id, epoch), box
  where lease.charge_point_id = ours.charge_point_id and lease.epoch = ours.epoch and box.id = ours.charge_point_id
  returning lease.charge_point_id)
update charge_point set connected = false, disconnected_at = $3 from gone where id = gone.charge_point_id
returning id, operator_id, team_id, identity,
  array(select id from connector k where k.charge_point_id = charge_point.id and k.deleted_at is null) as connector_ids
"""

# Whoever changes a box at this moment has heard of it too, or will say that it is gone: nobody is waited for.
HEARD = """
with box as (
  select id, heard.at from charge_point join unnest($1::bigint[], $2::timestamptz[]) as heard(charge_point_id, at)
    on id = heard.charge_point_id
  where last_heard_at is null or last_heard_at < heard.at
  order by id for no key update of charge_point skip locked)
update charge_point set last_heard_at = box.at from box where charge_point.id = box.id
"""


async def find_boxes(database: Database, identity_keys: Sequence[str]) -> dict[str, KnownBox]:
    """Look boxes up by their identity keys."""
    async with database.read() as connection:
        rows = await connection.fetch(FIND, identity_keys)
    return {row["identity_key"]: KnownBox(**row) for row in rows}


async def connect_charge_points(
    database: Database, gateway_id: str, newcomers: Sequence[Newcomer], *, now: datetime
) -> list[Lease]:
    """Give the gateway the leases of boxes that opened a socket with it, in the order given.

    An earlier holder loses its lease without an offline event: the box never was away. If that is another gateway, it
    is told to drop its socket.
    """
    by_id = {newcomer.charge_point_id: newcomer for newcomer in newcomers}
    assert len(by_id) == len(newcomers)
    async with database.begin() as tx:
        rows = await tx.fetch(CONNECT, list(by_id), [n.address for n in newcomers], gateway_id, now)
        for row in rows:
            if row["held_by"] not in (None, gateway_id):
                text = f"close {row['id']} {row['held_epoch']}"
                wake(tx, channel_of(row["held_by"]), text)
        lines = [_line(row, LogKind.CONNECT, by_id[row["id"]].detail, now) for row in rows]
        facts: list[Fact] = [ChargePointConnected(**_about(row)) for row in rows]
        facts += await logs.write(tx, lines)
        facts += await _refresh(tx, rows, now)
        await outbox.add(tx, facts, now=now)
    leases = {row["id"]: Lease(row["id"], row["epoch"], row["has_work"]) for row in rows}
    return [leases[newcomer.charge_point_id] for newcomer in newcomers]


async def disconnect_charge_points(database: Database, leases: Sequence[Lease], *, now: datetime) -> None:
    """Note that sockets are gone. A lease that another socket has taken since is left alone, and so is its box."""
    async with database.begin() as tx:
        await give_up_leases(tx, leases, now=now)


async def give_up_leases(
    tx: Transaction, leases: Sequence[Lease], *, detail: Mapping[str, object] | None = None, now: datetime
) -> None:
    """End leases inside a transaction; `detail` goes into the log lines."""
    rows = await tx.fetch(
        DISCONNECT, [lease.charge_point_id for lease in leases], [lease.epoch for lease in leases], now
    )
    lines = [_line(row, LogKind.DISCONNECT, detail or {}, now) for row in rows]
    facts: list[Fact] = [ChargePointDisconnected(**_about(row)) for row in rows]
    facts += await logs.write(tx, lines)
    facts += await _refresh(tx, rows, now)
    await outbox.add(tx, facts, now=now)


async def boxes_now(database: Database, charge_point_ids: Sequence[int]) -> list[BoxNow]:
    """Tell who holds these boxes now and what is recorded of them, for a gateway that may have missed a word."""
    async with database.read() as connection:
        return [BoxNow(*row) for row in await connection.fetch(NOW, charge_point_ids)]


async def note_heard(database: Database, heard: Mapping[int, datetime]) -> None:
    """Note when boxes were last heard; any frame counts, not only heartbeats."""
    boxes = sorted(heard)
    async with database.begin() as tx:
        await tx.execute(HEARD, boxes, [heard[box] for box in boxes])


async def _refresh(tx: Transaction, rows: Sequence[Record], now: datetime) -> list[Fact]:
    connector_ids = sorted(connector_id for row in rows for connector_id in row["connector_ids"])
    return await connector_states.refresh(tx, connector_ids, now=now) if connector_ids else []


def _line(row: Record, kind: LogKind, detail: Mapping[str, object], now: datetime) -> LogLine:
    return LogLine(operator_id=row["operator_id"], charge_point_id=row["id"], kind=kind, at=now, detail=detail)


def _about(row: Record) -> dict[str, Any]:
    return {
        "entity_id": row["id"],
        "operator_ids": (row["operator_id"],),
        "team_ids": (row["team_id"],),
        "charge_point_id": row["id"],
        "detail": {"identity": row["identity"]},
    }
