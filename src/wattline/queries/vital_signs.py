"""How the whole is: what is connected, what runs, and what waits longer than it should."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.database.connection import Database

# A gateway beats every 5 s; this much silence means that it is gone or stuck.
SILENT_AFTER = timedelta(seconds=17)


@dataclass(frozen=True, slots=True, kw_only=True)
class VitalSigns:
    """Figures of this moment. Waiting rows and their age in seconds tell whether the worker keeps up."""

    charge_points: int
    charge_points_connected: int
    charges_running: int
    gateways_alive: int
    facts_waiting: int
    webhook_entries_waiting: int
    webhook_wait_seconds: float
    webhook_batches_failing: int
    webhook_receivers_failing: int
    timers_overdue: int
    timer_delay_seconds: float
    commands_open: int


@dataclass(frozen=True, slots=True)
class GatewayWork:
    """What one gateway holds and has done: open sockets, and OCPP calls by direction and action."""

    id: str
    connected: int
    calls: dict[str, dict[str, int]]


async def gateway_work(database: Database, *, now: datetime) -> list[GatewayWork]:
    """Ask every living gateway's row; the counts are a beat old at most."""
    async with database.read() as connection:
        rows = await connection.fetch(
            """select id, calls, (select count(*) from lease where gateway_id = gateway.id) as connected
               from gateway where seen_at > $1 order by started_at""",
            now - SILENT_AFTER,
        )
    return [GatewayWork(**row) for row in rows]


async def vital_signs(database: Database, *, now: datetime) -> VitalSigns:
    """Take every figure at once."""
    async with database.read() as connection:
        row = await connection.fetchrow(SIGNS, now, now - SILENT_AFTER)
    assert row is not None
    return VitalSigns(**row)


SIGNS = """
select
  (select count(*) from charge_point where deleted_at is null) as charge_points,
  (select count(*) from lease) as charge_points_connected,
  (select count(*) from charge where completed_at is null) as charges_running,
  (select count(*) from gateway where seen_at > $2) as gateways_alive,
  (select count(*) from fact where (txid, id) > (
    (select coalesce(max(txid), '0') from fact_cursor where subscriber = 'webhooks'),
    (select coalesce(max(fact_id), 0) from fact_cursor where subscriber = 'webhooks'))) as facts_waiting,
  (select count(*) from webhook_entry where status = 'pending') as webhook_entries_waiting,
  (select coalesce(extract(epoch from $1 - min(created_at)), 0)::float8
   from webhook_entry where status = 'pending') as webhook_wait_seconds,
  (select count(*) from webhook_batch where ended_at is null and attempts > 1) as webhook_batches_failing,
  (select count(distinct api_key_id) from webhook_batch where ended_at is null and attempts > 1)
    as webhook_receivers_failing,
  (select count(*) from timer where due_at < $1) as timers_overdue,
  (select greatest(coalesce(extract(epoch from $1 - min(due_at)), 0), 0)::float8 from timer where due_at < $1)
    as timer_delay_seconds,
  (select count(*) from command where outcome is null) as commands_open
"""
