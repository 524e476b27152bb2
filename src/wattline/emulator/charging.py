"""How a transaction begins and ends on the charge point's side."""

from datetime import datetime, timedelta
from functools import partial

from wattline.emulator.admission import ACCEPTED, Verdict
from wattline.emulator.box import Box
from wattline.emulator.connector import NO_ERROR, Connector, Welcome
from wattline.emulator.messages import StopReason, TransactionBegan, TransactionEnded
from wattline.emulator.quirks import Quirk
from wattline.emulator.sampling import begin_sampling, end_sampling, say_reading
from wattline.emulator.transaction import Transaction


def admit(box: Box, connector: Connector, id_tag: str, parent_id_tag: str | None = None) -> None:
    """A key is good: begin when a car is there, else wait for one as long as ConnectionTimeOut says."""
    if connector.car is not None:
        begin(box, connector, id_tag, parent_id_tag)
        return
    connector.welcome = Welcome(id_tag, parent_id_tag)
    patience = timedelta(seconds=box.keys.number("ConnectionTimeOut"))
    if patience:
        box.agenda.set(("no-car", connector.number), box.now + patience, partial(_give_up_waiting, connector))


def _give_up_waiting(connector: Connector, at: datetime) -> None:
    connector.welcome = None


def begin(box: Box, connector: Connector, id_tag: str, parent_id_tag: str | None = None) -> None:
    """Let power flow to the car that is plugged in."""
    assert connector.car is not None
    assert connector.transaction is None
    connector.transaction = Transaction(
        connector=connector.number,
        id_tag=id_tag,
        parent_id_tag=parent_id_tag,
        began_at=box.now,
        meter_wh_start=connector.meter_wh,
        reservation_id=None if connector.reservation is None else connector.reservation.id,
    )
    connector.welcome = connector.reservation = None
    connector.has_finished = connector.is_paused = False
    box.agenda.clear(("no-car", connector.number))
    box.agenda.clear(("reservation", connector.number))
    box.put(TransactionBegan(connector.transaction))
    begin_sampling(box, connector)
    box.look()


def end(
    box: Box, connector: Connector, reason: StopReason, *, id_tag: str | None = None, at: datetime | None = None
) -> None:
    """End the transaction; the cable stays where it is. `at` dates an end that is told later, after a power loss."""
    transaction = connector.transaction
    assert transaction is not None
    if Quirk.READINGS_AFTER_STOP not in box.quirks:
        readings = end_sampling(box, connector)
        box.put(TransactionEnded(transaction, reason, connector.meter_wh, at or box.now, id_tag, readings))
    else:
        box.put(TransactionEnded(transaction, reason, connector.meter_wh, at or box.now, id_tag, ()))
        say_reading(box, connector, context="Transaction.End", key="MeterValuesSampledData")
        end_sampling(box, connector)
    _tidy_up(box, connector)


def _tidy_up(box: Box, connector: Connector) -> None:
    connector.transaction = None
    connector.power_w = 0.0
    connector.limit_w = connector.limit_phases = None
    connector.is_paused = False
    connector.has_finished = connector.car is not None
    box.profiles.forget_transaction(connector.number)
    if connector.operative_later is not None:
        connector.is_operative, connector.operative_later = connector.operative_later, None
    box.look()


def start_answered(box: Box, transaction: Transaction, central_id: int, verdict: Verdict) -> None:
    """Take the central system's id, and its word on the key: a refused one ends or pauses the charge.

    OCPP 1.6 sections 4.8 and 9.1.28: StopTransactionOnInvalidId ends it; else no power beyond MaxEnergyOnInvalidId.
    """
    transaction.central_id = central_id
    transaction.parent_id_tag = verdict.parent_id_tag or transaction.parent_id_tag
    box.admission.remember(transaction.id_tag, verdict)
    connector = box.connector(transaction.connector)
    if verdict.status == ACCEPTED or connector.transaction is not transaction:
        return
    transaction.is_refused = True
    if box.keys.is_on("StopTransactionOnInvalidId"):
        end(box, connector, StopReason.DE_AUTHORIZED)
        return
    allowed_wh = box.keys.number("MaxEnergyOnInvalidId")
    transaction.free_until_wh = transaction.meter_wh_start + allowed_wh if allowed_wh else None


def can_start(box: Box, connector: Connector, id_tag: str, parent_id_tag: str | None = None) -> bool:
    """Tell whether this key could begin a transaction here now."""
    usable = box.is_operative and connector.is_operative and connector.error_code == NO_ERROR
    kept_for_other = connector.reservation is not None and not connector.reservation.admits(id_tag, parent_id_tag)
    stubborn = connector.has_finished and Quirk.NO_START_IN_FINISHING in box.quirks
    return usable and connector.transaction is None and not kept_for_other and not stubborn
