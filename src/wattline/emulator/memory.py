"""What charge points keep when the emulator ends: meter registers, settings, open transactions and unsent ends of them.

Ending the emulator is a loss of power: what was charging is ended at the next start, as a real charge point would.
"""

import os
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from wattline.emulator.box import Box
from wattline.emulator.charging import end
from wattline.emulator.configuration import KEYS
from wattline.emulator.connector import Connector
from wattline.emulator.fleet import Fleet
from wattline.emulator.messages import StopReason, TransactionBegan, TransactionEnded
from wattline.emulator.transaction import Transaction


class KeptTransaction(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction that was open, or whose end or beginning was not delivered. Readings in between are lost."""

    connector: int
    id_tag: str
    began_at: datetime
    meter_wh_start: int
    central_id: int | None = None
    reservation_id: int | None = None
    # Its end, if it has ended.
    reason: StopReason | None = None
    meter_wh: int = 0
    ended_at: datetime | None = None
    ended_by: str | None = None


class KeptBox(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One charge point."""

    registers_wh: list[float]
    out_of_order: list[int] = []
    keys: dict[str, str] = {}
    transactions: list[KeptTransaction] = []


class Kept(Struct, frozen=True, kw_only=True):
    """All charge points by identity, and when."""

    at: datetime
    boxes: dict[str, KeptBox]


def save(fleet: Fleet, path: Path) -> None:
    """Write the file whole or not at all, readable by its owner only: keys may be secret."""
    boxes = {identity: keep(station.box) for identity, station in fleet.stations.items()}
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(Kept(at=fleet.clock.now(), boxes=boxes)))
    fresh.replace(path)


def restore(fleet: Fleet, path: Path) -> None:
    """Give charge points back what they kept. A missing or unreadable file means a fresh start."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError):
        return
    for identity, station in fleet.stations.items():
        if identity in kept.boxes:
            give_back(station.box, kept.boxes[identity], lost_at=kept.at)


def keep(box: Box) -> KeptBox:
    """Note what a box must not forget."""
    unsent = [*([box.in_flight.message] if box.in_flight else []), *box.outbox.durable_messages()]
    return KeptBox(
        registers_wh=[round(connector.register_wh, 3) for connector in box.connectors],
        out_of_order=[connector.number for connector in box.connectors if not connector.is_operative],
        keys={name: value for name, value in box.keys.changed.items() if not KEYS[name].is_readonly},
        transactions=[
            *(_keep_ended(message) for message in unsent if isinstance(message, TransactionEnded)),
            *(_keep_open(connector.transaction) for connector in box.connectors if connector.transaction is not None),
        ],
    )


def give_back(box: Box, kept: KeptBox, *, lost_at: datetime) -> None:
    """Restore a box that has just been built: what was open ends with the power."""
    for connector, register_wh in zip(box.connectors, kept.registers_wh, strict=False):
        connector.register_wh = register_wh
        connector.is_operative = connector.number not in kept.out_of_order
    for name, value in kept.keys.items():
        box.keys.set(name, value)
    for transaction in kept.transactions:
        if transaction.connector <= len(box.connectors):
            _give_back_transaction(box, box.connector(transaction.connector), transaction, lost_at)


def _give_back_transaction(box: Box, connector: Connector, kept: KeptTransaction, lost_at: datetime) -> None:
    transaction = Transaction(
        connector=kept.connector,
        id_tag=kept.id_tag,
        began_at=kept.began_at,
        meter_wh_start=kept.meter_wh_start,
        central_id=kept.central_id,
        reservation_id=kept.reservation_id,
    )
    if kept.central_id is None:
        box.put(TransactionBegan(transaction))
    if kept.reason is None or kept.ended_at is None:
        connector.transaction = transaction
        end(box, connector, StopReason.POWER_LOSS, at=lost_at)
    else:
        box.put(TransactionEnded(transaction, kept.reason, kept.meter_wh, kept.ended_at, kept.ended_by, ()))


def _keep_open(transaction: Transaction) -> KeptTransaction:
    return KeptTransaction(
        connector=transaction.connector,
        id_tag=transaction.id_tag,
        began_at=transaction.began_at,
        meter_wh_start=transaction.meter_wh_start,
        central_id=transaction.central_id,
        reservation_id=transaction.reservation_id,
    )


def _keep_ended(message: TransactionEnded) -> KeptTransaction:
    return msgspec.structs.replace(
        _keep_open(message.transaction),
        reason=message.reason,
        meter_wh=message.meter_wh,
        ended_at=message.at,
        ended_by=message.id_tag,
    )
