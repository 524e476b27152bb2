"""How each charge is paid, as a row: who pays, on which terms, what is held, and what it came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record

from wattline.database.connection import Connection, Transaction
from wattline.domain.hold import HOLD_SECONDS, PayerKind
from wattline.domain.price import PricedCharge
from wattline.domain.price_terms import PriceTerms
from wattline.domain.settlement import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargePayment:
    """How a charge is paid. `payer_key`: provider of the terminal or card. `state`: none, held, settled or voided.

    `payment_id` is the payment by card; until its bank holds the money the state is none. `gross_minor` is what the
    charge cost, `owed_minor` what of it nobody has paid.
    """

    charge_id: int
    operator_id: int
    payer_kind: PayerKind
    payer_key: str | None = None
    payer_wallet_id: int | None = None
    owner_wallet_id: int | None = None
    payment_id: int | None = None
    currency: str
    holds: tuple[Held, ...] = ()
    state: str = "none"
    terms: PriceTerms | None = None
    held_at: datetime | None = None
    gross_minor: int = 0
    owed_minor: int = 0

    def holds_at(self, now: datetime) -> tuple[Held, ...]:
        """List what is kept aside still: the ledger lets go of it when its time is over."""
        over = self.held_at is not None and now >= self.held_at + timedelta(seconds=HOLD_SECONDS)
        return () if over else self.holds


async def keep(tx: Transaction, payment: ChargePayment, *, check_at: datetime | None) -> None:
    """Write down how a charge that is about to begin will be paid."""
    await tx.execute(
        KEEP, payment.charge_id, payment.operator_id, payment.payer_kind, payment.payer_key, payment.payer_wallet_id,
        payment.owner_wallet_id, payment.payment_id, payment.currency, [each.id for each in payment.holds],
        [each.amount_minor for each in payment.holds], payment.state, written_terms(payment.terms),
        payment.held_at, check_at,
    )  # fmt: skip


async def change_holds(tx: Transaction, payment: ChargePayment, *, check_at: datetime) -> None:
    """Write down what is held now, and since when."""
    await tx.execute(
        CHANGE_HOLDS, payment.charge_id, payment.owner_wallet_id, [each.id for each in payment.holds],
        [each.amount_minor for each in payment.holds], payment.state, payment.held_at, check_at,
    )  # fmt: skip


async def drop_holds(tx: Transaction, charge_id: int) -> None:
    """Write down that nothing is held any more for a charge that goes on."""
    await tx.execute("update charge_payment set hold_ids = '{}', hold_minors = '{}' where charge_id = $1", charge_id)


async def owe_more(tx: Transaction, charge_id: int, amount_minor: int) -> None:
    """Write down that a part of what was counted as paid is owed."""
    await tx.execute(
        "update charge_payment set owed_minor = owed_minor + $2 where charge_id = $1", charge_id, amount_minor
    )


async def find(connection: Connection, charge_id: int, *, lock: bool = False) -> ChargePayment | None:
    """Read how a charge is paid; None for one that has no price and moves no money."""
    row = await connection.fetchrow(f"{FIND} for update of payment" if lock else FIND, charge_id)
    return None if row is None else _payment(row)


async def close(
    tx: Transaction, charge_id: int, *, state: str, priced: PricedCharge | None, owed_minor: int = 0, now: datetime
) -> None:
    """Write down that a charge is paid, or that nobody pays for it. `owed_minor`: what the holds did not cover."""
    figures = (priced.net_minor, priced.vat_minor, priced.total_minor) if priced else (0, 0, 0)
    lines = msgspec.to_builtins(priced) if priced else None
    await tx.execute(CLOSE, charge_id, state, lines, *figures, owed_minor, now)


async def look_again(tx: Transaction, charge_id: int, at: datetime) -> None:
    """Write down when the running price is looked at again."""
    await tx.execute("update charge_payment set check_at = $2 where charge_id = $1", charge_id, at)


def written_terms(terms: PriceTerms | None) -> Mapping[str, Any] | None:
    """Write terms as jsonb takes them."""
    return None if terms is None else msgspec.to_builtins(terms)


def _payment(row: Record) -> ChargePayment:
    holds: list[tuple[UUID, int, int]] = list(
        zip(row["hold_ids"], row["hold_minors"], row["hold_account_ids"], strict=True)
    )
    return ChargePayment(
        charge_id=row["charge_id"],
        operator_id=row["operator_id"],
        payer_kind=PayerKind(row["payer_kind"]),
        payer_key=row["payer_key"],
        payer_wallet_id=row["payer_wallet_id"],
        owner_wallet_id=row["owner_wallet_id"],
        payment_id=row["payment_id"],
        currency=row["currency"],
        holds=tuple(Held(*each) for each in holds),
        state=row["state"],
        held_at=row["held_at"],
        gross_minor=row["gross_minor"] or 0,
        owed_minor=row["owed_minor"],
        terms=None if row["terms"] is None else msgspec.convert(row["terms"], PriceTerms),
    )


KEEP = """
insert into charge_payment (charge_id, operator_id, payer_kind, payer_key, payer_wallet_id, owner_wallet_id, payment_id,
  currency, hold_ids, hold_minors, state, terms, held_at, check_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""

CHANGE_HOLDS = """
update charge_payment set owner_wallet_id = $2, hold_ids = $3, hold_minors = $4, state = $5, held_at = $6, check_at = $7
where charge_id = $1
"""

# With the accounts the holds were taken from, so that the ledger need not ask.
FIND = """
select payment.*, array(
  select coalesce(transfer.debit_account_id, 0)
  from unnest(payment.hold_ids) with ordinality as held (id, place)
  left join ledger_transfer transfer on transfer.id = held.id
  order by held.place
) as hold_account_ids
from charge_payment payment where payment.charge_id = $1
"""

CLOSE = """
update charge_payment set state = $2, priced = $3, net_minor = $4, vat_minor = $5, gross_minor = $6, owed_minor = $7,
  settled_at = $8, check_at = null
where charge_id = $1
"""
