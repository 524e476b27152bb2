"""Money that comes into a wallet from outside: a bank transfer that arrived, a card that was charged, credit given."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.ledger import DONE, Code, LedgerRefused, Result, Transfer
from wattline.domain.ledger_accounts import Owner
from wattline.domain.refusals import Invalid, Unknown
from wattline.operations import audit, debts
from wattline.operations.ledger import book
from wattline.operations.ledger_accounts import account_of
from wattline.operations.movements import Movement, note_movements
from wattline.operations.wallet_access import must_be_open_to_banks
from wattline.operations.wallets import Wallet, wallet_of

BANK = Owner("bank", "transfers")
CREDIT_SOURCE = Owner("credit_source", "given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """What comes in. `id` is made once by whoever asks; the same id again does nothing twice.

    `credit`: it can be spent, but never withdrawn.
    """

    id: UUID
    amount_minor: int
    currency: str
    source: Owner = BANK
    kind: str = "deposit"
    reference_type: str = "BANK_ACCOUNT"
    reference_id: str = ""
    credit: bool = False
    note: str | None = None


async def deposit(
    database: Database, owner_type: str, owner_id: int, new: Deposit, *, asked_by: Viewer, now: datetime
) -> int | None:
    """Put money or credit into somebody's wallet; return the movement's id, None when it was there already."""
    if new.amount_minor <= 0:
        raise Invalid("amount", "must be more than 0.")
    async with database.begin() as tx:
        wallet = await wallet_of(tx, owner_type, owner_id, new.currency, now=now)
        if wallet.operator_id not in asked_by.operator_ids:
            raise Unknown(owner_type, owner_id)
        if not new.credit:
            await must_be_open_to_banks(tx, wallet)
        movement_id = await put_in(tx, wallet, new, asked_by=asked_by.name, now=now)
        if movement_id is not None:
            await audit.note(tx, asked_by, "deposit", "wallet", wallet.id, now=now)
    return movement_id


async def put_in(tx: Transaction, wallet: Wallet, new: Deposit, *, asked_by: str, now: datetime) -> int | None:
    """Book a deposit as a part of a verb; None when it was there already."""
    if not await book_deposit(tx, wallet, new, now=now):
        return None
    return (await note_movements(tx, [_movement(wallet, new, asked_by)], now=now))[0]


async def book_deposit(tx: Transaction, wallet: Wallet, new: Deposit, *, now: datetime) -> bool:
    """Book a deposit without a movement of its own; False when it was there already.

    What the wallet's owner owes is taken out of it at once, before anybody else can spend it.
    """
    source = CREDIT_SOURCE if new.credit else new.source
    transfer = Transfer(
        id=new.id,
        debit=await account_of(tx, source, wallet.currency, now=now),
        credit=wallet.credit_account_id if new.credit else wallet.account_id,
        amount_minor=new.amount_minor,
        currency=wallet.currency,
        code=Code.CREDIT if new.credit else Code.DEPOSIT,
        reference=f"wallet:{wallet.id}",
    )
    owed = await debts.collection(tx, wallet, new.id)
    result, *collected = await book(tx, [transfer, *owed], now=now)
    if result not in DONE:
        raise LedgerRefused(result, transfer)
    if owed:
        await debts.note_collected(tx, wallet, owed, collected, now=now)
    return result is Result.CREATED


def _movement(wallet: Wallet, new: Deposit, asked_by: str) -> Movement:
    return Movement(
        giver=None,
        taker=wallet,
        currency=wallet.currency,
        amount_minor=new.amount_minor,
        group="deposit",
        kind="credit" if new.credit else new.kind,
        reference_type=new.reference_type,
        reference_id=new.reference_id,
        note=new.note,
        asked_by=asked_by,
    )
