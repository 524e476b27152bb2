"""What a charge point has to say, in words of no particular OCPP version.

Messages about a transaction are *durable*: they are kept while there is no connection, repeated until answered, and
stay in order. All others are news that grows old: without a connection they are dropped.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from wattline.emulator.transaction import Transaction


class Status(StrEnum):
    """What a connector shows. OCPP 1.6's nine are the finest division; 2.x folds them."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


class StopReason(StrEnum):
    """Why a transaction ended."""

    DE_AUTHORIZED = "DeAuthorized"
    EV_DISCONNECTED = "EVDisconnected"
    HARD_RESET = "HardReset"
    LOCAL = "Local"
    OTHER = "Other"
    POWER_LOSS = "PowerLoss"
    REBOOT = "Reboot"
    REMOTE = "Remote"
    SOFT_RESET = "SoftReset"
    UNLOCK_COMMAND = "UnlockCommand"


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of the meter; `value` is spelled as the meter would."""

    measurand: str
    value: str
    unit: str
    phase: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Numbers taken at one moment, and why they were taken (OCPP's reading context)."""

    at: datetime
    context: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell the central system."""

    durable: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class BootUp(Message):
    """The charge point has started, or is back after a lost connection."""


@dataclass(frozen=True, slots=True)
class Heartbeat(Message):
    """Still here; what time is it?"""


@dataclass(frozen=True, slots=True)
class StatusChanged(Message):
    """A connector shows something new; connector 0 is the box itself."""

    connector: int
    status: Status
    error_code: str
    at: datetime
    info: str | None = None


class Purpose(StrEnum):
    """What somebody who holds a key to the reader wants."""

    START = "start"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class KeyShown(Message):
    """A charge key was held to the reader, or came with a remote start, and we may not decide alone."""

    connector: int
    id_tag: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class TransactionBegan(Message):
    """Energy may flow."""

    durable: ClassVar[bool] = True
    transaction: "Transaction"


@dataclass(frozen=True, slots=True)
class MeterRead(Message):
    """Numbers during a transaction."""

    durable: ClassVar[bool] = True
    connector: int
    transaction: "Transaction"
    reading: Reading


@dataclass(frozen=True, slots=True)
class IdleMeterRead(Message):
    """Numbers outside a transaction: by the clock, or because somebody asked."""

    connector: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class TransactionEnded(Message):
    """The charge is over; `id_tag` is the key that ended it, when one did."""

    durable: ClassVar[bool] = True
    transaction: "Transaction"
    reason: StopReason
    meter_wh: int
    at: datetime
    id_tag: str | None
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class FirmwareProgress(Message):
    """How an update goes; one with a request id is of the signed kind."""

    status: str
    request_id: int | None


@dataclass(frozen=True, slots=True)
class DiagnosticsProgress(Message):
    """How an upload of diagnostics goes."""

    status: str


@dataclass(frozen=True, slots=True)
class LogProgress(Message):
    """How an upload of a log goes."""

    status: str
    request_id: int | None


@dataclass(frozen=True, slots=True)
class SecurityEvent(Message):
    """Something the owner's security people want to know."""

    kind: str
    at: datetime
    info: str | None = None


@dataclass(frozen=True, slots=True)
class CertificateWanted(Message):
    """A certificate signing request, in PEM."""

    csr: str


@dataclass(frozen=True, slots=True)
class VendorData(Message):
    """Something only the maker understands."""

    vendor: str
    message_id: str | None = None
    data: str | None = None
