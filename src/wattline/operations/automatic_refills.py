"""Wallets that fill themselves: when less than was agreed can be spent, or a tapped key found too little."""

from datetime import datetime
from uuid import UUID, uuid5

from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.refill import AUTOMATIC_WITHIN, CardNotReady, may_fill_again
from wattline.operations.refill_failures import stop_filling
from wattline.operations.refills import Refill, add_refill
from wattline.operations.wallets import wallet_by_id

# Makes the key of a filling from its wallet and time.
AUTOMATIC = UUID("f7b5cc60-3a0e-4c39-8a53-3a8fbb8a2b57")
AT_ONCE = 100
ASKED_BY = "automatic refill"


async def refill_due(database: Database, *, now: datetime) -> int:
    """Ask the cards of wallets in which too little is left; return how many were asked."""
    async with database.read() as connection:
        due = await connection.fetch(DUE, AT_ONCE)
    asked = 0
    for row in due:
        async with database.begin() as tx:
            asked += await begin_refill(tx, row["id"], now=now)
    return asked


async def begin_refill(tx: Transaction, wallet_id: int, *, now: datetime) -> bool:
    """Ask a wallet's card for money, unless it is being asked already; tell whether a new payment was asked for."""
    row = await tx.fetchrow(LOCK, wallet_id)
    # Asked after the lock: whoever waited for it sees what the other one began.
    if row is None or await is_being_filled(tx, wallet_id):
        return False
    if not may_fill_again(await tx.fetchval(LATELY, wallet_id, now - AUTOMATIC_WITHIN)):
        return False
    new = Refill(
        key=uuid5(AUTOMATIC, f"{wallet_id}:{now.isoformat()}"),
        amount_minor=row["refill_amount_minor"],
        provider="",
        saved_card_id=row["refill_card_id"],
    )
    try:
        await add_refill(tx, await wallet_by_id(tx, wallet_id), new, asked_by=ASKED_BY, automatic=True, now=now)
    except CardNotReady as gone:
        await stop_filling(tx, wallet_id, str(gone), now=now)
        return False
    return True


async def is_being_filled(connection: Connection, wallet_id: int) -> bool:
    """Tell whether a wallet's card was asked by itself and has not answered yet."""
    asked: bool = await connection.fetchval(RUNNING, wallet_id)
    return asked


LOCK = "select refill_card_id, refill_amount_minor from wallet where id = $1 and refill_card_id is not null for update"

RUNNING = "select exists (select from refill where wallet_id = $1 and automatic and state = 'asked')"

LATELY = "select count(*) from refill where wallet_id = $1 and automatic and asked_at > $2"

DUE = """
select wallet.id from wallet
where refill_card_id is not null
  and (select sum(credits_posted - debits_posted - debits_pending) from ledger_balance
       where account_id in (wallet.account_id, wallet.credit_account_id)) < refill_below_minor
  and not exists (select from refill where wallet_id = wallet.id and automatic and state = 'asked')
order by wallet.id limit $1
"""
