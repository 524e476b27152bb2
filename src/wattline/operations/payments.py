"""What people and charges ask of payments: hold an amount, take it, let go of it, give it back.

Each is rows only: the payment moves to its waiting state and the call to the provider is a row of its own, carried out
after the commit by the worker (payments/cashier.py). Its outcome is a verb too, see payment_outcomes.py. The functions
that take `tx` are sub-steps for whoever does more in the same transaction.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from wattline.database.bus import Bus
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.payment import (
    Payment,
    State,
    ask_cancel,
    ask_capture,
    ask_refund,
    checked_amount,
)
from wattline.domain.refusals import AlreadyTaken, Invalid, Unknown
from wattline.operations import audit, payment_effects
from wattline.operations.payment_rows import COLUMNS, add_call, load, lock, payment_of

# Who waits for a payment to move looks this often, in case the word on the bus was missed.
LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """What to pay, and how. `key` is a UUID of the caller's: asking twice with it is asking once.

    `method` is the `provider`'s token for a way to pay; a saved card brings both. `purpose` is charge, refill or
    invoice.
    """

    key: str
    operator_id: int
    amount_minor: int
    currency: str
    method: str = ""
    provider: str = ""
    purpose: str = "charge"
    team_id: int | None = None
    user_id: int | None = None
    charge_id: int | None = None
    saved_card_id: int | None = None


ADD = """
insert into payment (key, operator_id, team_id, user_id, charge_id, purpose, provider, method, saved_card_id, currency,
  amount_minor, state, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'asked', $12, $12)
