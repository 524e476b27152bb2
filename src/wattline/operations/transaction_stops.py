"""StopTransaction: which charge it ends, with how much energy, and what is kept of a stop that ends nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain import charge_steps as life
from wattline.domain.box_time import is_dated, trusted_time
from wattline.domain.charge_events import Stopped
from wattline.domain.charge_key import KeyStatus, is_same_tag
from wattline.domain.charge_record import Charge
from wattline.domain.facts import Fact
from wattline.domain.log_lines import LogKind
from wattline.domain.meter import power_limit_w
from wattline.domain.meter_review import Reading, Review, review
from wattline.domain.signed_data import signed_data
from wattline.domain.stop_reasons import stop_reason
from wattline.operations import charge_store
from wattline.operations.charge_key_rows import judge, place_of_box
from wattline.operations.nameless_stops import find_meant
from wattline.operations.reading_rows import NewReading, store
from wattline.operations.transaction_log import write_line
from wattline.operations.transaction_starts import ASKED_BY, TransactionAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionStop:
    """A StopTransaction in our words. `stopped_at` is the box's own time; `payload` the message as it came."""

    charge_point_id: int
    ocpp_transaction_id: int
    meter_wh: int | None
    stopped_at: datetime
    received_at: datetime
    reason: str | None = None
    id_tag: str | None = None
    readings: Sequence[NewReading] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)
    message_id: str | None = None


async def end_charge(database: Database, stop: TransactionStop, *, now: datetime) -> TransactionAnswer:
    """Close a transaction and let its charge stop. Every stop is answered and kept, whether or not it ends anything.

    Only the box that opened a transaction can end it. A repeat, a stop that can mean no transaction of this box or
    several, and one for a charge that was closed meanwhile change no charge.
    """
    async with database.begin() as tx:
        meant, transaction = await _lock_transaction(tx, stop)
        repeat = transaction is not None and transaction["stopped_at"] is not None
        facts: list[Fact] = []
        if transaction is None:
            await _keep_stray(tx, stop, None)
        elif not repeat:
            facts += await _close(tx, meant, transaction, now)
        elif not _says_the_same(stop, transaction):
            await _keep_stray(tx, stop, transaction["charge_id"])
        if not repeat:
            facts += await _log(tx, meant, stop.ocpp_transaction_id, now)
        await outbox.add(tx, facts, now=now)
        status = await _status_of_tag(tx, stop, transaction, now)
    is_unknown = transaction is None or meant is not stop
    return TransactionAnswer(
        ocpp_transaction_id=stop.ocpp_transaction_id,
        status=status,
        repeat=repeat,
        is_unknown=is_unknown,
        meant=meant.ocpp_transaction_id if is_unknown and transaction is not None else None,
    )


async def _log(tx: Transaction, stop: TransactionStop, told_id: int, now: datetime) -> list[Fact]:
    told = {} if told_id == stop.ocpp_transaction_id else {"toldTransactionId": told_id}
    return await write_line(
        tx, LogKind.STOP_TRANSACTION, stop.charge_point_id, stop.ocpp_transaction_id,
        told_at=trusted_time(stop.stopped_at, received_at=stop.received_at),
        detail={"idTag": stop.id_tag, "meterWh": stop.meter_wh, "reason": stop.reason, **told},
        message_id=stop.message_id, now=now,
    )  # fmt: skip


async def _lock_transaction(tx: Transaction, stop: TransactionStop) -> tuple[TransactionStop, Record | None]:
    """Lock the charge's connector, then read the transaction: another stop may be at work.

    Return it with the stop, which has our number now where the box had only one of its own.
    """
    transaction = await _lock(tx, stop)
    if transaction is not None:
        return stop, transaction
    # The same words may come twice at once: whoever is second is to find what the first has ended.
    await tx.execute(LOCK_BOX, stop.charge_point_id)
    ours = await find_meant(
        tx, stop.charge_point_id, stop.ocpp_transaction_id, stop.meter_wh, stop.id_tag,
        stopped_at=stop.stopped_at, received_at=stop.received_at,
    )  # fmt: skip
    if ours is None:
        return stop, None
    readings = [msgspec.structs.replace(reading, ocpp_transaction_id=ours) for reading in stop.readings]
    meant = replace(stop, ocpp_transaction_id=ours, readings=readings)
    return meant, await _lock(tx, meant)


async def _lock(tx: Transaction, stop: TransactionStop) -> Record | None:
    connector_id = await tx.fetchval(CONNECTOR, stop.charge_point_id, stop.ocpp_transaction_id)
    if connector_id is not None:
        await charge_store.lock_connector(tx, connector_id)
    return await tx.fetchrow(TRANSACTION, stop.charge_point_id, stop.ocpp_transaction_id)


def _says_the_same(stop: TransactionStop, transaction: Record) -> bool:
    # Without a clock on either side there are no times to compare (field note B7).
    dated = is_dated(stop.stopped_at, received_at=stop.received_at) or is_dated(
        transaction["stopped_at"], received_at=transaction["stop_received_at"]
    )
    same_time = stop.stopped_at == transaction["stopped_at"] or not dated
    return same_time and stop.meter_wh == transaction["meter_stop_wh"]


