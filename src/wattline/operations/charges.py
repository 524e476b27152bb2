"""What people and programs do with charges: ask for one, stop it, force it to stop, start it again, edit its notes.

Asking for one is in charge_requests.py; what charge points do with charges is in transaction_starts.py and
transaction_stops.py, and what they tell about them in charge_signs.py. All of it can be had here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from wattline.database import commands, outbox
from wattline.database.connection import Database, Transaction
from wattline.domain import charge_steps as life
from wattline.domain.access import Viewer
from wattline.domain.charge import Ask
from wattline.domain.charge_events import Event, ForceStopped, StartAsked, StopAsked
from wattline.domain.charge_facts import edited
from wattline.domain.charge_record import Charge
from wattline.domain.refusals import IllegalMove, Invalid, NoContact, Unknown
from wattline.domain.values import ChargeState
from wattline.operations import audit, charge_store
from wattline.operations.charge_requests import StartRequest, request_charge
from wattline.operations.charge_signs import note_start_answer, note_status, note_stop_answer
from wattline.operations.transaction_starts import TransactionAnswer, TransactionStart, begin_charge
from wattline.operations.transaction_stops import TransactionStop, end_charge

__all__ = [
    "ChargeRow", "StartRequest", "TransactionAnswer", "TransactionStart", "TransactionStop", "begin_charge",
    "end_charge", "force_stop_charge", "note_start_answer", "note_status", "note_stop_answer", "patch_charge",
    "request_charge", "restart_charge", "stop_charge",
]  # fmt: skip

ChargeRow = Charge

# What the partner keeps with a charge. It is theirs, so it may change after the charge is completed.
PATCHABLE = frozenset({"payment_session", "partner_external_id", "partner_custom_payload"})


async def stop_charge(database: Database, charge_id: int, *, asked_by: Viewer, source: str, now: datetime) -> ChargeRow:
    """Ask the box to end a charge, to be paid as usual; one that has not begun is taken back.

    `source` (`api`, `portal`) becomes the stop reason. Raises Unknown, NoContact, or IllegalMove when it is over.
    """
    return await _do(database, charge_id, lambda _: StopAsked(at=now, by=source), "stop", asked_by, now)


async def force_stop_charge(
    database: Database, charge_id: int, *, asked_by: Viewer, reason: str | None, now: datetime
) -> ChargeRow:
    """End a charge at once, with or without contact to the box, and take its payment away: nobody pays.

    Raises Unknown, or IllegalMove when it is completed.
    """
    event = ForceStopped(at=now, by=asked_by.name, reason=reason)
    return await _do(database, charge_id, lambda _: event, "force-stop", asked_by, now)


async def restart_charge(database: Database, charge_id: int, *, asked_by: Viewer, now: datetime) -> ChargeRow:
    """Begin a held charge, or ask the box again to begin or end it. Raises Unknown, IllegalMove or NoContact."""

    def again(charge: Charge) -> Event:
        match charge.state:
            case ChargeState.RESERVED | ChargeState.STARTING:
                return StartAsked(at=now)
            case ChargeState.STOPPING:
                return StopAsked(at=now, by=charge.stopped_by or "api")
        raise IllegalMove(charge.state, "restart")

    return await _do(database, charge_id, again, "restart", asked_by, now)


async def patch_charge(
    database: Database, charge_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> ChargeRow:
    """Change the partner's own notes on a charge (see PATCHABLE), even on a completed one: never what it billed."""
    async with database.begin() as tx:
        charge = await _lock_visible(tx, charge_id, asked_by)
        unknown = sorted(changes.keys() - PATCHABLE)
        if unknown:
            raise Invalid(unknown[0], "cannot be changed")
        after = replace(charge, **{**changes, "updated_at": now})
        await charge_store.save(tx, charge, after)
        await outbox.add(tx, [edited(after)], now=now)
        detail = audit.changed({name: getattr(charge, name) for name in changes}, changes)
        await audit.note(tx, asked_by, "edit", "charge", charge_id, now=now, detail=detail)
    return after


async def _do(
    database: Database, charge_id: int, happens: Callable[[Charge], Event], deed: str, asked_by: Viewer, now: datetime
) -> Charge:
    async with database.begin() as tx:
        charge = await _lock_visible(tx, charge_id, asked_by)
        step = life.step(charge, happens(charge), now=now)
        if deed != "force-stop":
            await _must_reach_box(tx, step)
        await outbox.add(tx, await charge_store.apply(tx, step, asked_by=asked_by.name, now=now), now=now)
        await audit.note(tx, asked_by, deed, "charge", charge_id, now=now)
    return step.charge


async def _lock_visible(tx: Transaction, charge_id: int, asked_by: Viewer) -> Charge:
    """Lock a charge that the viewer's team owns or pays; somebody else's reads as unknown."""
    charge = await charge_store.lock(tx, charge_id)
    payer = (charge.paying_operator_id or charge.operator_id, charge.paying_team_id or charge.team_id)
    if not asked_by.sees(charge.operator_id, charge.team_id) and not asked_by.sees(*payer):
        raise Unknown("charge", charge_id)
    return charge


async def _must_reach_box(tx: Transaction, step: life.Step) -> None:
    needs_box = Ask.START in step.asks or Ask.STOP in step.asks
    assert step.charge.charge_point_id is not None
    if needs_box and not await commands.has_contact(tx, step.charge.charge_point_id):
        raise NoContact