on conflict (key) do nothing returning *
"""


async def ask_for_hold(database: Database, new: NewPayment, *, asked_by: Viewer, now: datetime) -> Payment:
    """Ask a provider to hold an amount; the payment then waits for the answer.

    Raises Invalid, AlreadyTaken for a key that was used for something else, and Unknown for a card that is not ready.
    """
    async with database.begin() as tx:
        payment = await add_hold(tx, new, now=now)
        await audit.note(tx, asked_by, "hold", "payment", payment.id, now=now, detail=_amount(payment))
        return payment


async def add_hold(tx: Transaction, new: NewPayment, *, now: datetime) -> Payment:
    """Sub-step of `ask_for_hold`, for whoever does more in the same transaction."""
    await _must_make_sense(tx, new)
    new = await _with_saved_card(tx, new)
    row = await tx.fetchrow(
        ADD, new.key, new.operator_id, new.team_id, new.user_id, new.charge_id, new.purpose, new.provider, new.method,
        new.saved_card_id, new.currency, new.amount_minor, now,
    )  # fmt: skip
    if row is None:
        return await _asked_before(tx, new)
    payment = payment_of(row)
    await add_call(tx, payment, "hold", payment.amount_minor, now=now)
    return payment


async def capture(
    database: Database, payment_id: int, amount_minor: int, *, asked_by: Viewer, now: datetime
) -> Payment:
    """Take a part of what is held, or all; 0 lets go of it. Raises Unknown, Invalid and IllegalMove."""
    async with database.begin() as tx:
        payment = await _seen(tx, payment_id, asked_by)
        after = await add_capture(tx, payment_id, amount_minor, now=now)
        detail = _amount(payment) | {"amount": amount_minor}
        await audit.note(tx, asked_by, "capture", "payment", payment_id, now=now, detail=detail)
        return after


async def add_capture(tx: Transaction, payment_id: int, amount_minor: int, *, now: datetime) -> Payment:
    """Sub-step of `capture`. The same amount asked again is not asked twice."""
    if amount_minor == 0:
        return await add_cancel(tx, payment_id, now=now)
    before = await lock(tx, payment_id)
    if before.capture_minor == amount_minor and before.state is not State.HELD:
        return before
    after = ask_capture(before, amount_minor)
    await add_call(tx, after, "capture", amount_minor, now=now)
    return await payment_effects.settle(tx, before, after, now=now)


async def cancel(database: Database, payment_id: int, *, asked_by: Viewer, now: datetime) -> Payment:
    """Let go of what is held, or is about to be. Raises Unknown and IllegalMove."""
    async with database.begin() as tx:
        payment = await _seen(tx, payment_id, asked_by)
        await audit.note(tx, asked_by, "cancel", "payment", payment_id, now=now, detail=_amount(payment))
        return await add_cancel(tx, payment_id, now=now)


async def add_cancel(tx: Transaction, payment_id: int, *, now: datetime) -> Payment:
    """Sub-step of `cancel`. Letting go of what is gone already changes nothing."""
    before = await lock(tx, payment_id)
    if before.state in (State.CANCELLING, State.CANCELLED, State.REFUSED):
        return before
    after = ask_cancel(before)
    await add_call(tx, after, "cancel", before.amount_minor, now=now)
    return await payment_effects.settle(tx, before, after, now=now)


async def refund(database: Database, payment_id: int, amount_minor: int, *, asked_by: Viewer, now: datetime) -> Payment:
    """Give back a part of what was taken, or all. Raises Unknown, Invalid, IllegalMove and RefundTooLarge."""
    async with database.begin() as tx:
        payment = await _seen(tx, payment_id, asked_by)
        after = await add_refund(tx, payment_id, amount_minor, now=now)
        detail = _amount(payment) | {"amount": amount_minor}
        await audit.note(tx, asked_by, "refund", "payment", payment_id, now=now, detail=detail)
        return after


async def add_refund(tx: Transaction, payment_id: int, amount_minor: int, *, now: datetime) -> Payment:
    """Sub-step of `refund`. Two refunds of the same amount are two refunds: whoever repeats must know that."""
    before = await lock(tx, payment_id)
    after = ask_refund(before, amount_minor)
    await add_call(tx, after, "refund", amount_minor, now=now)
    return await payment_effects.settle(tx, before, after, now=now)


async def await_answer(database: Database, bus: Bus, payment_id: int, *, wait_seconds: float) -> Payment:
    """Wait until a payment no longer waits for its provider, at most `wait_seconds`; return it as it is then."""
    waiting = {State.ASKED, State.CAPTURING, State.CANCELLING, State.REFUNDING}
    async with bus.subscribe(payment_effects.MOVED) as texts:
        try:
            async with asyncio.timeout(wait_seconds):
                while (payment := await _look(database, payment_id)).state in waiting:
                    await payment_effects.next_word(texts, payment_id, seconds_max=LOOK_EVERY_SECONDS)
                return payment
        except TimeoutError:
            return await _look(database, payment_id)


async def _look(database: Database, payment_id: int) -> Payment:
    async with database.read() as connection:
        return await load(connection, payment_id)


async def _seen(tx: Transaction, payment_id: int, viewer: Viewer) -> Payment:
    payment = await lock(tx, payment_id)
    in_view = payment.operator_id in viewer.operator_ids
    if not in_view or (viewer.team_ids is not None and payment.team_id not in viewer.team_ids):
        raise Unknown("payment", payment_id)
    return payment


async def _must_make_sense(tx: Transaction, new: NewPayment) -> None:
    checked_amount(new.amount_minor)
    if await tx.fetchval("select 1 from currency where lower(identifier) = $1", new.currency) is None:
        raise Invalid("currency", f"'{new.currency[:20]}' is no currency that we know.")


async def _with_saved_card(tx: Transaction, new: NewPayment) -> NewPayment:
    if new.saved_card_id is None:
        return new
    card = await tx.fetchrow(
        "select provider, provider_ref from saved_card where id = $1 and operator_id = $2 and state = 'ready'",
        new.saved_card_id, new.operator_id,
    )  # fmt: skip
    if card is None:
        raise Unknown("card", new.saved_card_id)
    return replace(new, provider=card["provider"], method=card["provider_ref"])


async def _asked_before(tx: Transaction, new: NewPayment) -> Payment:
    row = await tx.fetchrow("select * from payment where key = $1", new.key)
    assert row is not None
    payment = payment_of(row)
    asked = [getattr(new, name) for name in COLUMNS if hasattr(new, name)]
    if asked != [getattr(payment, name) for name in COLUMNS if hasattr(new, name)]:
        raise AlreadyTaken("Another payment was asked for with this key. Use a new key for a new payment.")
    return payment


def _amount(payment: Payment) -> dict[str, object]:
    return {"amount": payment.amount_minor, "currency": payment.currency, "charge": payment.charge_id}
