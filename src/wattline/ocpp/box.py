"""One charge point as the handlers of its messages see it, and what all of them share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from wattline.database.connection import Database
from wattline.ocpp.call_counter import CallCounter
from wattline.ocpp.collector import Collector
from wattline.ocpp.deviation_counter import DeviationCounter
from wattline.ocpp.gathering import Gathering
from wattline.ocpp.patience import patiently
from wattline.ocpp.quirks import Quirks, quirks_for
from wattline.ocpp.recorder import Recorder
from wattline.operations.chance import Chance
from wattline.operations.connections import KnownBox
from wattline.operations.devices import Boot
from wattline.operations.readings import NewReading, ReadingOutcome
from wattline.operations.statuses import StatusReport
from wattline.settings import Settings
from wattline.wire.ocpp.deviations import Code, deviation
from wattline.wire.ocpp.versions import ErrorCode

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What every box of a gateway uses."""

    gateway_id: str
    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    chance: Chance
    gathering: Gathering
    boots: Collector[Boot, None]
    statuses: Collector[StatusReport, None]
    readings: Collector[NewReading, ReadingOutcome]
    recorder: Recorder
    deviations: DeviationCounter
    calls: CallCounter = field(default_factory=CallCounter)


@dataclass(frozen=True, slots=True)
class Received:
    """Where a message came from: the id of its call, and when."""

    message_id: str
    at: datetime


class Refused(Exception):
    """The message was read, but cannot be acted on: answer with this CALLERROR. The box's fault, never ours."""

    def __init__(self, code: ErrorCode, description: str) -> None:
        super().__init__(description)
        self.code, self.description = code, description


class Box:
    """A charge point on an open socket."""

    __slots__ = ("address", "id", "identity", "is_known", "operator_id", "quirks", "records_all", "shared")

    def __init__(self, known: KnownBox, address: str, shared: Shared) -> None:
        self.id = known.id
        self.operator_id = known.operator_id
        self.identity = known.identity
        self.address = address
        self.is_known = known.booted_at is not None
        self.records_all = known.record_all_frames
        self.quirks: Quirks = quirks_for(known.vendor, known.model, known.firmware_version)
        self.shared = shared

    async def patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Do a verb that answers a repeat instead of repeating it, and wait while PostgreSQL is away."""
        return await patiently(attempt, seconds_max=self.shared.settings.ocpp.patience_seconds)

    def note(self, code: Code, path: str = "", sample: object = "") -> None:
        """Note that the box does something otherwise than OCPP says."""
        self.shared.deviations.note(self.id, (deviation(code, path, sample),))
