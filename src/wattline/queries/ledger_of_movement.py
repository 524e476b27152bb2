"""The ledger's entries that stand behind one movement: two for each transfer, which add up to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection

ENTRIES_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One leg of a transfer. Amounts in minor units, below 0 for debits; `pending_minor` is what is only held."""

    journal: int
    booked_at: datetime
    kind: str
    account: str
    currency: str
    pending_minor: int
    posted_minor: int


async def entries_of(connection: Connection, movement_id: int) -> Sequence[EntryLine]:
    """List them as they were booked; the caller has checked who may see them.

    What belongs to a charge is booked together, so each of its movements shows all of the charge's journals.
    """
    return [EntryLine(**dict(row)) for row in await connection.fetch(ENTRIES, movement_id, ENTRIES_MAX)]


ENTRIES = """
with movement as (
  select coalesce(p.reference_type, t.reference_type) as about, coalesce(p.reference_id, t.reference_id) as about_id,
    t.transfer_id, t.refund_of
  from wallet_transaction t left join wallet_transaction p on p.id = t.refund_of where t.id = $1
), mine as (
  select l.id, l.journal_id from movement m join ledger_transfer l
    on m.refund_of is null and m.about = 'CHARGE' and l.reference = 'charge:' || m.about_id
  union select l.id, l.journal_id from movement m join ledger_transfer l on l.id = m.transfer_id
), journals as (
  select journal_id from mine union select l.journal_id from mine join ledger_transfer l on l.pending_id = mine.id
)
select j.number as journal, j.booked_at, l.kind, a.owner_kind || ' ' || a.owner_key as account, e.currency,
  (e.side * e.pending_minor)::bigint as pending_minor, (e.side * e.posted_minor)::bigint as posted_minor
from journals join ledger_journal j on j.id = journals.journal_id
  join ledger_entry e on e.journal_id = j.id join ledger_transfer l on l.id = e.transfer_id
  join ledger_account a on a.id = e.account_id
order by j.number, l.position, e.side limit $2
"""
