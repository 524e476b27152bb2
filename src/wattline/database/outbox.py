"""The one outbox: facts are rows, committed with the change they tell of, read by each subscriber at its own pace."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Transaction, wake
from wattline.database.rows import rows_text
from wattline.domain.facts import Fact

# Whoever waits for facts listens here; the payload is empty, the rows tell.
CHANNEL = "facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """A fact as it was stored; `id` and `txid` are its place in the outbox."""

    id: int
    txid: int
    at: datetime
    kind: str
    event_type: str
    entity_type: str
    entity_id: str
    change: str
    operator_ids: Sequence[int]
    team_ids: Sequence[int]
    charge_point_id: int | None
    detail: Mapping[str, object] | None


async def add(tx: Transaction, facts: Iterable[Fact], *, now: datetime) -> None:
    """Store facts and wake their readers, once, when the transaction has committed."""
    given = list(facts)
    if given:
        await tx.execute(ADD, now, as_rows(given))
        wake_readers(tx)


def as_rows(facts: Sequence[Fact]) -> str:
    """Write facts as ADD takes them."""
    return rows_text([_row(fact) for fact in facts])


def wake_readers(tx: Transaction) -> None:
    """Wake whoever waits for facts, when the transaction has committed."""
    wake(tx, CHANNEL, "")


async def read_new(tx: Transaction, subscriber: str, *, limit: int) -> list[FactRow]:
    """Read the next facts for a subscriber, in an order in which none can be skipped.

    A fact of a transaction that is still running could appear behind one that was read already. So only facts of
    transactions older than every running one are read, ordered by transaction.
    """
    rows = await tx.fetch(READ_NEW, subscriber, limit)
    return [FactRow(**row) for row in rows]


async def advance(tx: Transaction, subscriber: str, last: FactRow) -> None:
    """Remember that a subscriber has everything up to `last`."""
    await tx.execute(ADVANCE, subscriber, str(last.txid), last.id)


def _row(fact: Fact) -> dict[str, object]:
    return {
        "kind": fact.kind,
        "event_type": fact.event_type,
        "entity_type": fact.entity_type,
        "entity_id": str(fact.entity_id),
        "change": fact.change,
        "operator_ids": fact.operator_ids,
        "team_ids": fact.team_ids,
        "charge_point_id": fact.charge_point_id,
        "detail": fact.detail,
    }


ADD = """
insert into fact (at, kind, event_type, entity_type, entity_id, change, operator_ids, team_ids, charge_point_id, detail)
select $1, * from json_to_recordset($2::text::json) as fact (kind text, event_type text, entity_type text,
  entity_id text, change text, operator_ids bigint[], team_ids bigint[], charge_point_id bigint, detail json)
"""

# `txid` alone would be the column we return, a number made of text, and all that is new would be sorted by it.
READ_NEW = """
with mark as (
  select coalesce((select txid from fact_cursor where subscriber = $1), '0'::xid8) as txid,
         coalesce((select fact_id from fact_cursor where subscriber = $1), 0) as fact_id)
select id, txid::text::bigint as txid, at, kind, event_type, entity_type, entity_id, change, operator_ids, team_ids,
       charge_point_id, detail
from fact
where (txid, id) > (select txid, fact_id from mark) and txid < pg_snapshot_xmin(pg_current_snapshot())
order by fact.txid, fact.id
limit $2
"""

ADVANCE = """
insert into fact_cursor (subscriber, txid, fact_id) values ($1, $2::text::xid8, $3)
on conflict (subscriber) do update set txid = excluded.txid, fact_id = excluded.fact_id
"""
