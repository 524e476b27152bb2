"""What becomes of fillings: a card that paid fills the wallet, once; one that did not is told about.

Payments move by answers, events and looks, in any order and more than once. So nothing here follows an event: the
worker compares fillings that are open with how their payments stand, under a lock on both.
"""

from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.ledger_accounts import Owner
from wattline.domain.payment import TAKEN, Payment, State
from wattline.operations.deposits import Deposit, book_deposit
from wattline.operations.payment_rows import lock
from wattline.operations.payments import add_cancel, add_capture
from wattline.operations.refill_failures import tell_of_failure
from wattline.operations.wallets import wallet_by_id

AT_ONCE = 100
LOST = frozenset({State.REFUSED, State.CANCELLED})


async def follow_refills(database: Database, *, now: datetime) -> int:
    """Take every filling on whose payment has moved, each in a transaction of its own; return how many moved."""
    async with database.read() as connection:
        due = await connection.fetch(DUE, AT_ONCE)
    failures: list[Exception] = []
    for row in due:
        try:
            async with database.begin() as tx:
                await _follow(tx, row["payment_id"], now)
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("refills failed", failures)
    return len(due)


async def _follow(tx: Transaction, payment_id: int, now: datetime) -> None:
    payment = await lock(tx, payment_id)
    row = await tx.fetchrow("select * from refill where payment_id = $1 and state = 'asked' for update", payment_id)
    if row is None:
        return
    if payment.state is State.HELD:
        await _take(tx, payment, now)
    elif payment.state in TAKEN:
        await _fill(tx, row, payment, now)
    elif payment.state in LOST:
        await tx.execute(END, payment_id, "failed", now)
        await tx.execute(FAIL_MOVEMENT, row["movement_id"], payment.failure_text, now)
        await tell_of_failure(tx, row, payment.failure_text, now=now)


async def _take(tx: Transaction, payment: Payment, now: datetime) -> None:
    """Capture what is held; what cannot be captured is let go. Each is asked once: trouble after that is for people."""
    asked = {row["deed"] for row in await tx.fetch("select deed from payment_call where payment_id = $1", payment.id)}
    if "capture" not in asked:
        await add_capture(tx, payment.id, payment.amount_minor, now=now)
    elif "cancel" not in asked:
        await add_cancel(tx, payment.id, now=now)


async def _fill(tx: Transaction, row: Record, payment: Payment, now: datetime) -> None:
    wallet = await wallet_by_id(tx, row["wallet_id"])
    [key] = await tx.fetch("select transfer_id from wallet_transaction where id = $1 for update", row["movement_id"])
    paid = Deposit(
        id=key["transfer_id"],
        amount_minor=payment.captured_minor,
        currency=wallet.currency,
        source=Owner("provider", payment.provider),
    )
    await book_deposit(tx, wallet, paid, now=now)
    await tx.execute(END, payment.id, "done", now)
    await tx.execute(COMPLETE_MOVEMENT, row["movement_id"], payment.captured_minor, now)


DUE = """
select refill.payment_id from refill join payment on payment.id = refill.payment_id
where refill.state = 'asked' and (
  payment.state in ('captured', 'refunding', 'partly-refunded', 'refunded', 'refused', 'cancelled')
  or payment.state = 'held' and not exists (
    select from payment_call where payment_call.payment_id = payment.id and deed = 'cancel'))
order by refill.payment_id limit $1
"""

END = "update refill set state = $2, ended_at = $3 where payment_id = $1"

COMPLETE_MOVEMENT = """
update wallet_transaction set state = 'complete', from_amount_minor = $2, to_amount_minor = $2, updated_at = $3,
  completed_at = $3
where id = $1
"""

FAIL_MOVEMENT = "update wallet_transaction set state = 'failed', note = $2, updated_at = $3 where id = $1"
