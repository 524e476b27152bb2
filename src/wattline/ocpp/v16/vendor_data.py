"""DataTransfer: what makers say in words of their own. What we understand is acted on, the rest is kept in the log."""

from wattline.ocpp.box import Box, Received
from wattline.ocpp.quirks.data_transfers import status_in
from wattline.ocpp.v16 import reports
from wattline.operations import devices
from wattline.operations.devices import Report
from wattline.wire.ocpp import v16


async def data_transfer(box: Box, message: v16.DataTransfer, received: Received) -> v16.DataTransferResponse:
    """DataTransfer from a box. Section 4.3: who does not know the vendor says so."""
    status = status_in(message)
    if status is not None:
        await reports.status(box, status, received)
        return v16.DataTransferResponse(status="Accepted")
    detail = v16.to_payload(message) | {"from": "charge point"}
    report = Report(charge_point_id=box.id, kind="DataTransfer", detail=detail, message_id=received.message_id)
    await box.patiently(lambda: devices.note_report(box.shared.database, report, now=received.at))
    return v16.DataTransferResponse(status="UnknownVendorId")
