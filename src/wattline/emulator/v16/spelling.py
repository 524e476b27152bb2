"""What a charge point says, spelled as OCPP 1.6 payloads."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from wattline.emulator.box import Box
from wattline.emulator.connector import NO_ERROR
from wattline.emulator.messages import (
    BootUp,
    CertificateWanted,
    DiagnosticsProgress,
    FirmwareProgress,
    Heartbeat,
    IdleMeterRead,
    KeyShown,
    LogProgress,
    Message,
    MeterRead,
    Reading,
    Sample,
    SecurityEvent,
    StatusChanged,
    TransactionBegan,
    TransactionEnded,
    VendorData,
)
from wattline.emulator.quirks import Quirk
from wattline.emulator.transaction import Transaction
from wattline.emulator.v16.oddities import make_odd

Payload = dict[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What some firmware sends for a transaction whose start was never answered.
UNKNOWN_TRANSACTION_ID = -1


def spell(box: Box, message: Message) -> tuple[str, Payload]:
    """Return action and payload of a message, with the box's quirks."""
    action, write = _action(message), WRITERS[type(message)]
    payload = {name: value for name, value in write(box, message).items() if value is not None}
    return action, make_odd(box, message, action, payload)


def spell_time(box: Box, at: datetime) -> str:
    """Write a time to the millisecond, as the box's clock shows it."""
    if Quirk.CLOCK_STARTS_IN_1970 in box.quirks and (box.synchronised_at is None or at < box.synchronised_at):
        at = EPOCH + max(at - box.started_at, EPOCH - EPOCH)
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def spell_readings(box: Box, readings: Iterable[Reading]) -> list[Payload]:
    """Write readings as a meterValue array."""
    return [
        {
            "timestamp": spell_time(box, reading.at),
            "sampledValue": [_spell_sample(sample, reading.context) for sample in reading.samples],
        }
        for reading in readings
    ]


def _spell_sample(sample: Sample, context: str) -> Payload:
    spelled = {"value": sample.value, "context": context, "measurand": sample.measurand}
    if sample.phase is not None:
        spelled["phase"] = sample.phase
    if sample.location is not None:
        spelled["location"] = sample.location
    if sample.unit:
        # OCPP 1.6 knows no unit of frequency (section 7.45); the value is in hertz by definition.
        spelled |= {} if sample.unit == "Hertz" else {"unit": sample.unit}
    return spelled


def _action(message: Message) -> str:
    if isinstance(message, FirmwareProgress) and message.request_id is not None:
        return "SignedFirmwareStatusNotification"
    return ACTIONS[type(message)]


def _boot(box: Box, message: BootUp) -> Payload:
    return {
        "chargePointVendor": box.hardware.vendor,
        "chargePointModel": box.hardware.model[:20],
        "chargePointSerialNumber": box.identity[:25],
        "firmwareVersion": box.firmware[:50],
        "meterType": box.hardware.meter_type[:25],
    }


def _status(box: Box, message: StatusChanged) -> Payload:
    return {
        "connectorId": message.connector,
        "errorCode": message.error_code,
        "status": message.status.value,
        "timestamp": spell_time(box, message.at),
        "info": None if message.error_code == NO_ERROR else "set by the emulator",
    }


def _start(box: Box, message: TransactionBegan) -> Payload:
    transaction = message.transaction
    return {
        "connectorId": transaction.connector,
        "idTag": transaction.id_tag,
        "meterStart": transaction.meter_wh_start,
        "timestamp": spell_time(box, transaction.began_at),
        "reservationId": transaction.reservation_id,
    }


def _stop(box: Box, message: TransactionEnded) -> Payload:
    return {
        "transactionId": _known_id(message.transaction),
        "meterStop": message.meter_wh,
        "timestamp": spell_time(box, message.at),
        "reason": message.reason.value,
        "idTag": message.id_tag,
        "transactionData": spell_readings(box, message.readings) or None,
    }


def _known_id(transaction: Transaction) -> int:
    return UNKNOWN_TRANSACTION_ID if transaction.central_id is None else transaction.central_id


def _meter(box: Box, message: MeterRead) -> Payload:
    return {
        "connectorId": message.connector,
        "transactionId": message.transaction.central_id,
        "meterValue": spell_readings(box, [message.reading]),
    }


def _idle_meter(box: Box, message: IdleMeterRead) -> Payload:
    return {"connectorId": message.connector, "meterValue": spell_readings(box, [message.reading])}


def _security_event(box: Box, message: SecurityEvent) -> Payload:
    return {"type": message.kind, "timestamp": spell_time(box, message.at), "techInfo": message.info}


def _vendor_data(box: Box, message: VendorData) -> Payload:
    return {"vendorId": message.vendor, "messageId": message.message_id, "data": message.data}


WRITERS: dict[type[Message], Callable[[Box, Any], Payload]] = {
    BootUp: _boot,
    Heartbeat: lambda box, message: {},
    StatusChanged: _status,
    KeyShown: lambda box, message: {"idTag": message.id_tag},
    TransactionBegan: _start,
    TransactionEnded: _stop,
    MeterRead: _meter,
    IdleMeterRead: _idle_meter,
    FirmwareProgress: lambda box, message: {"status": message.status, "requestId": message.request_id},
    DiagnosticsProgress: lambda box, message: {"status": message.status},
    LogProgress: lambda box, message: {"status": message.status, "requestId": message.request_id},
    SecurityEvent: _security_event,
    CertificateWanted: lambda box, message: {"csr": message.csr},
    VendorData: _vendor_data,
}
ACTIONS: dict[type[Message], str] = {
    BootUp: "BootNotification",
    Heartbeat: "Heartbeat",
    StatusChanged: "StatusNotification",
    KeyShown: "Authorize",
    TransactionBegan: "StartTransaction",
    TransactionEnded: "StopTransaction",
    MeterRead: "MeterValues",
    IdleMeterRead: "MeterValues",
    FirmwareProgress: "FirmwareStatusNotification",
    DiagnosticsProgress: "DiagnosticsStatusNotification",
    LogProgress: "LogStatusNotification",
    SecurityEvent: "SecurityEventNotification",
    CertificateWanted: "SignCertificate",
    VendorData: "DataTransfer",
}
