"""Price history: who changed which price, when, from what to what."""

from datetime import datetime

from wattline.database.connection import Transaction
from wattline.domain.access import Viewer


async def note(
    tx: Transaction,
    asked_by: Viewer,
    deed: str,
    entity_type: str,
    entity_id: int,
    *,
    operator_id: int,
    was: object = None,
    became: object = None,
    now: datetime,
) -> None:
    """Write down a change. `was` and `became` are JSON-like, or None where there is nothing."""
    await tx.execute(NOTE, operator_id, entity_type, entity_id, now, asked_by.name, deed, was, became)


NOTE = """
insert into price_history (operator_id, entity_type, entity_id, at, who, deed, was, became)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
