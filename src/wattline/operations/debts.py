"""Debts: what charges cost beyond their holds. Money that comes into the debtor's wallet pays them first.

Only settling makes debts (domain/settlement.py), and only this takes them in: from deposits and fillings in the booking
that brings the money, from everything else, such as sales, a few seconds later by the worker (debt_rounds.py).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from wattline.database.connection import Connection, Transaction
from wattline.domain.ledger import AMOUNT_ALL, DONE, Code, LedgerRefused, Result, Transfer
from wattline.operations.movements import Movement, note_movements
from wattline.operations.wallets import Wallet

ASKED_BY = "debts"
NOTE = "Paid what charges cost beyond what was held for them. Those charges show it already."


async def owed_minor(connection: Connection, wallet: Wallet) -> int:
    """Tell what the owner of a wallet owes in its currency, in minor units; below 0, what they paid too much."""
    owed: int | None = await connection.fetchval(OWED, f"{wallet.owner_type}:{wallet.owner_id}", wallet.currency)
    return owed or 0


async def collection(tx: Transaction, wallet: Wallet, key: UUID) -> Sequence[Transfer]:
    """Write what takes a wallet's debt out of it, to be booked after the money that came in; empty without a debt.

    Each takes as much as is there and still owed at the moment it is booked, so it never takes too much. The same
    `key` again takes nothing again.
    """
    debt = await tx.fetchval(ACCOUNT, f"{wallet.owner_type}:{wallet.owner_id}", wallet.currency)
    if debt is None or await owed_minor(tx, wallet) <= 0:
        return []
    return [
        Transfer(
            id=uuid5(key, f"debt:{purse}"),
            debit=account,
            credit=debt,
            amount_minor=AMOUNT_ALL,
            currency=wallet.currency,
            code=Code.RECEIVABLE,
            balancing_debit=True,
            balancing_credit=True,
            reference=f"wallet:{wallet.id}",
        )
        for purse, account in (("credit", wallet.credit_account_id), ("money", wallet.account_id))
    ]


async def note_collected(
    tx: Transaction, wallet: Wallet, transfers: Sequence[Transfer], results: Sequence[Result], *, now: datetime
) -> None:
    """Say on the wallet what was taken, and on its charges that they are paid when nothing is owed any more.

    The row has the wallet on both sides: the charge's own row has the whole price already.
    """
    for result, transfer in zip(results, transfers, strict=True):
        if result not in DONE:
            raise LedgerRefused(result, transfer)
    # What was there already, an earlier one has told of.
    new = [each.id for result, each in zip(results, transfers, strict=True) if result is Result.CREATED]
    taken_minor: int = await tx.fetchval(TAKEN, new)
    if taken_minor:
        await note_movements(tx, [_movement(wallet, taken_minor)], now=now)
    await mark_paid(tx, wallet, now)


def paid_too_much(wallet: Wallet, debt: int, transfer_id: UUID, movement_id: int | None) -> Transfer:
    """Write what gives back to a wallet what a refund brings to a debt that was paid meanwhile; often nothing."""
    return Transfer(
        id=transfer_id,
        debit=debt,
        credit=wallet.account_id,
        amount_minor=AMOUNT_ALL,
        currency=wallet.currency,
        code=Code.RECEIVABLE,
        balancing_debit=True,
        reference=f"transaction:{movement_id}",
    )


async def mark_paid(tx: Transaction, wallet: Wallet, now: datetime) -> None:
    """Say on the charges of a wallet's owner that they are paid, once nothing is owed any more."""
    if await owed_minor(tx, wallet) <= 0:
        await tx.execute(PAID, wallet.id, wallet.owner_type, wallet.owner_id, wallet.currency, now)


def _movement(wallet: Wallet, amount_minor: int) -> Movement:
    return Movement(
        giver=wallet,
        taker=wallet,
        currency=wallet.currency,
        amount_minor=amount_minor,
        group="other",
        kind="debt-paid",
        reference_type="WALLET",
        reference_id=str(wallet.id),
        note=NOTE,
        asked_by=ASKED_BY,
    )


ACCOUNT = "select id from ledger_account where owner_kind = 'receivable' and owner_key = $1 and currency = $2"

OWED = f"""
select sum(debits_posted - credits_posted)::bigint from ledger_balance where account_id = ({ACCOUNT})
"""

TAKEN = "select coalesce(sum(amount_minor), 0)::bigint from ledger_transfer where id = any($1::uuid[])"

# Whoever paid by card has no wallet on the charge: theirs is the one of whoever the card belongs to.
PAID = """
update charge_payment set debt_paid_at = $5
where owed_minor > 0 and debt_paid_at is null and payer_kind <> 'terminal'
  and (payer_wallet_id = $1 or payer_wallet_id is null and currency = $4 and payment_id in (
    select id from payment where case $2 when 'user' then user_id = $3 when 'team' then team_id = $3 end))
"""
