"""Charges as rows: locked in one order, saved with everything that a step of their life causes.

The order is connector, then charge: whoever changes charges of a connector first locks the connector, so that two
requests at once, or a request and a tapped key, cannot both take it.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime

from asyncpg import Record

from wattline.database import commands
from wattline.database.changes import update_row
from wattline.database.connection import Connection, Transaction
from wattline.database.rows import rows_text
from wattline.domain.charge import START_PATIENCE, Ask
from wattline.domain.charge_facts import facts_of
from wattline.domain.charge_record import Charge
from wattline.domain.charge_steps import Step
from wattline.domain.facts import Fact
from wattline.domain.ledger import Transfer
from wattline.domain.refusals import Unknown
from wattline.domain.values import ChargeState
from wattline.operations import charge_settlements, connector_states
from wattline.operations.charge_costs import note_cost
from wattline.operations.ledger import book_or_refuse

COLUMNS = tuple(field.name for field in fields(Charge))

# A stop that could not be sent for this long has been overtaken by events.
STOP_DEADLINE = START_PATIENCE


def of_row(row: Record) -> Charge:
    """Turn a row of table `charge` into a Charge."""
    return Charge(**{**row, "state": ChargeState(row["state"])})


async def find(connection: Connection, charge_id: int) -> Charge | None:
    """Read a charge without locking it."""
    row = await connection.fetchrow("select * from charge where id = $1", charge_id)
    return None if row is None else of_row(row)


async def lock(tx: Transaction, charge_id: int) -> Charge:
    """Read a charge for changing, its connector locked before it. Raises Unknown when there is none."""
    row = await tx.fetchrow(LOCK, charge_id)
    if row is None:
        raise Unknown("charge", charge_id)
    return of_row(row)


async def lock_alone(tx: Transaction, charge_id: int) -> Charge:
    """Read a charge for changing whose connector is locked already."""
    row = await tx.fetchrow("select * from charge where id = $1 for update", charge_id)
    assert row is not None
    return of_row(row)


async def lock_connector(tx: Transaction, connector_id: int) -> None:
    """Let nobody else begin, move or end a charge here until this transaction is over."""
    await tx.execute("select from connector where id = $1 for no key update", connector_id)


async def unfinished(tx: Transaction, connector_id: int) -> list[Charge]:
    """Read the charges of a (locked) connector that are not completed; the one that began last comes first."""
    rows = await tx.fetch(UNFINISHED, connector_id)
    return [of_row(row) for row in rows]


async def current(tx: Transaction, connector_id: int) -> Charge | None:
    """Read the charge that has the (locked) connector now: the unfinished one that began last."""
    charges = await unfinished(tx, connector_id)
    return charges[0] if charges else None


async def next_id(tx: Transaction) -> int:
    """Take the next charge id."""
    charge_id: int = await tx.fetchval("select nextval(pg_get_serial_sequence('charge', 'id'))")
    return charge_id


async def apply(tx: Transaction, step: Step, *, asked_by: str, now: datetime) -> list[Fact]:
    """Save a step with its timeline, timers, commands and the connector's state; return the facts to tell.

    `asked_by` is kept with the commands. The caller adds the facts to the outbox, all at once.
    """
    transfers: Sequence[Transfer] = ()
    if step.charge.completed_at and not step.before.completed_at:
        paid, transfers = await charge_settlements.close(tx, step.charge, now=now)
        step = replace(step, charge=replace(paid, cost_minor=await note_cost(tx, paid, now=now)))
    charge = step.charge
    if step.born:
        await tx.execute(INSERT, *(getattr(charge, column) for column in COLUMNS))
    else:
        await save(tx, step.before, charge)
    await _keep_moves(tx, step)
    for ask in step.asks:
        await _ask(tx, ask, charge, asked_by=asked_by, now=now)
    if charge.completed_at and not charge.begun:
        await tx.execute(WITHDRAW, charge.id, now)
    facts = [*facts_of(step), *await connector_states.refresh(tx, [charge.connector_id], now=now)]
    # Last: all other sales of the same seller wait from here until the commit.
    await book_or_refuse(tx, transfers, now=now)
    return facts


async def save(tx: Transaction, before: Charge, after: Charge) -> None:
    """Write the columns in which a charge differs from what it was."""
    changes = {column: value for column in COLUMNS if (value := getattr(after, column)) != getattr(before, column)}
    await update_row(tx, "charge", after.id, changes, allowed=COLUMNS)


async def _keep_moves(tx: Transaction, step: Step) -> None:
    """Write down a step's moves, and set or clear what it waits for."""
    moves = [
        {
            "at": move.event.at,
            "from_state": move.came_from,
            "to_state": move.went_to,
            "cause": move.cause,
            "detail": move.event.detail or None,
        }
        for move in step.moves
    ]
    kind, due_at = step.timer_set or (None, None)
    await tx.execute(KEEP_MOVES, step.charge.id, rows_text(moves), step.timer_cleared, kind, due_at)


