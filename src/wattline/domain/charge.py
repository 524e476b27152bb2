"""The life of a charge, as one table. Nobody else decides which state a charge is in.

Two laws: every legal move stands in MOVES, and a move that does not stand there raises IllegalMove and changes
nothing. What a move causes stands beside it: what it writes in the event itself (charge_events.py), what the box is
asked in ASKS, what happens when time passes in WAITS, and what follows by itself in `_follow_up`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from wattline.domain import refusals
from wattline.domain.charge_events import (
    Began,
    CableOut,
    Closed,
    EnergyFlows,
    Event,
    ForceStopped,
    Overtaken,
    PausedByCar,
    PausedByChargePoint,
    Reaped,
    ReservationExpired,
    Reserved,
    StartAsked,
    StartExpired,
    StartRefused,
    StopAsked,
    Stopped,
    StopRefused,
    WaitEnded,
)
from wattline.domain.charge_record import Charge
from wattline.domain.values import ChargeState as S

Target = S | Callable[[Charge, Event], S]


def _back_to_running(charge: Charge, _event: Event) -> S:
    return S.PAUSED if charge.raw_state in ("suspended_ev", "suspended_evse") else S.CHARGING


def _by_cable(charge: Charge, event: Event) -> S:
    assert isinstance(event, Stopped)
    if not event.release_detection:
        return S.STOPPED
    return S.RELEASING if event.cable_in and charge.released_at is None else S.RELEASED


# (where it is, what happens): where that leads. None is before the charge exists.
MOVES: Mapping[tuple[S | None, type[Event]], Target] = MappingProxyType({
    (None, StartAsked): S.STARTING,
    (None, Reserved): S.RESERVED,
    (None, Began): S.CHARGING,

    (S.PAYING, StartAsked): S.STARTING,
    (S.PAYING, Reserved): S.RESERVED,
    (S.PAYING, StartRefused): S.STOPPED,
    (S.PAYING, StopAsked): S.STOPPED,
    (S.PAYING, Overtaken): S.STOPPED,
    (S.PAYING, ForceStopped): S.COMPLETED,

    (S.RESERVED, StartAsked): S.STARTING,
    (S.RESERVED, Began): S.CHARGING,
    (S.RESERVED, StartRefused): S.STOPPED,
    (S.RESERVED, ReservationExpired): S.STOPPED,
    (S.RESERVED, StopAsked): S.STOPPED,
    (S.RESERVED, Overtaken): S.STOPPED,
    (S.RESERVED, ForceStopped): S.COMPLETED,

    (S.SCHEDULED, StartAsked): S.STARTING,
    (S.SCHEDULED, Began): S.CHARGING,
    (S.SCHEDULED, StopAsked): S.STOPPED,
    (S.SCHEDULED, Overtaken): S.STOPPED,
    (S.SCHEDULED, ForceStopped): S.COMPLETED,

    (S.STARTING, StartAsked): S.STARTING,
    (S.STARTING, Began): S.CHARGING,
    (S.STARTING, StartRefused): S.STOPPED,
    (S.STARTING, StartExpired): S.STOPPED,
    (S.STARTING, StopAsked): S.STOPPED,
    (S.STARTING, Overtaken): S.STOPPED,
    (S.STARTING, ForceStopped): S.COMPLETED,

    (S.CHARGING, Began): S.CHARGING,
    (S.CHARGING, EnergyFlows): S.CHARGING,
    (S.CHARGING, PausedByCar): S.PAUSED,
    (S.CHARGING, PausedByChargePoint): S.PAUSED,
    (S.CHARGING, StopAsked): S.STOPPING,
    (S.CHARGING, Stopped): _by_cable,
    (S.CHARGING, Reaped): S.STOPPED,
    (S.CHARGING, Overtaken): S.COMPLETED,
    (S.CHARGING, ForceStopped): S.COMPLETED,

    (S.PAUSED, Began): S.PAUSED,
    (S.PAUSED, EnergyFlows): S.CHARGING,
    (S.PAUSED, PausedByCar): S.PAUSED,
    (S.PAUSED, PausedByChargePoint): S.PAUSED,
    (S.PAUSED, StopAsked): S.STOPPING,
    (S.PAUSED, Stopped): _by_cable,
    (S.PAUSED, Reaped): S.STOPPED,
    (S.PAUSED, Overtaken): S.COMPLETED,
    (S.PAUSED, ForceStopped): S.COMPLETED,

    (S.STOPPING, Began): S.STOPPING,
    (S.STOPPING, EnergyFlows): S.STOPPING,
    (S.STOPPING, PausedByCar): S.STOPPING,
    (S.STOPPING, PausedByChargePoint): S.STOPPING,
    (S.STOPPING, StopAsked): S.STOPPING,
    (S.STOPPING, StopRefused): _back_to_running,
    (S.STOPPING, Stopped): _by_cable,
    (S.STOPPING, Reaped): S.STOPPED,
    (S.STOPPING, Overtaken): S.COMPLETED,
    (S.STOPPING, ForceStopped): S.COMPLETED,

    # Only a reaped charge is still stopped when its box tells the real stop.
    (S.STOPPED, Stopped): _by_cable,
    (S.STOPPED, CableOut): S.RELEASED,
    (S.STOPPED, Closed): S.COMPLETED,
    (S.STOPPED, WaitEnded): S.COMPLETED,
    (S.STOPPED, Overtaken): S.COMPLETED,
    (S.STOPPED, ForceStopped): S.COMPLETED,

    (S.RELEASING, CableOut): S.RELEASED,
    (S.RELEASING, WaitEnded): S.COMPLETED,
    (S.RELEASING, Overtaken): S.COMPLETED,
    (S.RELEASING, ForceStopped): S.COMPLETED,

    (S.RELEASED, Stopped): _by_cable,
    (S.RELEASED, Closed): S.COMPLETED,
    (S.RELEASED, WaitEnded): S.COMPLETED,
    (S.RELEASED, Overtaken): S.COMPLETED,
    (S.RELEASED, ForceStopped): S.COMPLETED,

    (S.OTHER, ForceStopped): S.COMPLETED,
})


class Ask(StrEnum):
    """What a move asks of the box. The operation that carries it out knows the OCPP message."""

    START = "start"
    STOP = "stop"
    RESERVE = "reserve"
    CANCEL_RESERVATION = "cancel-reservation"


# The same keys as MOVES: only these moves ask the box for something.
ASKS: Mapping[tuple[S | None, type[Event]], Ask] = MappingProxyType({
    (None, StartAsked): Ask.START,
    (None, Reserved): Ask.RESERVE,
    (S.PAYING, StartAsked): Ask.START,
    (S.PAYING, Reserved): Ask.RESERVE,
    (S.RESERVED, StartAsked): Ask.START,
    (S.RESERVED, StopAsked): Ask.CANCEL_RESERVATION,
    (S.RESERVED, ReservationExpired): Ask.CANCEL_RESERVATION,
    (S.RESERVED, ForceStopped): Ask.CANCEL_RESERVATION,
    (S.SCHEDULED, StartAsked): Ask.START,
    (S.STARTING, StartAsked): Ask.START,
    (S.CHARGING, StopAsked): Ask.STOP,
    (S.CHARGING, ForceStopped): Ask.STOP,
    (S.PAUSED, StopAsked): Ask.STOP,
    (S.PAUSED, ForceStopped): Ask.STOP,
    (S.STOPPING, StopAsked): Ask.STOP,
    (S.STOPPING, ForceStopped): Ask.STOP,
})


class TimerKind(StrEnum):
    """What we wait for in a state; the name of the timer row."""

    START = "start-expired"
    RESERVATION = "reservation-expired"
    SIGN_OF_LIFE = "reap"
    END = "complete-late"


WAITS: Mapping[S, TimerKind] = MappingProxyType({
    S.RESERVED: TimerKind.RESERVATION,
    S.STARTING: TimerKind.START,
    S.CHARGING: TimerKind.SIGN_OF_LIFE,
    S.PAUSED: TimerKind.SIGN_OF_LIFE,
    S.STOPPING: TimerKind.SIGN_OF_LIFE,
    S.STOPPED: TimerKind.END,
    S.RELEASING: TimerKind.END,
    S.RELEASED: TimerKind.END,
})

# Cars and boxes may negotiate for minutes; longer than this, no energy comes (product rule "start patience").
START_PATIENCE = timedelta(minutes=5)
RESERVATION_LASTS = timedelta(minutes=15)
LOOK_FOR_GHOSTS_EVERY = timedelta(hours=1)
# A box that comes back within a day still tells the real stop.
END_PATIENCE = timedelta(hours=24)

_WAIT_LASTS: Mapping[TimerKind, timedelta] = MappingProxyType({
    TimerKind.START: START_PATIENCE,
    TimerKind.RESERVATION: RESERVATION_LASTS,
    TimerKind.SIGN_OF_LIFE: LOOK_FOR_GHOSTS_EVERY,
    TimerKind.END: END_PATIENCE,
})

# A box's clock and ours may differ by this much.
CLOCKS_DIFFER = timedelta(minutes=1)

# The fields stamped on entering a state, whichever event led there.
_STAMPS: Mapping[S, str] = MappingProxyType({S.RELEASED: "released_at", S.COMPLETED: "completed_at"})

# What only a living charge can cause.
_SIGNS_OF_LIFE = frozenset({Began, EnergyFlows, PausedByCar, PausedByChargePoint, Stopped})

# States in which the box has a transaction open, as far as we know.
RUNNING = frozenset({S.CHARGING, S.PAUSED, S.STOPPING})
# States in which it still wants the connector; after them another charge may take over.
CLAIMING = RUNNING | {S.PAYING, S.RESERVED, S.SCHEDULED, S.STARTING, S.OTHER}


@dataclass(frozen=True, slots=True)
class Move:
    """One move a charge made, for its timeline."""

    came_from: S | None
    went_to: S
    event: Event

    @property
    def cause(self) -> str:
        """The event's name."""
        return type(self.event).__name__


