"""Where the money of a payment came from, so that a refund goes back there and makes nothing out of nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.hold import Part
from wattline.domain.ledger import Code
from wattline.domain.settlement import transfer_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Accounts that paid, in the order in which they get their money back; and those of the statement of VAT.

    `debt` is the one among them on which stands what the payer owed then, and may have paid since.
    """

    parts: Sequence[Part]
    debt: int | None = None
    vat_due: int | None = None
    vat_contra: int | None = None


async def sources_of(connection: Connection, paid: Record, payer_account_id: int) -> Sources:
    """Find the sources of a movement, a row of `wallet_transaction`.

    A charge may have been paid from money, from credit that nobody may withdraw, and on debt. What is owed goes first:
    nobody gets money for what they never paid. Credit goes last.
    """
    if paid["kind"] != "charge":
        return Sources(parts=[Part(payer_account_id, paid["to_amount_minor"])])
    charge_id = int(paid["reference_id"])
    beside = [transfer_id(charge_id, what) for what in ("debt", "vat")]
    rows = await connection.fetch(BOOKED, charge_id, beside)
    vat = next((row for row in rows if row["code"] == Code.VAT), None)
    return Sources(
        parts=[Part(row["debit_account_id"], row["amount_minor"]) for row in rows if row is not vat],
        debt=next((row["debit_account_id"] for row in rows if row["owner_kind"] == "receivable"), None),
        vat_due=vat["credit_account_id"] if vat else None,
        vat_contra=vat["debit_account_id"] if vat else None,
    )


BOOKED = """
with booked as (
  select transfer.* from charge_payment payment
  join ledger_transfer transfer on transfer.pending_id = any(payment.hold_ids) and transfer.kind = 'post'
  where payment.charge_id = $1
  union all
  select * from ledger_transfer where id = any($2::uuid[])
)
select booked.code, booked.debit_account_id, booked.credit_account_id, booked.amount_minor,
  account.owner_kind
from booked join ledger_account account on account.id = booked.debit_account_id
order by account.owner_kind <> 'receivable', account.owner_kind = 'credit'
"""
