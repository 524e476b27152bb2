"""The ledger rows of one charge, read from the running server's books, and shown as a bookkeeper would."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from wattline.database.connection import Database


@dataclass(frozen=True, slots=True)
class Row:
    """One leg of a transfer; amounts are minor units, negative for debits, and where a hold ends."""

    journal: int
    kind: str
    account: str
    pending_minor: int
    posted_minor: int


async def rows_of(database: Database, charge_id: int) -> list[Row]:
    """Read every row of every journal that has to do with a charge."""
    async with database.read() as connection:
        rows = await connection.fetch(ROWS, f"charge:{charge_id}")
    return [Row(**dict(row)) for row in rows]


def show(title: str, rows: Sequence[Row]) -> None:
    """Print them."""
    print(f"\n{title}\n{'journal':>8}  {'kind':<6}  {'account':<28}{'pending':>9}{'posted':>9}")
    for row in rows:
        print(f"{row.journal:>8}  {row.kind:<6}  {row.account:<28}{row.pending_minor:>9}{row.posted_minor:>9}")
    print(f"{'sum':>8}  {'':<36}{sum(r.pending_minor for r in rows):>9}{sum(r.posted_minor for r in rows):>9}")


def must_sum_to_zero(rows: Sequence[Row]) -> None:
    """Check each journal by itself, and that no money of this charge is held any more."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        sums[row.journal][0] += row.pending_minor
        sums[row.journal][1] += row.posted_minor
    assert rows
    assert all(pending == posted == 0 for pending, posted in sums.values()), sums
    held: dict[str, int] = defaultdict(int)
    for row in rows:
        held[row.account] += row.pending_minor
    assert not any(held.values()), held


def posted(rows: Sequence[Row]) -> dict[str, int]:
    """Tell what each account has more or less than before."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row.account] += row.posted_minor
    return {account: amount for account, amount in found.items() if amount}


ROWS = """
with mine as (
  select id from ledger_transfer where reference = $1
  union select after.id from ledger_transfer hold join ledger_transfer after on after.pending_id = hold.id
    where hold.reference = $1
)
select j.number as journal, t.kind, a.owner_kind || ':' || a.owner_key as account,
  e.side * e.pending_minor as pending_minor, e.side * e.posted_minor as posted_minor
from ledger_entry e
  join ledger_transfer t on t.id = e.transfer_id
  join ledger_journal j on j.id = e.journal_id
  join ledger_account a on a.id = e.account_id
where e.journal_id in (select journal_id from ledger_transfer where id in (select id from mine))
order by j.number, t.position, e.side
"""