@dataclass(frozen=True, slots=True)
class Step:
    """What one event led to: the charge before and after, the moves on the way, and what must be done about it."""

    before: Charge
    charge: Charge
    moves: tuple[Move, ...]
    asks: tuple[Ask, ...]
    born: bool

    @property
    def timer_cleared(self) -> TimerKind | None:
        """The wait that is over."""
        old = None if self.born else WAITS.get(self.before.state)
        return old if old is not WAITS.get(self.charge.state) else None

    @property
    def timer_set(self) -> tuple[TimerKind, datetime] | None:
        """The wait that begins, and when it is over. A move within the same wait leaves it be; a new start does not."""
        kind = WAITS.get(self.charge.state)
        same = not self.born and kind is WAITS.get(self.before.state)
        if kind is None or (same and kind is not TimerKind.START):
            return None
        return kind, _due_at(kind, self.charge)


def birth(draft: Charge, event: Event, *, now: datetime) -> Step:
    """Let a charge come into being by its first event; the state of the draft does not count."""
    return _walk(None, draft, event, now)


def step(charge: Charge, event: Event, *, now: datetime) -> Step:
    """Take the event and everything that follows from it by itself.

    Raises IllegalMove when the charge's life has no such move; a completed charge has none at all.
    """
    return _walk(charge.state, charge, event, now)


