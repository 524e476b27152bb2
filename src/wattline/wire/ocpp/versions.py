"""What differs between versions of OCPP-J, as data: message types, error codes, actions and who may send them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """The two ends of a socket."""

    CHARGE_POINT = "charge-point"
    CENTRAL_SYSTEM = "central-system"

    @property
    def other(self) -> "Side":
        return Side.CENTRAL_SYSTEM if self is Side.CHARGE_POINT else Side.CHARGE_POINT


class ErrorCode(StrEnum):
    """Why a call is answered with a CALLERROR, in the spelling of OCPP 1.6.

    OCPP-J 1.6, section 4.2.3, table 7. "Formation" and "Occurence" are spelled so there, and the errata (5.2) keep it:
    a charge point may compare the text.
    """

    NOT_IMPLEMENTED = "NotImplemented"  # the action is not known by the receiver
    NOT_SUPPORTED = "NotSupported"  # the action is known, but the receiver does not take it
    INTERNAL_ERROR = "InternalError"  # the receiver failed while it worked on the call
    PROTOCOL_ERROR = "ProtocolError"  # the payload is incomplete
    SECURITY_ERROR = "SecurityError"  # a security issue kept the receiver from acting
    FORMATION_VIOLATION = "FormationViolation"  # bad syntax, or not the structure of this action
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"  # a field has a value it may not have
    OCCURENCE_CONSTRAINT_VIOLATION = "OccurenceConstraintViolation"  # a field is missing, or there are too many or few
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"  # a field has the wrong data type
    GENERIC_ERROR = "GenericError"  # anything else


@dataclass(frozen=True, slots=True)
class Version:
    """One version of OCPP-J. A new version is a new value of this, not new branches elsewhere."""

    name: str
    subprotocol: str
    schema_folder: str
    """Where in the `ocpp` package the official schema files lie."""
    message_types: frozenset[int]
    """OCPP-J 1.6 section 4.1.3. Version 2.1 adds 5 (CALLRESULTERROR) and 6 (SEND)."""
    actions: Mapping[str, frozenset[Side]]
    """Every action, and which sides may send it."""
    spellings: Mapping[ErrorCode, str]
    """Error codes this version writes in another way than 1.6 does."""
    unknown_type_code: ErrorCode | None
    """What to answer to an unknown message type; None: ignore it, as 1.6 section 4.1.3 demands."""
    unreadable_id: str | None
    """The message id of a CALLERROR when the call's own cannot be read (2.x: "-1"); None: answer nothing.

    1.6 section 4.2.3 knows only "the exact same id", so a call without one cannot be answered.
    """


FROM_CHARGE_POINT = frozenset({Side.CHARGE_POINT})
FROM_CENTRAL_SYSTEM = frozenset({Side.CENTRAL_SYSTEM})
FROM_BOTH = frozenset(Side)

ACTIONS_V16: Mapping[str, frozenset[Side]] = {
    # OCPP 1.6 edition 2, chapter 4: operations initiated by the charge point.
    "Authorize": FROM_CHARGE_POINT,
    "BootNotification": FROM_CHARGE_POINT,
    "DataTransfer": FROM_BOTH,
    "DiagnosticsStatusNotification": FROM_CHARGE_POINT,
    "FirmwareStatusNotification": FROM_CHARGE_POINT,
    "Heartbeat": FROM_CHARGE_POINT,
    "MeterValues": FROM_CHARGE_POINT,
    "StartTransaction": FROM_CHARGE_POINT,
    "StatusNotification": FROM_CHARGE_POINT,
    "StopTransaction": FROM_CHARGE_POINT,
    # Chapter 5: operations initiated by the central system.
    "CancelReservation": FROM_CENTRAL_SYSTEM,
    "ChangeAvailability": FROM_CENTRAL_SYSTEM,
    "ChangeConfiguration": FROM_CENTRAL_SYSTEM,
    "ClearCache": FROM_CENTRAL_SYSTEM,
    "ClearChargingProfile": FROM_CENTRAL_SYSTEM,
    "GetCompositeSchedule": FROM_CENTRAL_SYSTEM,
    "GetConfiguration": FROM_CENTRAL_SYSTEM,
    "GetDiagnostics": FROM_CENTRAL_SYSTEM,
    "GetLocalListVersion": FROM_CENTRAL_SYSTEM,
    "RemoteStartTransaction": FROM_CENTRAL_SYSTEM,
    "RemoteStopTransaction": FROM_CENTRAL_SYSTEM,
    "ReserveNow": FROM_CENTRAL_SYSTEM,
    "Reset": FROM_CENTRAL_SYSTEM,
    "SendLocalList": FROM_CENTRAL_SYSTEM,
    "SetChargingProfile": FROM_CENTRAL_SYSTEM,
    "TriggerMessage": FROM_CENTRAL_SYSTEM,
    "UnlockConnector": FROM_CENTRAL_SYSTEM,
    "UpdateFirmware": FROM_CENTRAL_SYSTEM,
    # Improved security for OCPP 1.6-J (the security whitepaper), edition 3.
    "CertificateSigned": FROM_CENTRAL_SYSTEM,
    "DeleteCertificate": FROM_CENTRAL_SYSTEM,
    "ExtendedTriggerMessage": FROM_CENTRAL_SYSTEM,
    "GetInstalledCertificateIds": FROM_CENTRAL_SYSTEM,
    "GetLog": FROM_CENTRAL_SYSTEM,
    "InstallCertificate": FROM_CENTRAL_SYSTEM,
    "LogStatusNotification": FROM_CHARGE_POINT,
    "SecurityEventNotification": FROM_CHARGE_POINT,
    "SignCertificate": FROM_CHARGE_POINT,
    "SignedFirmwareStatusNotification": FROM_CHARGE_POINT,
    "SignedUpdateFirmware": FROM_CENTRAL_SYSTEM,
}

V16 = Version(
    name="1.6",
    subprotocol="ocpp1.6",
    schema_folder="v16/schemas",
    message_types=frozenset({2, 3, 4}),
    actions=ACTIONS_V16,
    spellings={},
    unknown_type_code=None,
    unreadable_id=None,
)
