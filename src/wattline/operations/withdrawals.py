"""Money that leaves a wallet for a bank account: held until somebody says that the bank transfer went out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.ledger import DONE, Code, Kind, LedgerRefused, Result, Transfer
from wattline.domain.refusals import NotReady
from wattline.domain.withdrawal import TooLittleToWithdraw, checked_withdrawal, monthly_is_due, monthly_minor
from wattline.operations import audit
from wattline.operations.deposits import BANK
from wattline.operations.ledger import book
from wattline.operations.ledger_accounts import account_of, balances
from wattline.operations.movements import Movement, movement_of_transfer, note_movements
from wattline.operations.public_holidays import COUNTRY, holidays_of
from wattline.operations.wallet_access import Passcode, decimals_of, must_be_open_to_banks, wallet_to_use
from wattline.operations.wallets import Wallet, wallet_by_id

# Makes the id of a month's automatic withdrawal: twice in a month is once.
MONTHLY = UUID("b7a0a5bb-7c0c-4e3c-9a55-6f7a2ad0c9a1")
AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What is to leave a wallet. `id` is made once by whoever asks; the same id again does nothing twice."""

    id: UUID
    amount_minor: int


async def withdraw(
    database: Database, wallet_id: int, new: Withdrawal, *, asked_by: Viewer, passcode: Passcode, now: datetime
) -> int:
    """Ask for money to be sent to the wallet's bank account; return the movement's id. It is held from now on.

    Raises Invalid, NotReady without a bank account, TooLittleToWithdraw, Unknown, and what a wrong passcode raises.
    """
    wallet = await wallet_to_use(database, wallet_id, asked_by=asked_by, passcode=passcode, now=now)
    async with database.begin() as tx:
        checked_withdrawal(new.amount_minor, wallet.currency, await decimals_of(tx, wallet.currency))
        movement_id = await _hold(tx, wallet, new, asked_by=asked_by.name, now=now)
        await audit.note(tx, asked_by, "withdraw", "wallet", wallet_id, now=now)
    return movement_id


async def withdraw_due(database: Database, *, now: datetime) -> int:
    """See to automatic withdrawals of this month, some wallets in one transaction; return how many were seen to."""
    month = now.date().replace(day=1)
    async with database.begin() as tx:
        waiting = [row["country"] for row in await tx.fetch(COUNTRIES, month)]
        due = [each for each in waiting if monthly_is_due(now.date(), None, holidays=holidays_of(each, now.year))]
        rows = await tx.fetch(DUE, month, AT_ONCE, due) if due else []
        for row in rows:
            await _withdraw_monthly(tx, row, now=now)
        await tx.execute("update wallet set withdraw_month = $2 where id = any($1)", [row["id"] for row in rows], month)
    return len(rows)


async def _withdraw_monthly(tx: Transaction, row: Record, *, now: datetime) -> None:
    wallet = await wallet_by_id(tx, row["id"])
    there_minor = await _withdrawable(tx, wallet)
    amount_minor = monthly_minor(there_minor, leave_minor=row["withdraw_leave_minor"], currency=wallet.currency)
    if not amount_minor:
        return
    new = Withdrawal(id=uuid5(MONTHLY, f"{wallet.id}:{now:%Y-%m}"), amount_minor=amount_minor)
    try:
        async with tx.transaction():
            await _hold(tx, wallet, new, asked_by="every month", now=now)
    except NotReady:
        # A charge was quicker, or the team lost its payouts: this month nothing leaves.
        return


async def _hold(tx: Transaction, wallet: Wallet, new: Withdrawal, *, asked_by: str, now: datetime) -> int:
    await must_be_open_to_banks(tx, wallet)
    account = await tx.fetchrow(LOCK_WALLET, wallet.id)
    assert account is not None
    if account["iban_sealed"] is None:
        raise NotReady("Add a bank account to this wallet first.")
    transfer = Transfer(
        id=new.id,
        debit=wallet.account_id,
        credit=await account_of(tx, BANK, wallet.currency, now=now),
        amount_minor=new.amount_minor,
        currency=wallet.currency,
        code=Code.WITHDRAWAL,
        kind=Kind.HOLD,
        reference=f"wallet:{wallet.id}",
    )
    [result] = await book(tx, [transfer], now=now)
    if result not in DONE and result is not Result.EXCEEDS_CREDITS:
        raise LedgerRefused(result, transfer)
    made = await movement_of_transfer(tx, new.id)
    if made is not None:
        return made
    await _must_be_there(tx, wallet, new.amount_minor, held=result is Result.CREATED)
    [movement_id] = await note_movements(tx, [_movement(wallet, new, account["iban_end"], asked_by)], now=now)
    await tx.execute(
        ADD, movement_id, wallet.id, wallet.operator_id, new.id, new.amount_minor, wallet.currency,
        account["iban_sealed"], account["iban_end"], account["bank_holder"], now,
    )  # fmt: skip
    return movement_id


async def _must_be_there(tx: Transaction, wallet: Wallet, amount_minor: int, *, held: bool) -> None:
    """Refuse what would come out of a team's credit line: a bank is only sent what is in the wallet."""
    there_minor = await _withdrawable(tx, wallet)
    if held and there_minor >= 0:
        return
    decimals = await decimals_of(tx, wallet.currency)
    raise TooLittleToWithdraw(there_minor + (amount_minor if held else 0), wallet.currency, decimals)


async def _withdrawable(tx: Transaction, wallet: Wallet) -> int:
    money = (await balances(tx, [wallet.account_id]))[wallet.account_id]
    return money.posted_minor - money.debits_pending


def _movement(wallet: Wallet, new: Withdrawal, iban_end: str, asked_by: str) -> Movement:
    return Movement(
        giver=wallet,
        taker=None,
        currency=wallet.currency,
        amount_minor=new.amount_minor,
        group="withdraw",
        kind="withdrawal",
        reference_type="WALLET_BANK_ACCOUNT",
        reference_id=str(wallet.id),
        state="pending",
        note=f"To the bank account that ends with {iban_end}",
        transfer_id=new.id,
        asked_by=asked_by,
    )


COUNTRIES = f"""
select distinct {COUNTRY} as country from wallet
where withdraw_monthly and (withdraw_month is null or withdraw_month < $1)
"""

DUE = f"""
select id, withdraw_leave_minor from wallet
where withdraw_monthly and (withdraw_month is null or withdraw_month < $1)
  and coalesce({COUNTRY}, '') in (select coalesce(due, '') from unnest($3::text[]) due)
order by id limit $2 for update skip locked
"""

LOCK_WALLET = "select iban_sealed, iban_end, bank_holder from wallet where id = $1 for update"

ADD = """
insert into withdrawal (movement_id, wallet_id, operator_id, hold_id, amount_minor, currency, iban_sealed, iban_end,
  bank_holder, state, asked_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', $10)
"""