def is_legal(charge: Charge, event: type[Event]) -> bool:
    """Tell whether such an event may happen to the charge as it is."""
    return (charge.state, event) in MOVES


def is_overtaken(charge: Charge, *, began_at: datetime) -> bool:
    """Tell whether another charge that began then took this one's connector.

    One that began earlier is history: its box was offline and tells it late.
    """
    if charge.started_at is not None:
        return began_at >= charge.started_at
    return began_at >= charge.created_at - CLOCKS_DIFFER


def _walk(state: S | None, charge: Charge, event: Event | None, now: datetime) -> Step:
    before, moves, asks, born = charge, list[Move](), list[Ask](), state is None
    while event is not None:
        key = (state, type(event))
        went_to = _target(charge, state, event)
        charge = replace(charge, state=went_to, updated_at=now, **_written(charge, state, went_to, event, now))
        if went_to is not state:
            moves.append(Move(state, went_to, event))
        if key in ASKS:
            asks.append(ASKS[key])
        state, event = went_to, _follow_up(charge, now)
    return Step(before, charge, tuple(moves), tuple(asks), born)


def _target(charge: Charge, state: S | None, event: Event) -> S:
    try:
        target = MOVES[state, type(event)]
    except KeyError:
        raise refusals.IllegalMove(state or "new", type(event).__name__) from None
    return target if isinstance(target, S) else target(charge, event)


def _written(charge: Charge, state: S | None, went_to: S, event: Event, now: datetime) -> dict[str, Any]:
    written = event.marks(charge)
    if type(event) in _SIGNS_OF_LIFE:
        written["last_sign_at"] = now
    stamp = _STAMPS.get(went_to)
    if stamp and went_to is not state and getattr(charge, stamp) is None:
        written[stamp] = now if went_to is S.COMPLETED else event.at
    return written


def _follow_up(charge: Charge, now: datetime) -> Event | None:
    over = charge.state in (S.STOPPED, S.RELEASED)
    return Closed(at=now) if over and charge.last_reading_in else None


def _due_at(kind: TimerKind, charge: Charge) -> datetime:
    begins_at = (charge.start_asked_at if kind is TimerKind.START else None) or charge.updated_at
    if kind is TimerKind.RESERVATION and charge.reserved_until is not None:
        return charge.reserved_until
    return begins_at + _WAIT_LASTS[kind]
