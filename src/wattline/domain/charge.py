"""The life of a charge, as one table. Nobody else decides which state a charge is in.

Two laws: every legal move stands in MOVES, and a move that does not stand there raises IllegalMove and changes
nothing. What a move causes stands beside it: what the box is asked in ASKS, what we then wait for in WAITS; what it
writes stands in the event itself (charge_events.py). Steps along the table are taken in charge_steps.py.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum

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
    PaymentAsked,
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
MOVES: Mapping[tuple[S | None, type[Event]], Target] = {
    (None, PaymentAsked): S.PAYING,
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
}  # fmt: skip


class Ask(StrEnum):
    """What a move asks of the box. The operation that carries it out knows the OCPP message."""

    START = "start"
    STOP = "stop"
    RESERVE = "reserve"
    CANCEL_RESERVATION = "cancel-reservation"


# The same keys as MOVES: only these moves ask the box for something.
ASKS: Mapping[tuple[S | None, type[Event]], Ask] = {
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
}


class TimerKind(StrEnum):
    """What we wait for in a state; the name of the timer row."""

    PAYMENT = "payment-expired"
    START = "start-expired"
    RESERVATION = "reservation-expired"
    SIGN_OF_LIFE = "reap"
    END = "complete-late"


WAITS: Mapping[S, TimerKind] = {
    S.PAYING: TimerKind.PAYMENT,
    S.RESERVED: TimerKind.RESERVATION,
    S.STARTING: TimerKind.START,
    S.CHARGING: TimerKind.SIGN_OF_LIFE,
    S.PAUSED: TimerKind.SIGN_OF_LIFE,
    S.STOPPING: TimerKind.SIGN_OF_LIFE,
    S.STOPPED: TimerKind.END,
    S.RELEASING: TimerKind.END,
    S.RELEASED: TimerKind.END,
}

# Cars and boxes may negotiate for minutes; longer than this, no energy comes (product rule "start patience").
START_PATIENCE = timedelta(minutes=5)
RESERVATION_LASTS = timedelta(minutes=15)
# A bank's question is answered within a minute or two; whoever walks off keeps others from the connector.
PAYMENT_PATIENCE = timedelta(minutes=10)
LOOK_FOR_GHOSTS_EVERY = timedelta(hours=1)
# A box that comes back within a day still tells the real stop.
END_PATIENCE = timedelta(hours=24)

# States in which the box has a transaction open, as far as we know.
RUNNING = frozenset({S.CHARGING, S.PAUSED, S.STOPPING})
# States in which it still wants the connector; after them another charge may take over.
CLAIMING = RUNNING | {S.PAYING, S.RESERVED, S.SCHEDULED, S.STARTING, S.OTHER}
