"""Charges whose card has answered: they begin, are called off, stop, or owe what the card's bank did not pay.

Payments move by answers, events and looks, in any order and more than once. So nothing here follows an event: the
worker compares each payment with the state up to which its charge has followed it (`payment.followed`).
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from wattline.database import commands, outbox
from wattline.database.connection import Database, Transaction
from wattline.database.deadlock import despite_deadlocks
from wattline.domain import charge_steps as life
from wattline.domain import settlement
from wattline.domain.charge_events import Event, StartAsked, StartRefused, StopAsked
from wattline.domain.charge_record import Charge
from wattline.domain.facts import Fact
from wattline.domain.hold import HOLD_SECONDS
from wattline.domain.ledger_accounts import Owner
from wattline.domain.payment import TAKEN, Payment, State
from wattline.domain.spot import SpotPriceUnknown
from wattline.domain.values import ChargeState
from wattline.operations import card_payments, charge_payments, charge_store, payment_rows
from wattline.operations.card_payments import GONE, provider_account
from wattline.operations.charge_holds import hold_again, hold_on_card
from wattline.operations.charge_payments import ChargePayment
from wattline.operations.charge_settlements import price_of
from wattline.operations.ledger import book_or_refuse
from wattline.operations.ledger_accounts import accounts_of

AT_ONCE = 100
ASKED_BY = "card payment"
# Where a provider does not say until when it holds money, it is as long as our own books do.
HOLD_LASTS = timedelta(seconds=HOLD_SECONDS)
# A charge is asked to stop while its box may still be away for some hours; then what it cost is taken all the same.
STOP_BEFORE = timedelta(hours=12)
TAKE_BEFORE = timedelta(hours=1)

_Deed = Callable[[Transaction, Charge, ChargePayment, Payment, datetime], Awaitable[list[Fact]]]

CARD_REFUSED = "The card was refused{why}. Nothing was taken; try another card."
HOLD_LOST = "The card’s bank let go of the money before the charge began. Start again."
NO_CONTACT = "The charge point lost its connection while the card was asked. Nothing was taken from the card."


async def follow_card_payments(database: Database, *, now: datetime) -> int:
    """Take every charge on whose card has answered, each in a transaction of its own; return how many.

    Raises an ExceptionGroup when some failed; those stay, and delay no other.
    """
    async with database.read() as connection:
        due = [row["id"] for row in await connection.fetch(DUE, AT_ONCE)]
    return await _each(database, due, _follow, now)


async def secure_ending_holds(database: Database, *, now: datetime) -> int:
    """Stop charges whose card holds money for a few hours only; of those that go on, take what they cost so far."""
    async with database.read() as connection:
        due = [row["id"] for row in await connection.fetch(ENDING, now + STOP_BEFORE, AT_ONCE)]
    return await _each(database, due, _secure, now)


async def _each(database: Database, payment_ids: Sequence[int], deed: _Deed, now: datetime) -> int:
    failures: list[Exception] = []
    for payment_id in payment_ids:
        try:
            await despite_deadlocks(partial(_one, database, payment_id, deed, now))
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("charges paid by card failed", failures)
    return len(payment_ids)


async def _one(database: Database, payment_id: int, deed: _Deed, now: datetime) -> None:
    async with database.begin() as tx:
        charge_id = await tx.fetchval("select charge_id from payment where id = $1", payment_id)
        charge = await charge_store.lock(tx, charge_id)
        paid = await charge_payments.find(tx, charge_id, lock=True)
        payment = await payment_rows.lock(tx, payment_id)
        if paid is not None and paid.payment_id == payment_id:
            await outbox.add(tx, await deed(tx, charge, paid, payment, now), now=now)
        await tx.execute("update payment set followed = $2 where id = $1", payment_id, payment.state)


async def _follow(tx: Transaction, charge: Charge, paid: ChargePayment, payment: Payment, now: datetime) -> list[Fact]:
    if charge.state is ChargeState.PAYING:
        return await _answered(tx, charge, paid, payment, now)
    if paid.state == "held" and payment.state in GONE:
        return await _hold_lost(tx, charge, paid, now)
    if paid.state == "settled":
        await _after_the_sale(tx, paid, payment, now)
    elif paid.state == "voided":
        await card_payments.let_go(tx, payment.id, now=now)
    return []


async def _answered(
    tx: Transaction, charge: Charge, paid: ChargePayment, payment: Payment, now: datetime
) -> list[Fact]:
    event: Event
    if payment.state is State.HELD or payment.state in TAKEN:
        await hold_on_card(tx, charge, paid, payment.amount_minor, now=now)
        await tx.execute(SAY_UNTIL, payment.id, now + HOLD_LASTS)
        event = StartAsked(at=now)
        assert charge.charge_point_id is not None
        if not await commands.has_contact(tx, charge.charge_point_id):
            event = StartRefused(at=now, code="start-no-contact", reason=NO_CONTACT)
    elif payment.state is State.REFUSED:
        why = f": {payment.failure_text.rstrip('.')}" if payment.failure_text else ""
        event = StartRefused(at=now, code="card-refused", reason=CARD_REFUSED.format(why=why))
    elif payment.state in (State.CANCELLED, State.UNKNOWN):
        event = StartRefused(at=now, code="card-hold-lost", reason=HOLD_LOST)
    else:
        return []
    return await _step(tx, charge, event, now)


async def _hold_lost(tx: Transaction, charge: Charge, paid: ChargePayment, now: datetime) -> list[Fact]:
    """Nothing stands for the charge any more: it stops as soon as it can, and what it cost is owed."""
    releases = [settlement.release(charge.id, each.id) for each in paid.holds_at(now)]
    await book_or_refuse(tx, releases, now=now)
    await charge_payments.drop_holds(tx, charge.id)
    return await _stop(tx, charge, "card-hold-lost", now)


async def _after_the_sale(tx: Transaction, paid: ChargePayment, payment: Payment, now: datetime) -> None:
    due_minor = paid.gross_minor - paid.owed_minor
    if payment.state in GONE:
        missing_minor = due_minor
    else:
        await card_payments.take(tx, payment.id, due_minor, now=now)
        missing_minor = due_minor - payment.captured_minor if payment.state in TAKEN else 0
    if missing_minor <= 0:
        return
    debt, provider = Owner("receivable", await card_payments.debtor_of(tx, payment.id)), provider_account(payment)
    accounts = await accounts_of(tx, [debt, provider], paid.currency, now=now)
    owed = settlement.uncollected(
        paid.charge_id, debt=accounts[debt], provider=accounts[provider], amount_minor=missing_minor,
        currency=paid.currency,
    )  # fmt: skip
    await book_or_refuse(tx, [owed], now=now)
    await charge_payments.owe_more(tx, paid.charge_id, missing_minor)


async def _secure(tx: Transaction, charge: Charge, paid: ChargePayment, payment: Payment, now: datetime) -> list[Fact]:
    if payment.state is not State.HELD or payment.capture_before is None or paid.state != "held":
        return []
    if payment.capture_before > now + TAKE_BEFORE:
        return [] if charge.stop_asked_at is not None else await _stop(tx, charge, "card-hold-ends", now)
    await _take_so_far(tx, charge, paid, payment, now)
    return await _stop(tx, charge, "card-hold-ends", now)


async def _take_so_far(tx: Transaction, charge: Charge, paid: ChargePayment, payment: Payment, now: datetime) -> None:
    """Take what the charge cost until now; that stands for it from then on. Too much is given back at its end."""
    assert paid.terms is not None
    cost_minor = payment.amount_minor
    if charge.begun:
        # Without the market's price, the whole hold is the most that it can have cost.
        with suppress(SpotPriceUnknown):
            cost_minor = min(cost_minor, (await price_of(tx, charge, paid.terms, now=now)).total_minor)
    if cost_minor:
        await hold_again(tx, charge, paid, cost_minor, now=now)
        await card_payments.take(tx, payment.id, cost_minor, now=now)


async def _stop(tx: Transaction, charge: Charge, why: str, now: datetime) -> list[Fact]:
    event = StopAsked(at=now, by=why)
    return await _step(tx, charge, event, now) if life.is_legal(charge, StopAsked) else []


async def _step(tx: Transaction, charge: Charge, event: Event, now: datetime) -> list[Fact]:
    return await charge_store.apply(tx, life.step(charge, event, now=now), asked_by=ASKED_BY, now=now)


DUE = """
select id from payment
where purpose = 'charge' and charge_id is not null and followed is distinct from state order by id limit $1
"""

ENDING = """
select id from payment
where purpose = 'charge' and charge_id is not null and state = 'held' and capture_before <= $1
order by capture_before limit $2
"""

SAY_UNTIL = "update payment set capture_before = coalesce(capture_before, $2) where id = $1"
