"""Orders for many charge points at once: asked for here, done row by row by the worker (fleet_work.py)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.database.fleet_orders import SEEN
from wattline.database.rows import rows_text
from wattline.domain.access import Viewer, must
from wattline.domain.naming import name_of_box
from wattline.domain.refusals import Invalid, NotReady, Refusal, Unknown
from wattline.operations import audit
from wattline.operations.fleet_deeds import COMMANDS, IMPORT, must_be_location, right_for
from wattline.operations.price_group_rows import lock_group
from wattline.operations.sites import lock_site

# As many as one file has; twice the largest network.
ROWS_MAX = 20_000
# More at once would only wait for each other.
OPEN_MAX = 10
# Long enough to look into what went wrong; the audit log keeps what was changed.
KEPT = timedelta(days=90)
# A file that nobody applied.
DRAFTS_KEPT = timedelta(days=2)


class TooManyOrders(Refusal):
    """Others of this operator are still under way."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self) -> None:
        super().__init__("Other bulk actions are still under way. Wait until one of them is done.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A deed for rows of the list: boxes by their ids, charge points without hardware by theirs below zero."""

    deed: str
    keys: Sequence[int]
    form: Mapping[str, Any] = field(default_factory=dict)


async def order(database: Database, new: NewOrder, *, asked_by: Viewer, now: datetime) -> int:
    """Ask for a deed at many charge points; return the order's id. Raises NotAllowed, Unknown, Invalid.

    Rows that the viewer does not see are left out, as they are from the list.
    """
    right = right_for(new.deed)
    if right is None or new.deed == IMPORT:
        raise Unknown("bulk action", new.deed)
    must(asked_by, right)
    async with database.begin() as tx:
        await _check_form(tx, new, asked_by)
        rows = await _rows_for(tx, new, asked_by)
        if not 0 < len(rows) <= ROWS_MAX:
            raise Invalid("box", f"must be 1 to {ROWS_MAX:,} charge points that have hardware.")
        order_id = await insert_order(tx, new.deed, new.form, rows, state="running", asked_by=asked_by, now=now)
        await audit.note(
            tx, asked_by, new.deed, "fleet", order_id, now=now, detail={"rows": len(rows), "form": dict(new.form)}
        )
    return order_id


async def insert_order(
    tx: Transaction,
    deed: str,
    form: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    *,
    state: str,
    asked_by: Viewer,
    now: datetime,
) -> int:
    """Write an order with its rows, numbered as they come unless they say their `place`. Raises TooManyOrders."""
    # One after the other, so that the limit holds for those who ask at once, too.
    await tx.execute("select id from operator where id = $1 for update", asked_by.operator_id)
    if await tx.fetchval(OPEN, asked_by.operator_id) >= OPEN_MAX:
        raise TooManyOrders
    order_id: int = await tx.fetchval(
        ORDER, asked_by.operator_id, asked_by.user_id, asked_by.name, list(asked_by.operator_ids),
        None if asked_by.team_ids is None else list(asked_by.team_ids), deed, dict(form), state, len(rows), now,
    )  # fmt: skip
    numbered = [{"place": place} | dict(row) for place, row in enumerate(rows, start=1)]
    await tx.execute(ROWS, order_id, rows_text(numbered), now)
    return order_id


async def apply_draft(database: Database, order_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Let a file that was looked at be applied. Asking again changes nothing. Raises Unknown, NotReady."""
    async with database.begin() as tx:
        found = await lock_order(tx, order_id, asked_by=asked_by)
        if found["state"] == "draft":
            await tx.execute(BEGIN, order_id, now)
            await audit.note(tx, asked_by, IMPORT, "fleet", order_id, now=now, detail={"rows": found["row_count"]})
        elif found["state"] == "cancelled":
            raise NotReady("This was called off. Send the file again.")


async def call_off(database: Database, order_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Stop an order: what was not begun is not done any more. Raises Unknown."""
    async with database.begin() as tx:
        found = await lock_order(tx, order_id, asked_by=asked_by)
        if found["state"] in ("draft", "running"):
            await tx.execute(LEAVE, order_id, now)
            await tx.execute(CALL_OFF, order_id, now)
            await audit.note(tx, asked_by, "call-off", "fleet", order_id, now=now)


async def again_for_failed(database: Database, order_id: int, *, asked_by: Viewer, now: datetime) -> int:
    """Order the same once more, for those rows where it did not work; return the new order's id."""
    async with database.read() as connection:
        found = await connection.fetchrow(SEEN, order_id, list(asked_by.operator_ids), asked_by.team_ids)
        if found is None or found["deed"] == IMPORT:
            raise Unknown("bulk action", order_id)
        rows = await connection.fetch(FAILED, order_id)
    new = NewOrder(deed=found["deed"], keys=list(dict.fromkeys(row["key"] for row in rows)), form=found["form"])
    return await order(database, new, asked_by=asked_by, now=now)


async def lock_order(tx: Transaction, order_id: int, *, asked_by: Viewer) -> Record:
    """Read an order for changing. Raises Unknown for somebody else's, NotAllowed without the right for its deed."""
    row = await tx.fetchrow(f"{SEEN} for update", order_id, list(asked_by.operator_ids), asked_by.team_ids)
    if row is None:
        raise Unknown("bulk action", order_id)
    return row


async def forget_orders(database: Database, *, now: datetime) -> None:
    """Delete what is old enough, and files that nobody applied."""
    async with database.begin() as tx:
        await tx.execute(FORGET, now - KEPT, now - DRAFTS_KEPT)


async def _check_form(tx: Transaction, new: NewOrder, asked_by: Viewer) -> None:
    if new.deed == "firmware":
        must_be_location(str(new.form.get("location", "")))
    if new.deed == "price-group":
        await lock_group(tx, new.form["price_group_id"], asked_by=asked_by)
    if new.deed == "site" and new.form["site_id"] is not None:
        await lock_site(tx, new.form["site_id"], asked_by=asked_by)


async def _rows_for(tx: Transaction, new: NewOrder, asked_by: Viewer) -> list[dict[str, Any]]:
    found = await tx.fetch(CHOSEN, list(asked_by.operator_ids), asked_by.team_ids, list(new.keys))
    command = COMMANDS.get(new.deed)
    boxes: defaultdict[int, list[Record]] = defaultdict(list)
    for connector in found:
        if connector["key"] > 0 or command is None:
            boxes[connector["key"]].append(connector)
    return [
        row
        for box in boxes.values()
        for row in (_rows_of_connectors(box) if command is not None and command.each_connector else [_row_of_box(box)])
    ]


def _row_of_box(box: Sequence[Record]) -> dict[str, Any]:
    first = box[0]
    return {
        "name": name_of_box([one["name"] for one in box]),
        "identity": first["identity"],
        "charge_point_id": first["charge_point_id"],
        "connector_id": first["id"] if first["charge_point_id"] is None else None,
    }


def _rows_of_connectors(box: Sequence[Record]) -> list[dict[str, Any]]:
    return [
        {
            "name": one["name"],
            "identity": one["identity"],
            "charge_point_id": one["charge_point_id"],
            "connector_id": one["id"],
            "number": one["number"],
        }
        for one in box
    ]


CHOSEN = """
select k.id, k.name, k.number, k.charge_point_id, b.identity, coalesce(k.charge_point_id, -k.id) as key
from unnest($3::bigint[]) with ordinality as w(key, place)
  join connector k on coalesce(k.charge_point_id, -k.id) = w.key
  left join charge_point b on b.id = k.charge_point_id
where k.operator_id = any($1) and ($2::bigint[] is null or k.team_id = any($2)) and k.deleted_at is null
order by w.place, k.number nulls last, k.id
"""

OPEN = "select count(*) from fleet_order where operator_id = $1 and state in ('draft', 'running')"

ORDER = """
insert into fleet_order (operator_id, user_id, asked_by, operator_ids, team_ids, deed, form, state, row_count,
  created_at, begun_at, due_at)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, at, at
from (select case when $8 = 'running' then $10::timestamptz end as at) begun returning id
"""

ROWS = """
insert into fleet_order_row (order_id, place, name, identity, charge_point_id, connector_id, number, plan, data, words,
  outcome, done_at)
select $1, place, name, identity, charge_point_id, connector_id, number, plan, data, words, outcome,
  case when outcome is not null then $3::timestamptz end
from json_to_recordset($2::text::json) as r (place int, name text, identity text, charge_point_id bigint,
  connector_id bigint, number int, plan text, data jsonb, words text, outcome text)
"""

BEGIN = "update fleet_order set state = 'running', begun_at = $2, due_at = $2 where id = $1"
LEAVE = """
update fleet_order_row set outcome = 'called-off', done_at = $2
where order_id = $1 and outcome is null and command_id is null
"""
CALL_OFF = "update fleet_order set state = 'cancelled', due_at = null, done_at = $2 where id = $1"

FAILED = """
select coalesce(r.charge_point_id, -r.connector_id) as key from fleet_order_row r
  left join command c on c.id = r.command_id
where r.order_id = $1 and coalesce(r.outcome, c.outcome) not in ('accepted', 'done') order by r.place
"""

FORGET = "delete from fleet_order where created_at < $1 or (state = 'draft' and created_at < $2)"
