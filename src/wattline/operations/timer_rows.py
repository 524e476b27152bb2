"""Timers are rows: what must happen to something at some time, unless it is cleared before."""

from datetime import datetime

from wattline.database.connection import Transaction


async def set_timer(tx: Transaction, kind: str, entity_id: int, due_at: datetime) -> None:
    """Let something become due; a timer of the same kind for the same thing is moved."""
    await tx.execute(SET, kind, entity_id, due_at)


SET = """
insert into timer (kind, entity_id, due_at) values ($1, $2, $3)
on conflict (kind, entity_id) do update set due_at = excluded.due_at
"""
