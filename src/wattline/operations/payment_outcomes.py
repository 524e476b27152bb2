"""Calls to payment providers, taken one by one and settled with what came back.

    waiting ──claim──▶ sent ──answer──▶ done | refused
       ▲                 └── no answer: the same call waits again, with the same key
       └─────────────────┘

The calls of one payment are carried out in their order, so a cancel waits until it is known whether there is a hold.
"""

from dataclasses import replace
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.payment import Payment, State, Step, ask_cancel, learn, moved, refuse_refund
from wattline.domain.payment_patience import ACTION_PATIENCE, TRY_LASTS, key_is_spent, look_again_at, next_try_at
from wattline.domain.payment_provider import Answer, Outcome, Standing
from wattline.operations import payment_effects
from wattline.operations.payment_rows import Call, add_call, lock, payment_of

CLAIM = """
update payment_call set tries = tries + 1, first_sent_at = coalesce(first_sent_at, $1), sent_at = $1, next_try_at = $2
where id = (
    select due.id from payment_call due
    where due.settled_at is null and due.next_try_at <= $1 and not exists (
        select from payment_call earlier
        where earlier.payment_id = due.payment_id and earlier.settled_at is null and earlier.id < due.id)
    order by due.next_try_at, due.id limit 1 for update skip locked)
returning *
"""
DUE_LOOKS = """
update payment set look_at = $2 where id in (
    select id from payment where look_at <= $1 order by look_at limit $3 for update skip locked)
returning *
"""
TRY_AGAIN = "update payment_call set next_try_at = $2, code = $3, text = $4 where id = $1 and settled_at is null"
SETTLE = """
update payment_call set settled_at = $2, outcome = $3, code = $4, text = $5 where id = $1 and settled_at is null
returning payment_id
"""
# Long enough after the last try that the old key can do nothing any more; see `key_is_spent`.
RENEW = """
update payment_call set key = key || '+', first_sent_at = null, next_try_at = $2 where id = $1 and settled_at is null
"""


async def claim(database: Database, *, now: datetime) -> Call | None:
    """Take the call that has waited longest. Once this commits, it counts as sent, whether it was or not."""
    async with database.begin() as tx:
        row = await tx.fetchrow(CLAIM, now, now + TRY_LASTS)
        if row is None:
            return None
        paid = await tx.fetchrow(
            "select payment.*, saved_card.customer from payment left join saved_card "
            "on saved_card.id = payment.saved_card_id where payment.id = $1",
            row["payment_id"],
        )
    assert paid is not None
    return _call(row, paid)


def _call(row: Record, paid: Record) -> Call:
    return Call(
        id=row["id"],
        deed=row["deed"],
        amount_minor=row["amount_minor"],
        key=row["key"],
        tries=row["tries"],
        first_sent_at=row["first_sent_at"],
        payment=payment_of(paid),
        customer=paid["customer"],
    )


async def note_outcome(database: Database, call: Call, answer: Answer, *, now: datetime) -> None:
    """Take in what a provider answered. An answer to a call that is settled already only adds what it tells."""
    async with database.begin() as tx:
        before = await lock(tx, call.payment.id)
        after = before if answer.standing is None else learn(before, answer.standing)
        if answer.standing is not None and reached(call, answer.standing):
            word = "refused" if answer.standing.state == "refused" else "done"
            await tx.fetchval(SETTLE, call.id, now, word, answer.code, answer.text)
        elif answer.outcome is Outcome.UNKNOWN:
            await tx.execute(TRY_AGAIN, call.id, next_try_at(call.tries, now=now), answer.code, answer.text)
        elif answer.outcome is Outcome.REFUSED:
            after = await _refused(tx, call, after, answer, now)
        else:
            await tx.execute(TRY_AGAIN, call.id, next_try_at(call.tries, now=now), "not-yet", answer.text)
        await _let_go(tx, before, await payment_effects.settle(tx, before, after, now=now), now)


async def renew(database: Database, call: Call, *, now: datetime) -> None:
    """Ask again under a new key what provably was not done under the old one, which the provider has forgotten."""
    assert key_is_spent(call.first_sent_at, now=now)
    async with database.begin() as tx:
        await tx.execute(RENEW, call.id, now)


async def due_looks(database: Database, *, limit: int, now: datetime) -> list[Payment]:
    """Take payments at which it is time to look."""
    async with database.begin() as tx:
        return [payment_of(row) for row in await tx.fetch(DUE_LOOKS, now, now + TRY_LASTS, limit)]


async def note_standing(database: Database, payment_id: int, answer: Answer, *, now: datetime) -> None:
    """Take in what a look at the provider showed."""
    async with database.begin() as tx:
        before = await lock(tx, payment_id)
        after = before
        if answer.standing is not None:
            after = learn(before, answer.standing)
        elif answer.outcome is Outcome.REFUSED and _can_get_lost(before):
            after = replace(moved(before, Step.LOST), trouble=answer.text or "The provider does not know it any more.")
        after = replace(after, look_at=look_again_at(after, now=now))
        await _let_go(tx, before, await payment_effects.settle(tx, before, after, now=now), now)


async def give_up_waiting(database: Database, *, now: datetime) -> None:
    """Let go of payments whose person never did what the bank asked for."""
    async with database.begin() as tx:
        rows = await tx.fetch(
            "select * from payment where state = 'needs-action' and created_at <= $1 for update skip locked",
            now - ACTION_PATIENCE,
        )
        for before in map(payment_of, rows):
            after = ask_cancel(before)
            await add_call(tx, after, "cancel", after.amount_minor, now=now)
            await payment_effects.settle(tx, before, after, now=now)


def reached(call: Call, said: Standing) -> bool:
    """Tell whether what a call wanted has come about, however it did; a hold needs nothing but an answer."""
    match call.deed:
        case "hold":
            return said.state != "processing"
        case "capture":
            return said.state == "captured"
        case "cancel":
            return said.state in ("cancelled", "refused")
        case _:
            return call.key in said.refund_keys


async def _refused(tx: Transaction, call: Call, payment: Payment, answer: Answer, now: datetime) -> Payment:
    """Settle a call that the provider will not carry out, and take the payment back to where it was."""
    if await tx.fetchval(SETTLE, call.id, now, "refused", answer.code, answer.text) is None:
        return payment
    why = f"{call.deed} was refused: {answer.text or answer.code}"
    match call.deed, payment.state:
        case "hold", State.ASKED | State.CANCELLING:
            after = moved(replace(payment, failure_code=answer.code, failure_text=answer.text), Step.REFUSED)
        case "capture", State.CAPTURING:
            after = replace(moved(payment, Step.CAPTURE_REFUSED), capture_minor=0, trouble=why)
        case "cancel", State.CANCELLING:
            after = replace(moved(payment, Step.CANCEL_REFUSED), trouble=why)
        case "refund", State.REFUNDING:
            after = replace(refuse_refund(payment, call.amount_minor), trouble=why)
        case _:
            after = payment
    return after


async def _let_go(tx: Transaction, before: Payment, after: Payment, now: datetime) -> None:
    # A hold that came about after we had been told that it was refused is nobody's: it goes back at once.
    if before.state is State.REFUSED and after.state is State.CANCELLING:
        await add_call(tx, after, "cancel", after.amount_minor, now=now)


def _can_get_lost(payment: Payment) -> bool:
    return payment.state in (State.ASKED, State.NEEDS_ACTION, State.HELD)
