"""What providers tell us by themselves: kept once each, and taken as a bell.

An event says where to look, and we look. What it carries may be old, come twice or in the wrong order: no harm done.
"""

from datetime import datetime

from wattline.database.connection import Database, Transaction
from wattline.domain.payment_provider import ProviderEvent
from wattline.operations.payment_rows import CALLS

KEEP = """
insert into payment_event (provider, event_id, type, payment_id, provider_ref, at, received_at)
values ($1, $2, $3, $4, $5, $6, $7) on conflict (provider, event_id) do nothing returning id
"""
# The key finds a payment whose reference was lost with the answer that brought it.
FIND = """
select id from payment where provider = $1 and (provider_ref = $2 or (key = $3 and provider_ref is null))
order by provider_ref nulls last limit 1
"""
LOOK_NOW = """
update payment set look_at = $2, provider_ref = coalesce(provider_ref, $3) where id = $1
"""


async def take_event(database: Database, provider: str, event: ProviderEvent, *, now: datetime) -> bool:
    """Keep an event whose signature was good, and have its payment looked at. False: we had it already."""
    async with database.begin() as tx:
        payment_id = await _payment_of(tx, provider, event)
        new = await tx.fetchval(
            KEEP, provider, event.id, event.type, payment_id, event.provider_ref, event.at, now
        )  # fmt: skip
        if new is None:
            return False
        if payment_id is not None:
            await tx.execute(LOOK_NOW, payment_id, now, event.provider_ref)
            await tx.execute("select pg_notify($1, '')", CALLS)
        return True


async def _payment_of(tx: Transaction, provider: str, event: ProviderEvent) -> int | None:
    found: int | None = await tx.fetchval(FIND, provider, event.provider_ref, event.payment_key)
    return found


async def forget_events(database: Database, *, before: datetime) -> None:
    """Delete events whose repeats can no longer come: providers try for some days."""
    async with database.begin() as tx:
        await tx.execute("delete from payment_event where received_at < $1", before)
