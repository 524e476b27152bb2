"""What cards' banks take back after they paid: it leaves the wallet that was filled, and what is not there is owed.

As with fillings nothing here follows an event: the worker compares what the provider says is disputed with what is in
the books (`payment.dispute_booked_minor`). What the bank gives back in the end comes as a deposit.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from wattline.database.connection import Database, Transaction
from wattline.database.deadlock import despite_deadlocks
from wattline.domain.ledger import Code, Transfer
from wattline.domain.ledger_accounts import Owner
from wattline.domain.payment import Payment
from wattline.operations import card_payments
from wattline.operations.card_payments import provider_account
from wattline.operations.deposits import Deposit, put_in
from wattline.operations.dispute_letters import amount_words, tell_of_dispute
from wattline.operations.ledger import book, book_or_refuse
from wattline.operations.ledger_accounts import account_of
from wattline.operations.movements import Movement, note_movements
from wattline.operations.payment_rows import lock
from wattline.operations.refill_failures import address_of
from wattline.operations.wallets import Wallet, wallet_by_id

AT_ONCE = 100
ASKED_BY = "the card’s bank"
# Makes the ids of transfers from a payment and how often its dispute has moved.
DISPUTES = UUID("0b0c2f5e-8f0b-4f2c-9d0e-3f9b6f0c8a11")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """How far a dispute has moved since we looked: `minor` above 0 was taken back, below 0 given again."""

    payment: Payment
    minor: int
    id: UUID


async def follow_disputes(database: Database, *, now: datetime) -> int:
    """Book what banks have taken back or given again, each payment in a transaction of its own; return how many."""
    async with database.read() as connection:
        due = [row["id"] for row in await connection.fetch(DUE, AT_ONCE)]
    for payment_id in due:
        await despite_deadlocks(partial(_follow, database, payment_id, now))
    return len(due)


async def _follow(database: Database, payment_id: int, now: datetime) -> None:
    async with database.begin() as tx:
        payment = await lock(tx, payment_id)
        booked = await tx.fetchrow("select dispute_booked_minor, dispute_moves from payment where id = $1", payment_id)
        assert booked is not None
        minor = payment.disputed_minor - booked["dispute_booked_minor"]
        if minor == 0:
            return
        moved = _Moved(payment=payment, minor=minor, id=uuid5(DISPUTES, f"{payment.key}:{booked['dispute_moves']}"))
        wallet_id = await tx.fetchval("select wallet_id from refill where payment_id = $1", payment_id)
        if wallet_id is None:
            await _of_charge(tx, moved, now)
        elif minor > 0:
            await _take_back(tx, moved, await wallet_by_id(tx, wallet_id), now)
        else:
            await _give_again(tx, moved, await wallet_by_id(tx, wallet_id), now)
        await tx.execute(BOOKED, payment_id, payment.disputed_minor)


async def _take_back(tx: Transaction, moved: _Moved, wallet: Wallet, now: datetime) -> None:
    """The owner owes all of it, and what is in the wallet pays for that at once."""
    debt = await _owe(tx, moved, f"{wallet.owner_type}:{wallet.owner_id}", now)
    payback = Transfer(
        id=uuid5(moved.id, "wallet"),
        debit=wallet.account_id,
        credit=debt,
        amount_minor=moved.minor,
        currency=wallet.currency,
        code=Code.RECEIVABLE,
        balancing_debit=True,
        reference=f"wallet:{wallet.id}",
    )
    # An empty wallet refuses it, and all of it stays owed.
    await book(tx, [payback], now=now)
    taken_minor: int = await tx.fetchval(TAKEN, payback.id) or 0
    owed = await amount_words(tx, moved.minor - taken_minor, wallet.currency)
    note = f"{owed} of it is owed." if taken_minor < moved.minor else None
    movement = Movement(
        giver=wallet,
        taker=None,
        currency=wallet.currency,
        amount_minor=taken_minor,
        group="withdraw",
        kind="chargeback",
        reference_type="STRIPE_CHARGE" if moved.payment.provider == "stripe" else "OTHER",
        reference_id=str(moved.payment.id),
        note=note,
        asked_by=ASKED_BY,
    )
    await note_movements(tx, [movement], now=now)
    consequence = "It has left your wallet." if note is None else f"What was in your wallet has left it, and {note}"
    address = await address_of(tx, wallet.owner_type, wallet.owner_id)
    await tell_of_dispute(tx, moved.payment, moved.minor, address, "a refill of your wallet", consequence, now=now)


async def _give_again(tx: Transaction, moved: _Moved, wallet: Wallet, now: datetime) -> None:
    back = Deposit(
        id=moved.id,
        amount_minor=-moved.minor,
        currency=wallet.currency,
        source=provider_account(moved.payment),
        kind="chargeback-returned",
        reference_type="STRIPE_CHARGE" if moved.payment.provider == "stripe" else "OTHER",
        reference_id=str(moved.payment.id),
    )
    await put_in(tx, wallet, back, asked_by=ASKED_BY, now=now)


async def _of_charge(tx: Transaction, moved: _Moved, now: datetime) -> None:
    """A charge was sold and stays sold: whoever paid by card owes it again, until the bank gives the money back."""
    await _owe(tx, moved, await card_payments.debtor_of(tx, moved.payment.id), now)
    if moved.minor > 0:
        address = await address_of(tx, "operator", moved.payment.operator_id)
        what = f"charge {moved.payment.charge_id}" if moved.payment.charge_id else f"payment {moved.payment.id}"
        consequence = "The sale stays booked, and the driver owes it."
        await tell_of_dispute(tx, moved.payment, moved.minor, address, what, consequence, now=now)


async def _owe(tx: Transaction, moved: _Moved, debtor: str, now: datetime) -> int:
    currency = moved.payment.currency
    debt = await account_of(tx, Owner("receivable", debtor), currency, now=now)
    provider = await account_of(tx, provider_account(moved.payment), currency, now=now)
    taken_back = moved.minor > 0
    transfer = Transfer(
        id=moved.id,
        debit=debt if taken_back else provider,
        credit=provider if taken_back else debt,
        amount_minor=abs(moved.minor),
        currency=currency,
        code=Code.RECEIVABLE,
        reference=f"payment:{moved.payment.id}",
    )
    await book_or_refuse(tx, [transfer], now=now)
    return debt


# A filling is disputed when it has filled.
DUE = """
select id from payment where disputed_minor <> dispute_booked_minor
  and not exists (select from refill where payment_id = payment.id and state = 'asked')
order by id limit $1
"""

TAKEN = "select amount_minor from ledger_transfer where id = $1"

BOOKED = "update payment set dispute_booked_minor = $2, dispute_moves = dispute_moves + 1 where id = $1"
