"""Payments and their calls in the database."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database.connection import Connection, Transaction
from wattline.domain.payment import Payment, State
from wattline.domain.refusals import Unknown

COLUMNS = tuple(field.name for field in fields(Payment))
# Set when the row is made, and never changed.
FIXED = {
    *("id", "key", "operator_id", "team_id", "user_id", "charge_id", "purpose", "provider", "method"),
    *("saved_card_id", "currency", "amount_minor", "created_at"),
}
CHANGING = tuple(name for name in COLUMNS if name not in FIXED)

# The worker that carries calls out listens here; the payload is empty, the rows tell.
CALLS = "payment_calls"

UPDATE = (
    f"update payment set {', '.join(f'{name} = ${place}' for place, name in enumerate(CHANGING, start=2))} "
    "where id = $1"
)
ADD_CALL = """
insert into payment_call (payment_id, deed, amount_minor, key, created_at, next_try_at)
values ($1, $2, $3, $4, $5, $5)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One thing to ask of a provider, as somebody who carries it out needs it."""

    id: int
    deed: str
    amount_minor: int
    key: str
    tries: int
    first_sent_at: datetime
    payment: Payment
    customer: str | None


def payment_of(row: Record) -> Payment:
    """Make a payment of a row with all its columns."""
    values: dict[str, Any] = {name: row[name] for name in COLUMNS}
    return Payment(**values | {"state": State(row["state"])})


async def load(connection: Connection, payment_id: int) -> Payment:
    """Read a payment. Raises Unknown."""
    row = await connection.fetchrow("select * from payment where id = $1", payment_id)
    if row is None:
        raise Unknown("payment", payment_id)
    return payment_of(row)


async def lock(tx: Transaction, payment_id: int) -> Payment:
    """Read a payment and keep everybody else from changing it. Raises Unknown."""
    row = await tx.fetchrow("select * from payment where id = $1 for update", payment_id)
    if row is None:
        raise Unknown("payment", payment_id)
    return payment_of(row)


async def save(tx: Transaction, payment: Payment) -> None:
    """Write what changed."""
    await tx.execute(UPDATE, payment.id, *(getattr(payment, name) for name in CHANGING))


async def add_call(tx: Transaction, payment: Payment, deed: str, amount_minor: int, *, now: datetime) -> None:
    """Queue one call to the provider and wake who carries it out when the transaction commits.

    The key is made of the payment's and of how many calls it has had, so that no two deeds ever share one.
    """
    count = await tx.fetchval("select count(*) from payment_call where payment_id = $1", payment.id)
    await tx.execute(ADD_CALL, payment.id, deed, amount_minor, f"{payment.key}/{deed}/{count + 1}", now)
    await tx.execute("select pg_notify($1, '')", CALLS)
