"""What a box's meter reads: MeterValues, and the readings that come with a StopTransaction."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from hashlib import blake2b

import msgspec

from wattline.domain.nameless_stop import is_placeholder
from wattline.ocpp.box import Box, Received
from wattline.ocpp.v16.reports import connector_number
from wattline.operations.readings import NewReading, ReadingOutcome
from wattline.wire.ocpp import v16
from wattline.wire.ocpp.deviations import Code
from wattline.wire.ocpp.meter import Sample, read_meter_value

_encode = msgspec.json.Encoder().encode


def meter_values(box: Box, message: v16.MeterValues, received: Received) -> "asyncio.Future[v16.MeterValuesResponse]":
    """MeterValues: stored before the answer, whether or not we know the transaction."""
    number = connector_number(message.connector_id)
    readings = readings_of(box, number, message.transaction_id, message.meter_value, received)
    return box.shared.readings.put(readings, key=box.id, then=partial(_stored, box, message.transaction_id))


def _stored(box: Box, transaction_id: int | None, outcomes: Sequence[ReadingOutcome]) -> v16.MeterValuesResponse:
    if transaction_id is not None and is_placeholder(transaction_id):
        box.note(Code.TRANSACTION_ID_PLACEHOLDER, "transactionId", transaction_id)
    elif transaction_id is not None and ReadingOutcome.NO_TRANSACTION in outcomes:
        box.note(Code.TRANSACTION_UNKNOWN, "transactionId", transaction_id)
    return METER_VALUES_ANSWER


METER_VALUES_ANSWER = v16.MeterValuesResponse()


def readings_of(
    box: Box,
    number: int,
    transaction_id: int | None,
    meter_values: Iterable[v16.MeterValue],
    received: Received,
) -> list[NewReading]:
    """Translate meter values into readings of our own units."""
    return [_reading(box, number, transaction_id, meter_value, received) for meter_value in meter_values]


def _reading(
    box: Box, number: int, transaction_id: int | None, meter_value: v16.MeterValue, received: Received
) -> NewReading:
    sample: Sample = read_meter_value(meter_value, wh_means_kwh=box.quirks.wh_means_kwh)
    if sample.deviations:
        box.shared.deviations.note(box.id, sample.deviations)
    return NewReading(
        operator_id=box.operator_id,
        charge_point_id=box.id,
        connector_number=number,
        ocpp_transaction_id=transaction_id,
        measured_at=meter_value.timestamp,
        received_at=received.at,
        context=sample.context,
        energy_wh=sample.energy_wh,
        power_w=sample.power_w,
        current_a=None if sample.current_a is None else float(sample.current_a),
        voltage_v=None if sample.voltage_v is None else float(sample.voltage_v),
        soc_percent=None if sample.soc_percent is None else float(sample.soc_percent),
        sampled=meter_value.sampled_value,
        fingerprint=_fingerprint(transaction_id, meter_value),
    )


def _fingerprint(transaction_id: int | None, meter_value: v16.MeterValue) -> int:
    """Tell a resent reading from another one of the same moment: equal for equal contents, in every process."""
    digest = blake2b(_encode((transaction_id, meter_value.sampled_value)), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
