"""The worker's rounds: debts are taken out of wallets into which money came other than by a deposit."""

from datetime import datetime
from uuid import UUID, uuid5

from wattline.database.connection import Database, Transaction
from wattline.operations.debts import collection, mark_paid, note_collected
from wattline.operations.ledger import book
from wattline.operations.wallets import Wallet, contents_of, wallet_by_id

# Makes the ids of what is taken from a wallet and time.
BY_WORKER = UUID("4f2f4f0c-0a4e-4d9a-9a38-2f8f5e0c7d61")
AT_ONCE = 100


async def collect_due(database: Database, *, now: datetime) -> int:
    """Take in what is owed from wallets that have money, each in a transaction of its own; return how many."""
    async with database.read() as connection:
        due = await connection.fetch(DUE, AT_ONCE)
    for row in due:
        async with database.begin() as tx:
            await _collect(tx, await wallet_by_id(tx, row["id"]), now=now)
    return len(due)


async def _collect(tx: Transaction, wallet: Wallet, *, now: datetime) -> None:
    transfers = await collection(tx, wallet, uuid5(BY_WORKER, f"{wallet.id}:{now.isoformat()}"))
    if transfers and (await contents_of(tx, [wallet]))[wallet.id].spendable_minor:
        await note_collected(tx, wallet, transfers, await book(tx, transfers, now=now), now=now)
    else:
        await mark_paid(tx, wallet, now)


# Who owes and has money, or owes nothing any more.
DUE = """
select distinct wallet.id
from charge_payment left join payment on payment.id = charge_payment.payment_id
  join wallet on wallet.id = charge_payment.payer_wallet_id
    or charge_payment.payer_wallet_id is null and wallet.currency = charge_payment.currency
      and (wallet.owner_type, wallet.owner_id) in (('user', payment.user_id), ('team', payment.team_id))
  join ledger_account debt on debt.owner_kind = 'receivable' and debt.currency = wallet.currency
    and debt.owner_key = wallet.owner_type || ':' || wallet.owner_id
where charge_payment.owed_minor > 0 and charge_payment.debt_paid_at is null
  and charge_payment.payer_kind <> 'terminal'
  and ((select sum(debits_posted - credits_posted) from ledger_balance where account_id = debt.id) <= 0
    or (select sum(credits_posted - debits_posted - debits_pending) from ledger_balance
        where account_id = wallet.account_id) > 0
    or (select sum(credits_posted - debits_posted - debits_pending) from ledger_balance
        where account_id = wallet.credit_account_id) > 0)
limit $1
"""
