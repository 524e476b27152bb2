"""Taking steps along the table of a charge's life (charge.py): what becomes of the charge, and what must be done."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from wattline.domain.charge import (
    ASKS,
    END_PATIENCE,
    LOOK_FOR_GHOSTS_EVERY,
    MOVES,
    PAYMENT_PATIENCE,
    RESERVATION_LASTS,
    START_PATIENCE,
    WAITS,
    Ask,
    TimerKind,
)
from wattline.domain.charge_events import (
    Began,
    Closed,
    EnergyFlows,
    Event,
    PausedByCar,
    PausedByChargePoint,
    Stopped,
)
from wattline.domain.charge_record import Charge
from wattline.domain.refusals import IllegalMove
from wattline.domain.values import ChargeState as S

_WAIT_LASTS: Mapping[TimerKind, timedelta] = {
    TimerKind.PAYMENT: PAYMENT_PATIENCE,
    TimerKind.START: START_PATIENCE,
    TimerKind.RESERVATION: RESERVATION_LASTS,
    TimerKind.SIGN_OF_LIFE: LOOK_FOR_GHOSTS_EVERY,
    TimerKind.END: END_PATIENCE,
}

# A box's clock and ours may differ by this much.
CLOCKS_DIFFER = timedelta(minutes=1)

# The fields stamped on entering a state, whichever event led there.
_STAMPS: Mapping[S, str] = {S.RELEASED: "released_at", S.COMPLETED: "completed_at"}

# What only a living charge can cause.
_SIGNS_OF_LIFE = frozenset({Began, EnergyFlows, PausedByCar, PausedByChargePoint, Stopped})


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
        raise IllegalMove(state or "new", type(event).__name__) from None
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
