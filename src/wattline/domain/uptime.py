"""How much of the time a connector could be used, worked out from the raw timeline of its states.

The same timeline is judged by two regimes, and neither follows from the other: a charge point that is offline counts
as down in the United States, and as unknown, which is not held against it, in the United Kingdom.

NEVI (23 CFR 680.116(b)): uptime = (T − (T_outage − T_excluded)) / T × 100, T = 525,600 minutes for a year, goal > 97 %.
UK (SI 2023/1168, regulation 7): reliable are AVAILABLE, CHARGING and RESERVED; UNKNOWN and BLOCKED do not count
against it; INOPERATIVE and OUTOFORDER do; only opening hours count; goal 99 %.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from wattline.domain.values import ConnectorState

NEVI_GOAL_PERCENT = 97.0
UK_GOAL_PERCENT = 99.0
NOTHING = timedelta(0)


class EvseStatus(StrEnum):
    """A state as the UK's rules name it (OCPI 2.2.1, status of an EVSE)."""

    AVAILABLE = "AVAILABLE"
    BLOCKED = "BLOCKED"
    CHARGING = "CHARGING"
    INOPERATIVE = "INOPERATIVE"
    OUT_OF_ORDER = "OUTOFORDER"
    RESERVED = "RESERVED"
    UNKNOWN = "UNKNOWN"


class Excuse(StrEnum):
    """What NEVI lets a network leave out: an outage for a reason beyond its control, or planned and told beforehand."""

    GRID = "grid"
    VEHICLE = "vehicle"
    MAINTENANCE = "maintenance"
    VANDALISM = "vandalism"
    DISASTER = "disaster"
    CLOSED = "closed"


EVSE_STATUS: Mapping[str, EvseStatus] = MappingProxyType(
    {
        ConnectorState.AVAILABLE: EvseStatus.AVAILABLE,
        ConnectorState.BUSY: EvseStatus.CHARGING,
        ConnectorState.BUSY_CHARGING: EvseStatus.CHARGING,
        ConnectorState.BUSY_NON_CHARGING: EvseStatus.CHARGING,
        ConnectorState.BUSY_SCHEDULED: EvseStatus.RESERVED,
        ConnectorState.BUSY_RESERVED: EvseStatus.RESERVED,
        ConnectorState.BUSY_BLOCKED: EvseStatus.BLOCKED,
        ConnectorState.BUSY_NON_RELEASED: EvseStatus.BLOCKED,
        ConnectorState.MAINTENANCE: EvseStatus.INOPERATIVE,
        ConnectorState.ERROR: EvseStatus.OUT_OF_ORDER,
    }
)
UNRELIABLE = frozenset({EvseStatus.INOPERATIVE, EvseStatus.OUT_OF_ORDER})
# Down for NEVI: nobody could have charged, whether we know why or not.
DOWN = frozenset(
    {ConnectorState.ERROR, ConnectorState.DISCONNECTED, ConnectorState.MAINTENANCE, ConnectorState.PASSIVE}
)
# The car's fault, as OCPP 1.6 section 7.6 has it.
VEHICLE_ERRORS = frozenset({"EVCommunicationError"})


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the timeline: from `at` on the connector was in this state, with the box's own words of that moment."""

    at: datetime
    state: str
    ocpp_status: str | None = None
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in one state, from `start` up to but not including `end`."""

    start: datetime
    end: datetime
    state: str
    excuse: Excuse | None = None

    @property
    def length(self) -> timedelta:
        """How long it lasted."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time of its own: an exclusion that somebody noted, or opening hours."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Nevi:
    """NEVI's three figures, as its quarterly file wants them beside each other, and the percentage."""

    total: timedelta
    outage: timedelta
    excluded: timedelta

    @property
    def percent(self) -> float | None:
        """The uptime; None when nothing was measured."""
        return None if self.total <= NOTHING else 100 * (1 - (self.outage - self.excluded) / self.total)


@dataclass(frozen=True, slots=True)
class Reliability:
    """The UK's figures: opening hours, how much of them counted against the charge point, and what was exempt."""

    total: timedelta
    unreliable: timedelta
    exempt: timedelta

    @property
    def percent(self) -> float | None:
        """The reliability; None when it was never open in the period."""
        return None if self.total <= NOTHING else 100 * (1 - self.unreliable / self.total)


def stretches(changes: Sequence[Change], *, start: datetime, end: datetime) -> list[Stretch]:
    """Cut a timeline (ordered by time) to a period. Time before the first change is left out: it was not there yet."""
    cut = []
    for number, change in enumerate(changes):
        until = changes[number + 1].at if number + 1 < len(changes) else end
        began, ended = max(change.at, start), min(until, end)
        if began < ended:
            cut.append(Stretch(began, ended, change.state, excuse_of(change)))
    return cut


def excuse_of(change: Change) -> Excuse | None:
    """Tell what the timeline itself excuses: the car's fault, and maintenance that people decided on.

    A box that took itself out of service says Unavailable, and that is an outage.
    """
    if change.state == ConnectorState.ERROR and change.error_code in VEHICLE_ERRORS:
        return Excuse.VEHICLE
    if change.state == ConnectorState.MAINTENANCE and change.ocpp_status != "Unavailable":
        return Excuse.MAINTENANCE
    return None


def nevi(timeline: Iterable[Stretch], excluded: Sequence[Span] = ()) -> Nevi:
    """Work out uptime as NEVI does. `excluded` are the times that people noted with an excuse; only outages shrink."""
    spans = joined(excluded)
    total = outage = left_out = NOTHING
    for each in timeline:
        total += each.length
        if each.state in DOWN:
            outage += each.length
            left_out += each.length if each.excuse else overlap(each, spans)
    return Nevi(total, outage, left_out)


def reliability(timeline: Iterable[Stretch], *, open_hours: Sequence[Span] | None = None) -> Reliability:
    """Work out reliability as the UK does. `open_hours` None: always open."""
    spans = None if open_hours is None else joined(open_hours)
    total = unreliable = exempt = NOTHING
    for each in timeline:
        length = each.length if spans is None else overlap(each, spans)
        status = EVSE_STATUS.get(each.state, EvseStatus.UNKNOWN)
        total += length
        unreliable += length if status in UNRELIABLE else NOTHING
        exempt += length if status in (EvseStatus.UNKNOWN, EvseStatus.BLOCKED) else NOTHING
    return Reliability(total, unreliable, exempt)


def time_in_states(timeline: Iterable[Stretch]) -> dict[str, timedelta]:
    """Add up how long each state lasted."""
    lengths: dict[str, timedelta] = {}
    for each in timeline:
        lengths[each.state] = lengths.get(each.state, NOTHING) + each.length
    return lengths


def joined(spans: Iterable[Span]) -> list[Span]:
    """Put spans in order and make one of those that touch, so that no minute counts twice."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if span.start >= span.end:
            continue
        if result and span.start <= result[-1].end:
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return result


def overlap(stretch: Stretch, spans: Sequence[Span]) -> timedelta:
    """Tell how much of a stretch lies in spans that do not overlap each other."""
    shared = (min(stretch.end, span.end) - max(stretch.start, span.start) for span in spans)
    return sum((length for length in shared if length > NOTHING), NOTHING)