async def _ask(tx: Transaction, ask: Ask, charge: Charge, *, asked_by: str, now: datetime) -> None:
    assert charge.charge_point_id is not None
    action, payload, deadline_at = _request(ask, charge, now)
    await commands.add(
        tx,
        charge_point_id=charge.charge_point_id,
        operator_id=charge.operator_id,
        action=action,
        payload=payload,
        purpose=ask,
        asked_by=asked_by,
        charge_id=charge.id,
        deadline_at=deadline_at,
        now=now,
    )


def _request(ask: Ask, charge: Charge, now: datetime) -> tuple[str, dict[str, object], datetime]:
    """Put what we ask into OCPP 1.6 words (sections 5.11 to 5.13 and 5.2)."""
    match ask:
        case Ask.START:
            start: dict[str, object] = {"connectorId": charge.connector_number, "idTag": charge.id_tag}
            return "RemoteStartTransaction", start, now + START_PATIENCE
        case Ask.STOP:
            return "RemoteStopTransaction", {"transactionId": charge.ocpp_transaction_id}, now + STOP_DEADLINE
        case Ask.RESERVE:
            assert charge.reserved_until is not None
            until = charge.reserved_until.strftime("%Y-%m-%dT%H:%M:%SZ")
            reservation: dict[str, object] = {
                "connectorId": charge.connector_number,
                "expiryDate": until,
                "idTag": charge.id_tag,
                "reservationId": charge.reservation_id,
            }
            return "ReserveNow", reservation, charge.reserved_until
        case Ask.CANCEL_RESERVATION:
            return "CancelReservation", {"reservationId": charge.reservation_id}, now + STOP_DEADLINE


# Whoever waited for the connector gets the charge as it is by then: a locked row is read anew.
LOCK = """
select charge.* from (
  select id from connector where id = (select connector_id from charge where id = $1) for no key update
) place
join charge on charge.id = $1 and charge.connector_id = place.id
for update of charge
"""

UNFINISHED = """
select * from charge where connector_id = $1 and completed_at is null
order by started_at is null, coalesce(started_at, created_at) desc, id desc for update
"""

INSERT = f"""
insert into charge ({", ".join(COLUMNS)}) overriding system value
values ({", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))})
"""

# A box that has not been told to begin yet must not be told once nobody wants it any more.
WITHDRAW = """
update command set outcome = 'expired', answered_at = $2, answer = '{}'
where charge_id = $1 and outcome is null and sent_at is null and action in ('RemoteStartTransaction', 'ReserveNow')
"""

# A wait that begins is never of the kind that is over.
KEEP_MOVES = """
with kept as (
  insert into charge_move (charge_id, at, from_state, to_state, cause, detail)
  select $1, * from json_to_recordset($2::text::json) as move(
    at timestamptz, from_state text, to_state text, cause text, detail jsonb)
), cleared as (
  delete from timer where kind = $3 and entity_id = $1
)
insert into timer (kind, entity_id, due_at) select $4::text, $1, $5::timestamptz where $4 is not null
on conflict (kind, entity_id) do update set due_at = excluded.due_at
"""
