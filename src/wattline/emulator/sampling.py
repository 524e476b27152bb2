"""When readings are taken: every so many seconds of a transaction, by the clock, at its beginning and at its end."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from wattline.emulator.box import Box
from wattline.emulator.connector import Connector
from wattline.emulator.measurands import Measurand, read_measurands
from wattline.emulator.messages import IdleMeterRead, MeterRead, Reading
from wattline.emulator.meter import read_meter
from wattline.emulator.quirks import Quirk
from wattline.emulator.transaction import Transaction

# A stop that carries a night of readings must still fit into one frame.
KEPT_READINGS_MAX = 100


def configured(box: Box, key: str) -> Sequence[Measurand]:
    """The measurands that a configuration key lists."""
    return read_measurands(box.keys.text(key)) or ()


def begin_sampling(box: Box, connector: Connector) -> None:
    """Take the first reading of a transaction and plan the next."""
    connector.sampled_wh = connector.register_wh
    _keep(box, connector, "StopTxnSampledData", "Transaction.Begin")
    plan_samples(box, connector)


def plan_samples(box: Box, connector: Connector) -> None:
    """Plan the next periodic reading by the interval that is configured now."""
    seconds = box.keys.number("MeterValueSampleInterval")
    if connector.transaction is None or not seconds:
        box.agenda.clear(("sample", connector.number))
        return
    box.agenda.set(("sample", connector.number), box.now + timedelta(seconds=seconds), partial(_sample, box, connector))


def end_sampling(box: Box, connector: Connector) -> tuple[Reading, ...]:
    """Take the last reading of a transaction and return all that its end has to carry."""
    box.agenda.clear(("sample", connector.number))
    _keep(box, connector, "StopTxnSampledData", "Transaction.End")
    assert connector.transaction is not None
    return tuple(connector.transaction.kept_readings)


def say_reading(box: Box, connector: Connector, *, context: str, key: str) -> None:
    """Take a reading now and queue it, as part of the transaction if there is one."""
    if Quirk.NO_METER_VALUES in box.quirks:
        return
    reading = read_meter(connector, configured(box, key), context=context, at=box.now)
    if not reading.samples:
        return
    if connector.transaction is None:
        if box.is_online:
            box.put(IdleMeterRead(connector.number, reading))
    else:
        box.put(MeterRead(connector.number, connector.transaction, reading))


def plan_aligned(box: Box) -> None:
    """Plan the next reading by the clock: at the multiples of the interval since midnight UTC."""
    seconds = box.keys.number("ClockAlignedDataInterval")
    if not seconds:
        box.agenda.clear(("aligned",))
        return
    midnight = box.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    passed = int((box.now - midnight).total_seconds()) // seconds
    at = min(midnight + timedelta(seconds=(passed + 1) * seconds), midnight + timedelta(days=1))
    box.agenda.set(("aligned",), at, partial(_align, box))


def _sample(box: Box, connector: Connector, at: datetime) -> None:
    if connector.transaction is None:
        return
    say_reading(box, connector, context="Sample.Periodic", key="MeterValuesSampledData")
    _keep(box, connector, "StopTxnSampledData", "Sample.Periodic")
    connector.sampled_wh = connector.register_wh
    plan_samples(box, connector)


def _align(box: Box, at: datetime) -> None:
    for connector in box.connectors:
        say_reading(box, connector, context="Sample.Clock", key="MeterValuesAlignedData")
        if connector.transaction is not None:
            _keep(box, connector, "StopTxnAlignedData", "Sample.Clock")
    plan_aligned(box)


def _keep(box: Box, connector: Connector, key: str, context: str) -> None:
    assert connector.transaction is not None
    measurands = configured(box, key)
    if measurands:
        reading = read_meter(connector, measurands, context=context, at=box.now)
        _keep_within_bounds(connector.transaction, reading)


def _keep_within_bounds(transaction: Transaction, reading: Reading) -> None:
    if len(transaction.kept_readings) >= KEPT_READINGS_MAX:
        # Every second one in between goes; the first and the last are what is billed.
        transaction.kept_readings[1:-1] = transaction.kept_readings[1:-1:2]
    transaction.kept_readings.append(reading)