async def _close(tx: Transaction, stop: TransactionStop, transaction: Record, now: datetime) -> list[Fact]:
    await tx.execute(
        STOP, transaction["id"], stop.stopped_at, stop.received_at, stop.meter_wh, stop.reason, stop.id_tag,
        dict(stop.payload),
    )  # fmt: skip
    if stop.readings:
        # StopTransaction does not name its connector; the transaction does.
        number = transaction["connector_number"]
        await store(tx, [msgspec.structs.replace(reading, connector_number=number) for reading in stop.readings])
    if transaction["charge_id"] is None:
        return []
    charge = await charge_store.lock_alone(tx, transaction["charge_id"])
    if charge.transaction_id != transaction["id"]:
        # The box began anew for this charge; the end of its earlier transaction is not the end of the charge.
        return []
    if charge.completed_at is not None:
        await _correct(tx, stop, charge)
        return []
    return await _stop(tx, stop, charge, now)


async def _stop(tx: Transaction, stop: TransactionStop, charge: Charge, now: datetime) -> list[Fact]:
    cable = await tx.fetchrow(CABLE, charge.connector_id, charge.id)
    assert cable is not None
    reviewed = await _review(tx, stop, charge)
    event = Stopped(
        at=_stopped_at(stop, charge),
        reason=stop_reason(told=stop.reason, asked_by=charge.stopped_by),
        meter_stop_wh=reviewed.meter.last_wh if stop.meter_wh is None else stop.meter_wh,
        meter=reviewed.meter,
        oddities=reviewed.oddities,
        signed_data=signed_data(msgspec.to_builtins([each for reading in stop.readings for each in reading.sampled])),
        cable_in=cable["is_in"],
        release_detection=cable["release_detection"],
    )
    return await charge_store.apply(tx, life.step(charge, event, now=now), asked_by=ASKED_BY, now=now)


def _stopped_at(stop: TransactionStop, charge: Charge) -> datetime:
    told = trusted_time(stop.stopped_at, received_at=stop.received_at)
    return max(told, charge.started_at or told)


async def _review(tx: Transaction, stop: TransactionStop, charge: Charge) -> Review:
    """Compute the energy of the whole charge anew: late readings and those that came with the stop count as well."""
    assert charge.started_at is not None
    connector = await tx.fetchrow("select current_kind, max_power_w from connector where id = $1", charge.connector_id)
    assert connector is not None
    rows = await tx.fetch("select measured_at, energy_wh, power_w from reading where charge_id = $1", charge.id)
    return review(
        started_at=charge.started_at,
        start_wh=await tx.fetchval(OPENING, charge.id),
        readings=[Reading(*row) for row in rows],
        stop=Reading(_stopped_at(stop, charge), stop.meter_wh),
        power_limit=power_limit_w(**connector),
    )


async def _correct(tx: Transaction, stop: TransactionStop, charge: Charge) -> None:
    """Keep what a real stop says of a charge that is closed already, beside the figures that were billed."""
    reviewed = await _review(tx, stop, charge)
    correction = {
        "stoppedAt": stop.stopped_at,
        "receivedAt": stop.received_at,
        "meterStopWh": stop.meter_wh,
        "energyWh": reviewed.meter.energy_wh,
        "reason": stop.reason,
    }
    await tx.execute("update charge set correction = $2 where id = $1", charge.id, correction)
    await _keep_stray(tx, stop, charge.id)


async def _keep_stray(tx: Transaction, stop: TransactionStop, charge_id: int | None) -> None:
    await tx.execute(
        KEEP_STRAY, stop.charge_point_id, stop.ocpp_transaction_id, stop.stopped_at, stop.received_at, stop.meter_wh,
        stop.reason, stop.id_tag, charge_id, dict(stop.payload),
    )  # fmt: skip


async def _status_of_tag(
    tx: Transaction, stop: TransactionStop, transaction: Record | None, now: datetime
) -> KeyStatus:
    """Judge the key that stopped the transaction, if one did; the box may remember the answer."""
    if not stop.id_tag or (transaction is not None and is_same_tag(stop.id_tag, transaction["id_tag"])):
        return KeyStatus.ACCEPTED
    place = await place_of_box(tx, stop.charge_point_id)
    return (await judge(tx, stop.id_tag, place, now=now)).status


# The cable that is in belongs to the current charge; one that a box told late has none to wait for.
CABLE = """
select live.cable_plugged_in and live.charge_id is not distinct from $2 as is_in, k.release_detection
from connector k join connector_live live on live.connector_id = k.id where k.id = $1
"""

LOCK_BOX = "select from charge_point where id = $1 for no key update"

CONNECTOR = """
select c.connector_id from transaction t join charge c on c.id = t.charge_id
where t.ocpp_transaction_id = $2::bigint and t.charge_point_id = $1
"""

TRANSACTION = """
select id, id_tag, charge_id, connector_number, stopped_at, stop_received_at, meter_stop_wh from transaction
where ocpp_transaction_id = $2::bigint and charge_point_id = $1 for update
"""

STOP = """
update transaction set stopped_at = $2, stop_received_at = $3, meter_stop_wh = $4, stop_reason = $5, stop_tag = $6,
  stop_data = $7
where id = $1
"""

# The charge's register at its beginning, as its first transaction told it.
OPENING = "select meter_start_wh from transaction where charge_id = $1 order by id limit 1"

KEEP_STRAY = """
insert into stray_stop (charge_point_id, ocpp_transaction_id, stopped_at, received_at, meter_stop_wh, reason, id_tag,
  charge_id, payload)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
"""
