"""Holds that the ledger's clock ends: the money is free again, and what people read on the wallet says so."""

from datetime import datetime

from wattline.database.connection import Database
from wattline.operations import ledger

NOTE = "The hold ran out before the charge was over"


async def end_holds_due(database: Database, *, now: datetime) -> int:
    """End holds that are due, some hundred in one transaction; return how many.

    A charge that ends later is paid all the same, as a movement of its own.
    """
    async with database.begin() as tx:
        charges = [row["charge_id"] for row in await tx.fetch(CHARGES, now, ledger.AT_ONCE)]
        ended = await ledger.expire_holds(tx, now=now, limit=ledger.AT_ONCE)
        if charges:
            await tx.execute(LET_GO, charges, NOTE, now)
    return ended


CHARGES = """
select distinct substr(reference, 8) as charge_id
from ledger_transfer join (
  select transfer_id from ledger_open_hold where expires_at <= $1 order by expires_at, transfer_id limit $2
) as due on due.transfer_id = ledger_transfer.id
where reference like 'charge:%'
"""

# What was settled while we waited for the accounts is reserved no more; what is held anew stays so.
LET_GO = """
update wallet_transaction set state = 'failed', note = $2, updated_at = $3
where reference_type = 'CHARGE' and reference_id = any($1::text[]) and state = 'reserved' and not exists (
  select from ledger_transfer hold join ledger_open_hold open on open.transfer_id = hold.id
  where hold.reference = 'charge:' || wallet_transaction.reference_id)
"""
