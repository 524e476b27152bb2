"""The lines of a charge point's log, and what each kind means in plain words.

The first nine kinds are those of the Portal's log page; every other kind is the OCPP name of a command we sent or of a
message the charge point sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class LogKind(StrEnum):
    """The kinds of line that every log has."""

    START_TRANSACTION = "StartTransaction"
    STOP_TRANSACTION = "StopTransaction"
    STATUS_NOTIFICATION = "StatusNotification"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    CHARGING = "Charging"
    BOOT_NOTIFICATION = "BootNotification"
    DISCONNECT = "Disconnect"
    CONNECT = "Connect"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line. `at` is when we learnt of it, `told_at` the time the charge point gave, when it gave one."""

    operator_id: int
    charge_point_id: int
    kind: str
    at: datetime
    told_at: datetime | None = None
    connector_number: int | None = None
    charge_id: int | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    message_id: str | None = None


MEANINGS: Mapping[str, str] = {
    LogKind.START_TRANSACTION: "A charge began.",
    LogKind.STOP_TRANSACTION: "A charge ended.",
    LogKind.STATUS_NOTIFICATION: "The charge point says that a connector changed its status.",
    LogKind.SUSPENDED_EV: (
        "The car takes no power. Its battery may be full, or it waits for a timer of its own; only the car decides."
    ),
    LogKind.SUSPENDED_EVSE: (
        "The charge point holds the power back, for instance until a planned charge begins or because power is shared."
    ),
    LogKind.CHARGING: "Power flows from the charge point to the car.",
    LogKind.BOOT_NOTIFICATION: "The charge point started up, by itself or because it was told to.",
    LogKind.DISCONNECT: "The charge point lost its connection to Wattline.",
    LogKind.CONNECT: "The charge point opened its connection to Wattline.",
    "DataTransfer": "A message in words of the maker's own went to or came from the charge point.",
    "DiagnosticsStatusNotification": "The charge point says how far the upload of its diagnostics is.",
    "FirmwareStatusNotification": "The charge point says how far its firmware update is.",
    "SignedFirmwareStatusNotification": "The charge point says how far its signed firmware update is.",
    "LogStatusNotification": "The charge point says how far the upload of its log is.",
    "SecurityEventNotification": "The charge point noticed something that touches its security.",
    "SignCertificate": "The charge point asked for a certificate to be signed.",
    "RemoteStartTransaction": "The charge point was asked to start a charge.",
    "RemoteStopTransaction": "The charge point was asked to stop a charge.",
    "Reset": "The charge point was asked to reboot.",
    "SelfHeal": "The charge point was stuck, so it was restarted without anybody asking.",
    "UnlockConnector": "The charge point was asked to unlock a connector.",
    "ChangeAvailability": "The charge point was asked to take a connector in or out of service.",
    "ChangeConfiguration": "The charge point was asked to change a setting.",
    "GetConfiguration": "The charge point was asked for its settings.",
    "ClearCache": "The charge point was asked to forget the keys it remembers.",
    "TriggerMessage": "The charge point was asked to send a message now.",
    "ExtendedTriggerMessage": "The charge point was asked to send a message now.",
    "GetDiagnostics": "The charge point was asked to upload its diagnostics.",
    "GetLog": "The charge point was asked to upload its log.",
    "UpdateFirmware": "The charge point was asked to update its firmware.",
    "SignedUpdateFirmware": "The charge point was asked to update its firmware, with a signature to check.",
    "ReserveNow": "The charge point was asked to keep a connector free for somebody.",
    "CancelReservation": "The charge point was asked to drop a reservation.",
    "SetChargingProfile": "The charge point was given a limit for its power.",
    "ClearChargingProfile": "The charge point was asked to drop limits for its power.",
    "GetCompositeSchedule": "The charge point was asked which power it plans to give.",
    "SendLocalList": "The charge point was given keys to accept on its own.",
    "GetLocalListVersion": "The charge point was asked which list of keys it has.",
    "CertificateSigned": "The charge point was given its signed certificate.",
    "InstallCertificate": "The charge point was given a certificate to trust.",
    "DeleteCertificate": "The charge point was asked to drop a certificate.",
    "GetInstalledCertificateIds": "The charge point was asked which certificates it has.",
}


def meaning_of(kind: str) -> str:
    """Explain a kind of line; a raw command may have a name nobody knows."""
    return MEANINGS.get(kind, f"The charge point was sent {kind}.")


def kind_of_status(status: str) -> str:
    """Name the line of a StatusNotification: three statuses have a name of their own, the others share one."""
    own_names = {LogKind.CHARGING, LogKind.SUSPENDED_EV, LogKind.SUSPENDED_EVSE}
    return status if status in own_names else LogKind.STATUS_NOTIFICATION
