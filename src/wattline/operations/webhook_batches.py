"""A batch's life: fixed at its first try, tried until it arrives or a day has passed, then listed for a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.database.connection import Database
from wattline.domain.webhook import OPEN_BATCHES_MAX, next_attempt_at
from wattline.settings import Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEntry:
    """An entry that no batch has yet."""

    id: int
    fact_id: int
    entity_type: str
    entity_id: str
    change: str
    event_at: datetime
    detail: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch to send now: `entries` is the finished JSON array, `id` the webhook-id, both the same at every try."""

    id: str
    api_key_id: int
    entries: bytes
    pending: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a subscriber wants its batches."""

    api_key_id: int
    operator_id: int
    url: str
    secret_sealed: bytes
    custom_headers: dict[str, str]


async def subscribers_with_work(database: Database, *, now: datetime) -> list[Target]:
    """List the subscribers that have a batch due or entries to put in a new one."""
    async with database.read() as connection:
        rows = await connection.fetch(WITH_WORK, now, OPEN_BATCHES_MAX)
    return [
        Target(
            api_key_id=row["api_key_id"],
            operator_id=row["operator_id"],
            url=row["url"],
            secret_sealed=row["secret_sealed"],
            custom_headers=row["custom_headers"] or {},
        )
        for row in rows
    ]


async def take_due_batch(database: Database, api_key_id: int, *, rules: Webhooks, now: datetime) -> Batch | None:
    """Claim the oldest batch whose time has come. The next try is set before this one: a crash costs one wait."""
    async with database.begin() as tx:
        row = await tx.fetchrow(TAKE_DUE, api_key_id, now, now + timedelta(seconds=rules.retry_seconds))
    return None if row is None else Batch(**row)


async def open_entries(database: Database, api_key_id: int, *, rules: Webhooks) -> list[OpenEntry]:
    """List the oldest entries for a new batch; none when too many batches of this subscriber wait already."""
    async with database.read() as connection:
        rows = await connection.fetch(OPEN_ENTRIES, api_key_id, OPEN_BATCHES_MAX, rules.batch_max)
    return [OpenEntry(**row) for row in rows]


async def fix_batch(
    database: Database,
    api_key_id: int,
    entries: Sequence[tuple[int, object]],
    body: bytes,
    *,
    webhook_id: str,
    rules: Webhooks,
    now: datetime,
) -> Batch | None:
    """Store a batch with the bytes of its entries before it is first sent; None when somebody else took an entry.

    `entries` are entry ids with their payloads, in the order in which `body`, the JSON array, has them.
    """
    async with database.begin() as tx:
        ids = [entry_id for entry_id, _ in entries]
        locked = await tx.fetch(LOCK_OPEN, ids)
        if len(locked) != len(ids):
            return None
        await tx.execute(PUT_IN_BATCH, ids, [payload for _, payload in entries], webhook_id, now)
        again = now + timedelta(seconds=rules.retry_seconds)
        row = await tx.fetchrow(ADD_BATCH, webhook_id, api_key_id, len(ids), body, now, again)
        assert row is not None
    return Batch(**row)


async def note_delivered(database: Database, batch: Batch, *, now: datetime) -> None:
    """Close a batch that its receiver took."""
    async with database.begin() as tx:
        await tx.execute(END_BATCH, batch.id, now)
        await tx.execute(END_ENTRIES, batch.id, "completed", None, None, now)


async def note_failed(
    database: Database, batch: Batch, *, code: str, message: str, rules: Webhooks, now: datetime
) -> None:
    """Keep why a try failed; after a day without success the batch is given up."""
    again = next_attempt_at(
        first_attempt_at=batch.created_at,
        now=now,
        retry_every=timedelta(seconds=rules.retry_seconds),
        give_up_after=timedelta(hours=rules.retry_hours_max),
    )
    async with database.begin() as tx:
        if again is None:
            await tx.execute(END_BATCH, batch.id, now)
        else:
            await tx.execute("update webhook_batch set next_attempt_at = $2 where id = $1", batch.id, again)
        status = "failed" if again is None else "pending"
        await tx.execute(END_ENTRIES, batch.id, status, code, message, now)


WITH_WORK = """
select w.api_key_id, w.operator_id, w.url, w.secret_sealed, w.custom_headers
from webhook_config w join api_key k on k.id = w.api_key_id
where k.revoked_at is null and (
  exists (
    select 1 from webhook_batch b where b.api_key_id = w.api_key_id and b.ended_at is null and b.next_attempt_at <= $1
  ) or (
    exists (
      select 1 from webhook_entry e where e.api_key_id = w.api_key_id and e.batch_id is null and e.status = 'pending'
    ) and (select count(*) from webhook_batch b where b.api_key_id = w.api_key_id and b.ended_at is null) < $2
  )
)
"""

TAKE_DUE = """
update webhook_batch set attempts = attempts + 1, next_attempt_at = $3
where id = (
  select id from webhook_batch where api_key_id = $1 and ended_at is null and next_attempt_at <= $2
  order by next_attempt_at, id limit 1 for update skip locked
)
returning id, api_key_id, entries, pending, coalesce(replayed_at, created_at) as created_at
"""

OPEN_ENTRIES = """
select e.id, e.fact_id, e.entity_type, e.entity_id, e.change, e.event_at, f.detail
from webhook_entry e left join fact f on f.id = e.fact_id
where e.api_key_id = $1 and e.batch_id is null and e.status = 'pending'
  and (select count(*) from webhook_batch b where b.api_key_id = $1 and b.ended_at is null) < $2
order by e.id limit $3
"""

LOCK_OPEN = """
select id from webhook_entry where id = any($1::bigint[]) and batch_id is null and status = 'pending'
order by id for update
"""

PUT_IN_BATCH = """
update webhook_entry e set batch_id = $3, payload = given.payload, updated_at = $4
from unnest($1::bigint[], $2::json[]) as given (id, payload) where e.id = given.id
"""

ADD_BATCH = """
insert into webhook_batch (id, api_key_id, entry_count, entries, attempts, created_at, next_attempt_at, pending)
values ($1, $2, $3, $4, 1, $5, $6, (
  select count(*) from webhook_entry where api_key_id = $2 and batch_id is null and status = 'pending'
))
returning id, api_key_id, entries, pending, created_at
"""

# The bytes stay as long as the entries are listed, for somebody who has them sent again.
END_BATCH = "update webhook_batch set ended_at = $2, next_attempt_at = null where id = $1"

END_ENTRIES = """
update webhook_entry set status = $2, error_code = $3, error_message = $4, updated_at = $5 where batch_id = $1
"""
