"""What follows when a payment moved: it is written down, told to who waits for it, and old calls become moot."""

import asyncio
from dataclasses import replace
from datetime import datetime

from wattline.database import outbox
from wattline.database.bus import Subscription
from wattline.database.connection import Transaction
from wattline.domain.facts import PaymentMoved
from wattline.domain.payment import FINAL, Payment
from wattline.domain.payment_patience import look_again_at
from wattline.operations.payment_rows import save

# Who waits for a payment listens here for its id.
MOVED = "payments_moved"

MOOT = """
update payment_call set settled_at = $2, outcome = 'moot' where payment_id = $1 and settled_at is null
"""


async def settle(tx: Transaction, before: Payment, after: Payment, *, now: datetime) -> Payment:
    """Save a payment after a step, with everything that follows from it; return it as saved."""
    if after.state in FINAL:
        await tx.execute(MOOT, after.id, now)
    if after.state is before.state:
        saved = replace(after, updated_at=now)
        await save(tx, saved)
        return saved
    ended_at = now if after.state in FINAL else None
    saved = replace(after, updated_at=now, ended_at=ended_at, look_at=look_again_at(after, now=now))
    await save(tx, saved)
    await tx.execute("select pg_notify($1, $2)", MOVED, str(saved.id))
    await outbox.add(tx, [_fact(before, saved)], now=now)
    return saved


def _fact(before: Payment, after: Payment) -> PaymentMoved:
    return PaymentMoved(
        entity_id=after.id,
        operator_ids=(after.operator_id,),
        team_ids=() if after.team_id is None else (after.team_id,),
        detail={"from": before.state, "to": after.state, "charge": after.charge_id},
    )


async def next_word(texts: Subscription, payment_id: int, *, seconds_max: float) -> None:
    """Wait until the bus speaks of this payment, or may have; or until it is time to look anyway."""
    try:
        async with asyncio.timeout(seconds_max):
            async for text in texts:
                if text in ("", str(payment_id)):
                    return
    except TimeoutError:
        return
