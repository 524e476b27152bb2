"""OCPP 1.6: the messages a charge point sends and the answers it gets, in our spelling.

Written by hand for the 14 actions we act on; sections are those of OCPP 1.6 edition 2. `understand` makes them from
payloads that obey the schema or were mended to; lengths are not checked again, since we keep what is too long. Times
are aware datetimes, energy is Wh.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from wattline.wire.ocpp.times import whole_second

Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer PostgreSQL can keep. JSON knows no largest number, and neither do the schemas."""

RegistrationStatus = Literal["Accepted", "Pending", "Rejected"]
AuthorizationStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]
DataTransferStatus = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
GenericStatus = Literal["Accepted", "Rejected"]
ConnectorStatus = Literal[
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEVSE",
    "SuspendedEV",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
]
ErrorCode = Literal[
    "ConnectorLockFailure",
    "EVCommunicationError",
    "GroundFailure",
    "HighTemperature",
    "InternalError",
    "LocalListConflict",
    "NoError",
    "OtherError",
    "OverCurrentFailure",
    "PowerMeterFailure",
    "PowerSwitchFailure",
    "ReaderFailure",
    "ResetFailure",
    "UnderVoltage",
    "OverVoltage",
    "WeakSignal",
]
StopReason = Literal[
    "EmergencyStop",
    "EVDisconnected",
    "HardReset",
    "Local",
    "Other",
    "PowerLoss",
    "Reboot",
    "Remote",
    "SoftReset",
    "UnlockCommand",
    "DeAuthorized",
]
DiagnosticsStatus = Literal["Idle", "Uploaded", "UploadFailed", "Uploading"]
FirmwareStatus = Literal[
    "Downloaded", "DownloadFailed", "Downloading", "Idle", "InstallationFailed", "Installing", "Installed"
]
SignedFirmwareStatus = Literal[
    "Downloaded",
    "DownloadFailed",
    "Downloading",
    "DownloadScheduled",
    "DownloadPaused",
    "Idle",
    "InstallationFailed",
    "Installing",
    "Installed",
    "InstallRebooting",
    "InstallScheduled",
    "InstallVerificationFailed",
    "InvalidSignature",
    "SignatureVerified",
]
LogStatus = Literal[
    "BadMessage", "Idle", "NotSupportedOperation", "PermissionDenied", "Uploaded", "UploadFailure", "Uploading"
]


class Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False):
    """One JSON object of OCPP: camelCase on the wire, what is not given left out. It can hold no cycle."""


def to_payload(shape: Shape) -> dict[str, Any]:
    """Return the JSON object of a message, as dict with OCPP's names."""
    payload: dict[str, Any] = msgspec.to_builtins(shape)
    return payload


class IdTagInfo(Shape, frozen=True):
    """Section 7.27: what we say about a key."""

    status: AuthorizationStatus
    expiry_date: datetime | None = None
    parent_id_tag: str | None = None

    def __post_init__(self) -> None:
        if self.expiry_date is not None:
            msgspec.structs.force_setattr(self, "expiry_date", whole_second(self.expiry_date))


class SampledValue(Shape, frozen=True):
    """Section 7.43: one number a meter read. Its list, encoded again, is what the charge point sent."""

    value: str
    context: str | None = None
    format: str | None = None
    measurand: str | None = None
    phase: str | None = None
    location: str | None = None
    unit: str | None = None


class MeterValue(Shape, frozen=True):
    """Section 7.33: everything a meter read at one moment."""

    timestamp: datetime
    sampled_value: tuple[SampledValue, ...]


class BootNotification(Shape, frozen=True):
    """Section 6.3."""

    charge_point_vendor: str
    charge_point_model: str
    charge_point_serial_number: str | None = None
    charge_box_serial_number: str | None = None
    firmware_version: str | None = None
    iccid: str | None = None
    imsi: str | None = None
    meter_type: str | None = None
    meter_serial_number: str | None = None


class BootNotificationResponse(Shape, frozen=True):
    """Section 6.4. `interval`: seconds between heartbeats, or until the next boot when not accepted."""

    status: RegistrationStatus
    current_time: datetime
    interval: int

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "current_time", whole_second(self.current_time))


class Heartbeat(Shape, frozen=True):
    """Section 6.29."""


class HeartbeatResponse(Shape, frozen=True):
    """Section 6.30."""

    current_time: datetime

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "current_time", whole_second(self.current_time))


class StatusNotification(Shape, frozen=True):
    """Section 6.47. Connector 0 is the charge point as a whole."""

    connector_id: Whole
    error_code: ErrorCode
    status: ConnectorStatus
    info: str | None = None
    timestamp: datetime | None = None
    vendor_id: str | None = None
    vendor_error_code: str | None = None


