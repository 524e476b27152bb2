"""A box tells of itself: its start, that it lives, how its connectors are, how far an upload or an update is."""

from collections.abc import Sequence

import msgspec

from wattline.domain.box_time import trusted_time
from wattline.ocpp.box import Box, Received, Refused
from wattline.ocpp.quirks import quirks_for
from wattline.operations import devices
from wattline.operations.devices import Boot, Report
from wattline.operations.statuses import StatusReport
from wattline.wire.ocpp import v16
from wattline.wire.ocpp.versions import ErrorCode

# The largest charge point in the field has some dozens; a number beyond this is damage, and may not reach a column.
CONNECTOR_NUMBER_MAX = 1000


async def boot(box: Box, message: v16.BootNotification, received: Received) -> v16.BootNotificationResponse:
    """BootNotification: learn what the box is, and tell it the time."""
    told = Boot(
        charge_point_id=box.id,
        vendor=message.charge_point_vendor,
        model=message.charge_point_model,
        serial_number=message.charge_point_serial_number or message.charge_box_serial_number,
        firmware_version=message.firmware_version,
        iccid=message.iccid,
        imsi=message.imsi,
        meter_type=message.meter_type,
        meter_serial=message.meter_serial_number,
        message_id=received.message_id,
    )
    await box.shared.boots.put([told], key=box.id, then=none)
    box.quirks = quirks_for(told.vendor, told.model, told.firmware_version)
    return v16.BootNotificationResponse(
        status="Accepted", current_time=box.shared.clock(), interval=box.shared.settings.ocpp.heartbeat_seconds
    )


def heartbeat(box: Box, message: v16.Heartbeat, received: Received) -> v16.HeartbeatResponse:
    """Heartbeat: any frame tells that a box lives, so there is nothing to store, only the time to tell."""
    return v16.HeartbeatResponse(current_time=received.at)


async def status(box: Box, message: v16.StatusNotification, received: Received) -> v16.StatusNotificationResponse:
    """StatusNotification: how a connector, or as number 0 the whole box, is."""
    report = StatusReport(
        charge_point_id=box.id,
        operator_id=box.operator_id,
        connector_number=connector_number(message.connector_id),
        status=message.status,
        error_code=message.error_code,
        info=message.info,
        vendor_error_code=message.vendor_error_code,
        told_at=trusted_time(message.timestamp or received.at, received_at=received.at),
        received_at=received.at,
        message_id=received.message_id,
    )
    await box.shared.statuses.put([report], key=box.id, then=none)
    return v16.StatusNotificationResponse()


async def firmware_status(
    box: Box, message: v16.FirmwareStatusNotification, received: Received
) -> v16.FirmwareStatusNotificationResponse:
    """FirmwareStatusNotification: how far an update is."""
    await _note(box, "FirmwareStatusNotification", message, received)
    return v16.FirmwareStatusNotificationResponse()


async def signed_firmware_status(
    box: Box, message: v16.SignedFirmwareStatusNotification, received: Received
) -> v16.SignedFirmwareStatusNotificationResponse:
    """SignedFirmwareStatusNotification (security extension)."""
    await _note(box, "SignedFirmwareStatusNotification", message, received)
    return v16.SignedFirmwareStatusNotificationResponse()


async def diagnostics_status(
    box: Box, message: v16.DiagnosticsStatusNotification, received: Received
) -> v16.DiagnosticsStatusNotificationResponse:
    """DiagnosticsStatusNotification: how far an upload is."""
    await _note(box, "DiagnosticsStatusNotification", message, received)
    return v16.DiagnosticsStatusNotificationResponse()


async def log_status(
    box: Box, message: v16.LogStatusNotification, received: Received
) -> v16.LogStatusNotificationResponse:
    """LogStatusNotification (security extension): how far an upload is."""
    await _note(box, "LogStatusNotification", message, received)
    return v16.LogStatusNotificationResponse()


async def security_event(
    box: Box, message: v16.SecurityEventNotification, received: Received
) -> v16.SecurityEventNotificationResponse:
    """SecurityEventNotification (security extension)."""
    told_at = trusted_time(message.timestamp, received_at=received.at)
    await devices.note_security_event(
        box.shared.database,
        Report(
            charge_point_id=box.id,
            kind="SecurityEventNotification",
            detail={"type": message.type, "techInfo": message.tech_info},
            told_at=told_at,
            message_id=received.message_id,
        ),
        type=message.type,
        at=told_at,
        tech_info=message.tech_info,
        now=received.at,
    )
    return v16.SecurityEventNotificationResponse()


async def sign_certificate(box: Box, message: v16.SignCertificate, received: Received) -> v16.SignCertificateResponse:
    """SignCertificate (security extension): the request is kept; the answer only says that we have it."""
    await devices.note_signing_request(
        box.shared.database,
        Report(charge_point_id=box.id, kind="SignCertificate", detail={}, message_id=received.message_id),
        csr=message.csr,
        now=received.at,
    )
    return v16.SignCertificateResponse(status="Accepted")


def connector_number(number: int) -> int:
    """Check a connector's number."""
    if not 0 <= number <= CONNECTOR_NUMBER_MAX:
        raise Refused(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, f"connectorId {number} cannot be")
    return number


def none(_outcomes: Sequence[None]) -> None:
    """Make nothing of outcomes that say nothing."""


async def _note(box: Box, kind: str, message: v16.Shape, received: Received) -> None:
    report = Report(
        charge_point_id=box.id, kind=kind, detail=msgspec.to_builtins(message), message_id=received.message_id
    )
    await box.patiently(lambda: devices.note_report(box.shared.database, report, now=received.at))
