"""What people read on a wallet: one row per movement, above the ledger's transfers (Partner API 3.9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from wattline.database.connection import Connection, Transaction
from wattline.operations.wallets import Wallet

NO_VAT = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Money from one wallet to another; None is the world outside. `amount_minor` includes `vat_minor`.

    `group` is deposit, withdraw, charge or other; `state` reserved, pending, complete or failed. `kind` says exactly
    what it was, such as `charge-transaction-fee-professional`.
    """

    giver: Wallet | None
    taker: Wallet | None
    currency: str
    amount_minor: int
    vat_minor: int = 0
    vat_percent: Decimal = NO_VAT
    group: str
    kind: str
    reference_type: str
    reference_id: str
    state: str = "complete"
    note: str | None = None
    energy_wh: int | None = None
    refund_of: int | None = None
    transfer_id: UUID | None = None
    asked_by: str


async def note_movements(tx: Transaction, movements: Sequence[Movement], *, now: datetime) -> list[int]:
    """Keep movements and return their ids, in order."""
    rows = await tx.fetchmany(NOTE, [_values(movement, now) for movement in movements])
    return [row["id"] for row in rows]


async def movement_of_transfer(connection: Connection, transfer_id: UUID) -> int | None:
    """Find the movement that somebody asked for under this id."""
    found: int | None = await connection.fetchval(
        "select id from wallet_transaction where transfer_id = $1", transfer_id
    )
    return found


async def complete_reserved(
    tx: Transaction, *, reference_type: str, reference_id: str, movement: Movement | None, now: datetime
) -> None:
    """Turn what was reserved into what was paid; without a movement nothing was, and what was reserved has failed."""
    if movement is None:
        await tx.execute(FAIL, reference_type, reference_id, now)
        return
    done = await tx.fetchval(
        COMPLETE, reference_type, reference_id, movement.amount_minor, movement.vat_minor, movement.vat_percent,
        movement.energy_wh, now,
    )  # fmt: skip
    if done is None:
        await note_movements(tx, [movement], now=now)


def _values(movement: Movement, now: datetime) -> tuple[object, ...]:
    return (
        *_side(movement.giver), *_side(movement.taker), movement.currency, movement.amount_minor,
        movement.vat_minor, movement.vat_percent, movement.group, movement.kind, movement.reference_type,
        movement.reference_id, movement.state, movement.note, movement.energy_wh, movement.refund_of,
        movement.asked_by, now, now if movement.state == "complete" else None, movement.transfer_id,
    )  # fmt: skip


def _side(wallet: Wallet | None) -> tuple[int | None, str | None, int | None, int | None, int | None]:
    if wallet is None:
        return None, None, None, None, None
    team_id = wallet.owner_id if wallet.owner_type == "team" else None
    user_id = wallet.owner_id if wallet.owner_type == "user" else None
    return wallet.id, wallet.owner_type, wallet.operator_id, team_id, user_id


NOTE = """
insert into wallet_transaction (
  from_wallet_id, from_type, from_operator_id, from_team_id, from_user_id,
  to_wallet_id, to_type, to_operator_id, to_team_id, to_user_id,
  from_currency, from_amount_minor, from_vat_minor, to_currency, to_amount_minor, to_vat_minor, vat_percent,
  "group", kind, reference_type, reference_id, state, note, energy_wh, refund_of, asked_by,
  created_at, updated_at, completed_at, transfer_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
  $22, $23, $24, $24, $25, $26)
returning id
"""

FAIL = """
update wallet_transaction set state = 'failed', updated_at = $3
where reference_type = $1 and reference_id = $2 and state = 'reserved'
"""

COMPLETE = """
update wallet_transaction set state = 'complete', from_amount_minor = $3, to_amount_minor = $3, from_vat_minor = $4,
  to_vat_minor = $4, vat_percent = $5, energy_wh = $6, updated_at = $7, completed_at = $7
where reference_type = $1 and reference_id = $2 and state = 'reserved'
returning id
"""
