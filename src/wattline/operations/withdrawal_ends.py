"""How a withdrawal ends: the bank transfer went out, or it was refused and the money is back."""

from datetime import datetime
from uuid import UUID, uuid5

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.ledger import AMOUNT_ALL, Code, Kind, Transfer
from wattline.domain.refund import checked_note
from wattline.domain.refusals import NotReady, Unknown
from wattline.operations import audit
from wattline.operations.ledger import book_or_refuse

# Makes the ids of what ends a hold: said twice, it is booked once.
ENDS = UUID("2d3a1f40-9f0a-4c3f-8a44-1c0f5e8f4a10")


async def note_paid(database: Database, movement_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """The bank transfer went out: the money has left the wallet for good. Said again, it changes nothing.

    Raises Unknown, and NotReady for a withdrawal that was refused.
    """
    await _end(database, movement_id, "paid", note=None, asked_by=asked_by, now=now)


async def refuse_withdrawal(
    database: Database, movement_id: int, *, reason: str, asked_by: Viewer, now: datetime
) -> None:
    """No bank transfer goes out: the money is the wallet's again, and `reason` stands on the movement.

    Raises Invalid, Unknown, and NotReady for a withdrawal that was paid.
    """
    await _end(database, movement_id, "refused", note=checked_note(reason), asked_by=asked_by, now=now)


async def _end(
    database: Database, movement_id: int, state: str, *, note: str | None, asked_by: Viewer, now: datetime
) -> None:
    async with database.begin() as tx:
        row = await tx.fetchrow("select * from withdrawal where movement_id = $1 for update", movement_id)
        # Who sees some teams only asks for withdrawals; whoever runs the operator's bank account ends them.
        if row is None or row["operator_id"] not in asked_by.operator_ids or asked_by.team_ids is not None:
            raise Unknown("withdrawal", movement_id)
        if row["state"] == state:
            return
        if row["state"] != "pending":
            raise NotReady(f"This withdrawal is {row['state']} already.")
        await _book(tx, row, Kind.POST if state == "paid" else Kind.VOID, now=now)
        await tx.execute(END, movement_id, state, now, asked_by.name)
        await tx.execute(END_MOVEMENT, movement_id, "complete" if state == "paid" else "failed", note, now)
        await audit.note(tx, asked_by, f"withdrawal {state}", "transaction", movement_id, now=now)


async def _book(tx: Transaction, withdrawal: Record, kind: Kind, *, now: datetime) -> None:
    end = Transfer(
        id=uuid5(ENDS, f"{withdrawal['hold_id']}:{kind}"),
        debit=0,
        credit=0,
        amount_minor=AMOUNT_ALL if kind is Kind.POST else 0,
        currency="",
        code=Code.NONE,
        kind=kind,
        pending_id=withdrawal["hold_id"],
    )
    await book_or_refuse(tx, [end], now=now)


END = "update withdrawal set state = $2, ended_at = $3, ended_by = $4 where movement_id = $1"

END_MOVEMENT = """
update wallet_transaction set state = $2, note = coalesce($3, note), updated_at = $4,
  completed_at = case when $2 = 'complete' then $4::timestamptz end
where id = $1
"""