class StatusNotificationResponse(Shape, frozen=True):
    """Section 6.48."""


class Authorize(Shape, frozen=True):
    """Section 6.1."""

    id_tag: str


class AuthorizeResponse(Shape, frozen=True):
    """Section 6.2."""

    id_tag_info: IdTagInfo


class StartTransaction(Shape, frozen=True):
    """Section 6.45. `meter_start` in Wh, of the whole life of the meter or of this session (T6)."""

    connector_id: Whole
    id_tag: str
    meter_start: Whole
    timestamp: datetime
    reservation_id: Whole | None = None

    @property
    def reservation(self) -> int | None:
        """The reservation it uses; some charge points send 0 for none (F5), an id we never give."""
        return self.reservation_id or None


class StartTransactionResponse(Shape, frozen=True):
    """Section 6.46."""

    transaction_id: int
    id_tag_info: IdTagInfo


class StopTransaction(Shape, frozen=True):
    """Section 6.49."""

    transaction_id: Whole
    meter_stop: Whole
    timestamp: datetime
    id_tag: str | None = None
    reason: StopReason | None = None
    transaction_data: tuple[MeterValue, ...] = ()


class StopTransactionResponse(Shape, frozen=True):
    """Section 6.50."""

    id_tag_info: IdTagInfo | None = None


class MeterValues(Shape, frozen=True):
    """Section 6.31."""

    connector_id: Whole
    meter_value: tuple[MeterValue, ...]
    transaction_id: Whole | None = None


class MeterValuesResponse(Shape, frozen=True):
    """Section 6.32."""


class DataTransfer(Shape, frozen=True):
    """Section 6.15: whatever a vendor adds to OCPP."""

    vendor_id: str
    message_id: str | None = None
    data: str | None = None


class DataTransferResponse(Shape, frozen=True):
    """Section 6.16."""

    status: DataTransferStatus
    data: str | None = None


class DiagnosticsStatusNotification(Shape, frozen=True):
    """Section 6.17."""

    status: DiagnosticsStatus


class DiagnosticsStatusNotificationResponse(Shape, frozen=True):
    """Section 6.18."""


class FirmwareStatusNotification(Shape, frozen=True):
    """Section 6.19."""

    status: FirmwareStatus


class FirmwareStatusNotificationResponse(Shape, frozen=True):
    """Section 6.20."""


class LogStatusNotification(Shape, frozen=True):
    """Security whitepaper."""

    status: LogStatus
    request_id: Whole | None = None


class LogStatusNotificationResponse(Shape, frozen=True):
    """Security whitepaper."""


class SignedFirmwareStatusNotification(Shape, frozen=True):
    """Security whitepaper."""

    status: SignedFirmwareStatus
    request_id: Whole | None = None


class SignedFirmwareStatusNotificationResponse(Shape, frozen=True):
    """Security whitepaper."""


class SecurityEventNotification(Shape, frozen=True):
    """Security whitepaper."""

    type: str
    timestamp: datetime
    tech_info: str | None = None


class SecurityEventNotificationResponse(Shape, frozen=True):
    """Security whitepaper."""


class SignCertificate(Shape, frozen=True):
    """Security whitepaper: the charge point asks for a certificate; `csr` is PEM."""

    csr: str


class SignCertificateResponse(Shape, frozen=True):
    """Security whitepaper."""

    status: GenericStatus


MESSAGES: dict[str, tuple[type[Shape], type[Shape]]] = {
    "Authorize": (Authorize, AuthorizeResponse),
    "BootNotification": (BootNotification, BootNotificationResponse),
    "DataTransfer": (DataTransfer, DataTransferResponse),
    "DiagnosticsStatusNotification": (DiagnosticsStatusNotification, DiagnosticsStatusNotificationResponse),
    "FirmwareStatusNotification": (FirmwareStatusNotification, FirmwareStatusNotificationResponse),
    "Heartbeat": (Heartbeat, HeartbeatResponse),
    "LogStatusNotification": (LogStatusNotification, LogStatusNotificationResponse),
    "MeterValues": (MeterValues, MeterValuesResponse),
    "SecurityEventNotification": (SecurityEventNotification, SecurityEventNotificationResponse),
    "SignCertificate": (SignCertificate, SignCertificateResponse),
    "SignedFirmwareStatusNotification": (SignedFirmwareStatusNotification, SignedFirmwareStatusNotificationResponse),
    "StartTransaction": (StartTransaction, StartTransactionResponse),
    "StatusNotification": (StatusNotification, StatusNotificationResponse),
    "StopTransaction": (StopTransaction, StopTransactionResponse),
}
"""Action → the shape of its request and of its answer."""
