"""What webhooks of alert groups are still to hear: claimed, tried, tried again, given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.database.connection import Database
from wattline.domain.webhook import next_attempt_at
from wattline.settings import Webhooks

CLAIMED_FOR = timedelta(minutes=2)
AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCall:
    """A body on its way to a group's webhook."""

    id: int
    webhook_id: str
    body: bytes
    created_at: datetime
    url: str
    secret_sealed: bytes


async def claim_calls(database: Database, *, now: datetime) -> list[AlertCall]:
    """Take calls that are due; nobody else takes them for two minutes."""
    async with database.begin() as tx:
        rows = await tx.fetch(CLAIM, now, now + CLAIMED_FOR, AT_ONCE)
    return [AlertCall(**dict(row)) for row in rows]


async def note_arrived(database: Database, call_id: int, *, now: datetime) -> None:
    """The receiver has it."""
    async with database.begin() as tx:
        await tx.execute(
            """update alert_call set due_at = null, ended_at = $2, failure = null, attempts = attempts + 1
               where id = $1""",
            call_id, now,
        )  # fmt: skip


async def note_failed(database: Database, call: AlertCall, *, failure: str, rules: Webhooks, now: datetime) -> None:
    """Remember why it did not arrive, and when it is tried again, if at all."""
    later = next_attempt_at(
        first_attempt_at=call.created_at,
        now=now,
        retry_every=timedelta(seconds=rules.retry_seconds),
        give_up_after=timedelta(hours=rules.retry_hours_max),
    )
    async with database.begin() as tx:
        await tx.execute(
            """update alert_call set due_at = $2, ended_at = case when $2::timestamptz is null then $3::timestamptz end,
                 failure = $4, attempts = attempts + 1 where id = $1""",
            call.id, later, now, failure[:500],
        )  # fmt: skip


CLAIM = """
update alert_call c set due_at = $2 from alert_group g
where g.id = c.alert_group_id and g.deleted_at is null and g.webhook_url is not null and c.id in (
  select id from alert_call where due_at <= $1 order by due_at, id limit $3 for update skip locked)
returning c.id, c.webhook_id, c.body, c.created_at, g.webhook_url as url, g.webhook_secret_sealed as secret_sealed
"""
