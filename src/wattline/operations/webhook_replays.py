"""Sending again what a program was told, or should have been: the same bytes under the same webhook-id."""

from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.refusals import NotReady, Unknown
from wattline.operations import audit

NOWHERE = "The program has no webhook now, or its bytes are gone. It hears of what happens from now on."


async def replay_entry(database: Database, api_key_id: int, entry_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Send an entry again, with the others of its batch: a webhook-id stands for all of them, always the same bytes.

    Its day of tries begins anew. Raises Unknown, also for another operator's; NotReady when it cannot be sent.
    """
    async with database.begin() as tx:
        row = await tx.fetchrow(FIND, entry_id, api_key_id)
        if row is None or row["operator_id"] not in asked_by.operator_ids or asked_by.team_ids is not None:
            raise Unknown("webhook entry", entry_id)
        if not row["has_webhook"] or (row["batch_id"] is not None and not row["has_bytes"]):
            raise NotReady(NOWHERE)
        if row["batch_id"] is not None:
            await tx.execute(BATCH_AGAIN, row["batch_id"], now)
        await tx.execute(ENTRIES_AGAIN, entry_id, row["batch_id"], now)
        await audit.note(tx, asked_by, "send-again", "webhook-entry", entry_id, now=now)


FIND = """
select e.batch_id, k.operator_id, b.entries is not null as has_bytes,
  exists (select from webhook_config w where w.api_key_id = k.id) and k.revoked_at is null as has_webhook
from webhook_entry e join api_key k on k.id = e.api_key_id left join webhook_batch b on b.id = e.batch_id
where e.id = $1 and e.api_key_id = $2 for update of e
"""

BATCH_AGAIN = "update webhook_batch set ended_at = null, next_attempt_at = $2, replayed_at = $2 where id = $1"

ENTRIES_AGAIN = """
update webhook_entry set status = 'pending', replayed_at = $3, updated_at = $3
where id = $1 or ($2::text is not null and batch_id = $2)
"""
