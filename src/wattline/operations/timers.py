"""Carrying out what became due because time passed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain import charge_steps as life
from wattline.domain.charge import LOOK_FOR_GHOSTS_EVERY, TimerKind
from wattline.domain.charge_events import Event, Reaped, ReservationExpired, StartExpired, StartRefused, WaitEnded
from wattline.domain.charge_record import Charge
from wattline.domain.connector import IDLE_STATUSES
from wattline.domain.ghost import ghost_at
from wattline.domain.values import ChargeState
from wattline.operations import charge_store
from wattline.operations.timer_rows import set_timer

__all__ = ["run_due", "set_timer"]

AT_ONCE = 100
HANDS = 4
ASKED_BY = "timer"
NOT_PAID_IN_TIME = "The payment was not confirmed within 10 minutes. Nothing was taken from the card; start again."


async def run_due(database: Database, *, now: datetime) -> int:
    """Carry out timers whose time has come, each in a transaction of its own; return how many were due.

    Several at a time, so that commits share a write. Safe with several workers: whoever deletes the row carries it out.
    A timer that fails stays, delays no other, and is raised when the others are done.
    """
    async with database.read() as connection:
        due = await connection.fetch(DUE, now, AT_ONCE)
    waiting, failures = iter(due), list[Exception]()

    async def carry_out_next() -> None:
        for timer in waiting:
            try:
                async with database.begin() as tx:
                    await _carry_out(tx, timer["id"], TimerKind(timer["kind"]), timer["entity_id"], now)
            except Exception as failure:
                failures.append(failure)

    await asyncio.gather(*(carry_out_next() for _ in range(HANDS)))
    if failures:
        raise ExceptionGroup("timers failed", failures)
    return len(due)


async def _carry_out(tx: Transaction, timer_id: int, kind: TimerKind, charge_id: int, now: datetime) -> None:
    charge = await charge_store.lock(tx, charge_id)
    # Only under the lock is it certain that nobody cleared, moved or took it meanwhile.
    if not await tx.fetchval("delete from timer where id = $1 and due_at <= $2 returning true", timer_id, now):
        return
    event = await EVENTS[kind](tx, charge, now)
    if event is not None:
        facts = await charge_store.apply(tx, life.step(charge, event, now=now), asked_by=ASKED_BY, now=now)
        await outbox.add(tx, facts, now=now)


async def _payment_expired(_tx: Transaction, _charge: Charge, now: datetime) -> Event:
    return StartRefused(at=now, code="payment-expired", reason=NOT_PAID_IN_TIME)


async def _start_expired(_tx: Transaction, _charge: Charge, now: datetime) -> Event:
    return StartExpired(at=now)


async def _reservation_expired(_tx: Transaction, _charge: Charge, now: datetime) -> Event:
    return ReservationExpired(at=now)


async def _end_waited_for(_tx: Transaction, _charge: Charge, now: datetime) -> Event:
    return WaitEnded(at=now)


async def _look_for_ghost(tx: Transaction, charge: Charge, now: datetime) -> Event | None:
    """Close a charge that shows no life, or look again later."""
    assert charge.last_sign_at is not None
    box = await tx.fetchrow(BOX, charge.connector_id)
    assert box is not None
    dead_at = ghost_at(
        last_sign_at=charge.last_sign_at,
        heard_at=box["last_heard_at"] or charge.last_sign_at,
        idle_since=box["status_at"] if box["ocpp_status"] in IDLE_STATUSES else None,
        readings_expected=charge.reading_at != charge.started_at and charge.state is not ChargeState.PAUSED,
    )
    if dead_at <= now:
        return Reaped(at=now)
    await set_timer(tx, TimerKind.SIGN_OF_LIFE, charge.id, min(dead_at, now + LOOK_FOR_GHOSTS_EVERY))
    return None


EVENTS: Mapping[TimerKind, Callable[[Transaction, Charge, datetime], Awaitable[Event | None]]] = {
    TimerKind.PAYMENT: _payment_expired,
    TimerKind.START: _start_expired,
    TimerKind.RESERVATION: _reservation_expired,
    TimerKind.SIGN_OF_LIFE: _look_for_ghost,
    TimerKind.END: _end_waited_for,
}

DUE = "select id, kind, entity_id from timer where due_at <= $1 order by due_at, id limit $2"

BOX = """
select live.ocpp_status, live.status_at, box.last_heard_at
from connector_live live
join connector k on k.id = live.connector_id
left join charge_point box on box.id = k.charge_point_id
where live.connector_id = $1
"""
