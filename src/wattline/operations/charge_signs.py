"""What a box lets us know about a charge: statuses of its connector, and answers to what we asked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from wattline.database.connection import Transaction
from wattline.domain import charge_steps as life
from wattline.domain.charge_events import (
    CableOut,
    EnergyFlows,
    Event,
    PausedByCar,
    PausedByChargePoint,
    StartRefused,
    StopRefused,
)
from wattline.domain.charge_record import Charge
from wattline.domain.connector import cable_plugged_in
from wattline.domain.facts import Fact
from wattline.domain.values import ChargeState
from wattline.operations import charge_store

ASKED_BY = "charge point"

_BY_STATUS: Mapping[str, type[Event]] = {
    "Charging": EnergyFlows,
    "SuspendedEV": PausedByCar,
    "SuspendedEVSE": PausedByChargePoint,
}

# Outcomes of a command after which the box will not do what it was asked. Silence is none: it may still do it.
_WILL_NOT = frozenset({"refused", "error", "no-contact", "expired"})

# A box that cannot hold its connector says so; the others just do not know reservations, and we hold it ourselves.
_NOTHING_TO_HOLD = frozenset({"Occupied", "Faulted", "Unavailable"})

_WHY_NOT_STARTED: Mapping[str, str] = {
    "refused": "The charge point refused to start. Some refuse until the cable was pulled after the charge before.",
    "error": "The charge point answered the start with an error. Reboot it, then start again.",
    "no-contact": "The charge point lost its connection before it could be told to start.",
    "expired": "The charge point could not be told to start in time.",
}


async def note_status(tx: Transaction, connector_id: int, status: str, *, at: datetime, now: datetime) -> list[Fact]:
    """Let a StatusNotification have its effect on the connector's charge; return the facts to tell.

    `at` is the box's own, trusted time. A status from before the charge began is history and changes nothing. And
    Available does not end a running charge: boxes that replay a queue tell it before the stop (field note T3).
    """
    await charge_store.lock_connector(tx, connector_id)
    charge = await charge_store.current(tx, connector_id)
    if charge is None or at < (charge.started_at or charge.created_at):
        return []
    if not charge.begun:
        return await _note_cable(tx, charge, status, at)
    event = _BY_STATUS.get(status)
    if event is None and not cable_plugged_in(status, before=True):
        event = CableOut
    if event is None or not life.is_legal(charge, event):
        return []
    return await charge_store.apply(tx, life.step(charge, event(at=at), now=now), asked_by=ASKED_BY, now=now)


async def note_start_answer(
    tx: Transaction, charge_id: int, command_id: int, outcome: str, answer: Mapping[str, Any] | None, *, now: datetime
) -> list[Fact]:
    """Take the outcome of RemoteStartTransaction or ReserveNow; return the facts to tell.

    Only the last of several attempts counts: when somebody asked again, the no to the one before says nothing.
    """
    charge = await charge_store.lock(tx, charge_id)
    if await _was_asked_again(tx, charge_id, command_id, ["RemoteStartTransaction", "ReserveNow"]):
        return []
    starting = charge.state is ChargeState.STARTING and outcome in _WILL_NOT
    status = str((answer or {}).get("status"))
    holding = charge.state is ChargeState.RESERVED and outcome == "refused" and status in _NOTHING_TO_HOLD
    if not starting and not holding:
        return []
    reason = _WHY_NOT_STARTED[outcome] if starting else f"The charge point could not be held: it is {status.lower()}."
    event = StartRefused(at=now, code=f"start-{outcome}" if starting else "hold-refused", reason=reason)
    return await charge_store.apply(tx, life.step(charge, event, now=now), asked_by=ASKED_BY, now=now)


async def note_stop_answer(
    tx: Transaction, charge_id: int, command_id: int, outcome: str, answer: Mapping[str, Any] | None, *, now: datetime
) -> list[Fact]:
    """Take the outcome of RemoteStopTransaction: a box that will not stop charges on. Returns the facts to tell.

    Only the last of several attempts counts.
    """
    charge = await charge_store.lock(tx, charge_id)
    if await _was_asked_again(tx, charge_id, command_id, ["RemoteStopTransaction"]):
        return []
    if charge.state is not ChargeState.STOPPING or outcome not in _WILL_NOT:
        return []
    event = StopRefused(at=now, outcome=outcome, answer=dict(answer or {}))
    return await charge_store.apply(tx, life.step(charge, event, now=now), asked_by=ASKED_BY, now=now)


async def _note_cable(tx: Transaction, charge: Charge, status: str, at: datetime) -> list[Fact]:
    if charge.cable_plugged_in_at is None and cable_plugged_in(status, before=False):
        await charge_store.save(tx, charge, replace(charge, cable_plugged_in_at=at))
    return []


async def _was_asked_again(tx: Transaction, charge_id: int, command_id: int, actions: list[str]) -> bool:
    return bool(await tx.fetchval(ASKED_AGAIN, charge_id, command_id, actions))


ASKED_AGAIN = "select exists (select from command where charge_id = $1 and id > $2 and action = any($3))"
