"""From facts to entries: each subscriber gets one row per fact it may hear, exactly once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain.webhook import ENTRIES_KEPT, Subscription
from wattline.settings import Webhooks

SUBSCRIBER = "webhooks"
FACTS_PER_STEP_MAX = 1_000


async def take_facts(database: Database, *, now: datetime) -> int:
    """Turn the next facts of the outbox into entries; return how many facts were read."""
    async with database.begin() as tx:
        facts = await outbox.read_new(tx, SUBSCRIBER, limit=FACTS_PER_STEP_MAX)
        if not facts:
            return 0
        heard = [(reader, fact) for reader in await subscriptions(tx) for fact in facts if reader.hears(fact)]
        if heard:
            await _add_entries(tx, heard, now=now)
        await outbox.advance(tx, SUBSCRIBER, facts[-1])
        return len(facts)


async def subscriptions(tx: Transaction) -> list[Subscription]:
    """Load every subscriber whose key is still valid, with the operators it may hear of: its own and those below."""
    rows = await tx.fetch(SUBSCRIPTIONS)
    return [
        Subscription(
            api_key_id=row["api_key_id"],
            operator_id=row["operator_id"],
            operator_ids=frozenset([row["operator_id"], *(row["chosen_operators"] or row["operators_below"])]),
            team_ids=_narrower(row["key_teams"] or None, row["wanted_teams"] or None),
            event_types=frozenset(row["event_types"]),
        )
        for row in rows
    ]


async def forget_old_entries(database: Database, *, rules: Webhooks, now: datetime) -> None:
    """Give up entries that nobody could take for a day, and delete what was listed long enough."""
    async with database.begin() as tx:
        await tx.execute(GIVE_UP_ENTRIES, now - timedelta(hours=rules.retry_hours_max), now)
        await tx.execute(END_ORPHANED_BATCHES, now)
        await tx.execute("delete from webhook_entry where created_at < $1 and status <> 'pending'", now - ENTRIES_KEPT)
        await tx.execute("delete from webhook_batch where created_at < $1 and ended_at is not null", now - ENTRIES_KEPT)


async def _add_entries(tx: Transaction, heard: Sequence[tuple[Subscription, outbox.FactRow]], *, now: datetime) -> None:
    await tx.execute(
        ADD_ENTRIES,
        [reader.api_key_id for reader, _ in heard],
        [reader.operator_id for reader, _ in heard],
        [fact.id for _, fact in heard],
        now,
    )


def _narrower(limit: list[int] | None, wish: list[int] | None) -> frozenset[int] | None:
    if limit is None or wish is None:
        chosen = limit if wish is None else wish
        return None if chosen is None else frozenset(chosen)
    return frozenset(limit) & frozenset(wish)


SUBSCRIPTIONS = """
select w.api_key_id, w.operator_id, w.event_types, w.team_ids as wanted_teams,
       k.team_ids as key_teams, k.operator_ids as chosen_operators,
       array(select o.id from operator o where o.parent_operator_id = w.operator_id) as operators_below
from webhook_config w join api_key k on k.id = w.api_key_id
where k.revoked_at is null
"""

ADD_ENTRIES = """
insert into webhook_entry (
  api_key_id, operator_id, fact_id, event_type, entity_type, entity_id, change, event_at, created_at
)
select heard.api_key_id, heard.operator_id, f.id, f.event_type, f.entity_type, f.entity_id, f.change, f.at, $4
from unnest($1::bigint[], $2::bigint[], $3::bigint[]) with ordinality as heard (api_key_id, operator_id, fact_id, place)
join fact f on f.id = heard.fact_id
order by heard.place
on conflict (api_key_id, fact_id) do nothing
"""

GIVE_UP_ENTRIES = """
update webhook_entry set status = 'failed', updated_at = $2, error_code = coalesce(error_code, 'NOT_SENT'),
  error_message = coalesce(error_message, 'Earlier deliveries to this address failed for a day.')
where status = 'pending' and batch_id is null and coalesce(replayed_at, created_at) < $1
"""

END_ORPHANED_BATCHES = """
with ended as (
  update webhook_batch b set ended_at = $1, entries = null, next_attempt_at = null
  where b.ended_at is null and not exists (select 1 from webhook_config w where w.api_key_id = b.api_key_id)
  returning b.id
)
update webhook_entry e set status = 'failed', updated_at = $1, error_code = 'NO_SUBSCRIPTION',
  error_message = 'The webhook was removed before this could be delivered.'
from ended where e.batch_id = ended.id
"""
