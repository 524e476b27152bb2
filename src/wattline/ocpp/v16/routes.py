"""Which OCPP 1.6 messages we answer. The table is the coverage report: every action a charge point may send is here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from wattline.ocpp.box import Box, Received
from wattline.ocpp.v16 import meters, reports, transactions, vendor_data
from wattline.wire.ocpp import v16
from wattline.wire.ocpp.v16 import Shape

# The answer at once, or when what was told is stored.
Handler = Callable[[Box, Any, Received], Shape | Awaitable[Shape]]


class Route(NamedTuple):
    """What a payload is read as, and who acts on it."""

    message: type[Shape]
    handle: Handler


ROUTES: Mapping[str, Route] = {
    "Authorize": Route(v16.Authorize, transactions.authorize),
    "BootNotification": Route(v16.BootNotification, reports.boot),
    "DataTransfer": Route(v16.DataTransfer, vendor_data.data_transfer),
    "DiagnosticsStatusNotification": Route(v16.DiagnosticsStatusNotification, reports.diagnostics_status),
    "FirmwareStatusNotification": Route(v16.FirmwareStatusNotification, reports.firmware_status),
    "Heartbeat": Route(v16.Heartbeat, reports.heartbeat),
    "LogStatusNotification": Route(v16.LogStatusNotification, reports.log_status),
    "MeterValues": Route(v16.MeterValues, meters.meter_values),
    "SecurityEventNotification": Route(v16.SecurityEventNotification, reports.security_event),
    "SignCertificate": Route(v16.SignCertificate, reports.sign_certificate),
    "SignedFirmwareStatusNotification": Route(v16.SignedFirmwareStatusNotification, reports.signed_firmware_status),
    "StartTransaction": Route(v16.StartTransaction, transactions.start),
    "StatusNotification": Route(v16.StatusNotification, reports.status),
    "StopTransaction": Route(v16.StopTransaction, transactions.stop),
}
