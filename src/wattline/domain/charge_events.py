"""What can happen to a charge. Each event says when it happened and what it writes on the charge.

`at` is when it happened: the box's own time for what a box told us, ours for what we or a person did. Which event is
legal when, and where it leads, is the table in charge.py.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wattline.domain.charge_record import Charge
from wattline.domain.meter import Meter

Marks = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened to a charge."""

    at: datetime

    def marks(self, charge: Charge) -> Marks:
        """Tell which fields of the charge this event writes, beside its state."""
        return {}

    @property
    def detail(self) -> Marks:
        """What the timeline should say beside the name of the event; JSON-like."""
        return {}


# Before it begins ------------------------------------------------------------------------------------------------


class PaymentAsked(Event):
    """Somebody pays by card: the box is told to begin once the card's bank holds the money."""


class StartAsked(Event):
    """Somebody wants it to begin now, for the first time or again: the box is told to."""

    def marks(self, charge: Charge) -> Marks:
        return {"start_asked_at": self.at}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved(Event):
    """The connector is held for it until a given time."""

    until: datetime
    reservation_id: int

    def marks(self, charge: Charge) -> Marks:
        return {"reserved_until": self.until, "reservation_id": self.reservation_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRefused(Event):
    """The box said no to starting or holding, or could not be asked."""

    code: str
    reason: str

    @property
    def detail(self) -> Marks:
        return {"reason": self.reason}

    def marks(self, charge: Charge) -> Marks:
        return _failed(self.at, self.code, self.reason)


class StartExpired(Event):
    """The box did not begin within the patience we have."""

    def marks(self, charge: Charge) -> Marks:
        reason = "The charge point did not begin within 5 minutes. Check that the cable is seated, then start again."
        return {**_failed(self.at, "start-expired", reason), "timeout_at": self.at}


class ReservationExpired(Event):
    """Nobody came while the connector was held."""

    def marks(self, charge: Charge) -> Marks:
        return {**_never_begun(self.at), "timeout_at": self.at, "stop_reason": "reservation-expired"}


# While it runs ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Began(Event):
    """The box opened a transaction for it; a second one when the box lost power and went on."""

    transaction_id: int
    ocpp_transaction_id: int
    meter_wh: int

    def marks(self, charge: Charge) -> Marks:
        transaction: Marks = {
            "transaction_id": self.transaction_id,
            "ocpp_transaction_id": self.ocpp_transaction_id,
        }
        if charge.begun:
            return transaction
        return transaction | {
            "started_at": self.at,
            "cable_plugged_in_at": charge.cable_plugged_in_at or self.at,
            "raw_state": "charging",
            "meter_start_wh": self.meter_wh,
            "meter_last_wh": self.meter_wh,
            "meter_last_at": self.at,
            "reading_at": self.at,
        }


class EnergyFlows(Event):
    """The box says energy flows."""

    def marks(self, charge: Charge) -> Marks:
        return {"raw_state": "charging", "fully_charged_at": None}


class PausedByCar(Event):
    """The car takes nothing (SuspendedEV): full, or its own schedule."""

    def marks(self, charge: Charge) -> Marks:
        # A car that never took energy is waiting, not full.
        full_at = charge.fully_charged_at or (self.at if charge.energy_wh else None)
        return {"raw_state": "suspended_ev", "fully_charged_at": full_at}


class PausedByChargePoint(Event):
    """The charge point gives nothing (SuspendedEVSE): a schedule, or its share of the site is 0."""

    def marks(self, charge: Charge) -> Marks:
        return {"raw_state": "suspended_evse", "fully_charged_at": None}


# Towards the end -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAsked(Event):
    """Somebody or a limit wants it to end; before it began, this takes it back."""

    by: str

    @property
    def detail(self) -> Marks:
        return {"by": self.by}

    def marks(self, charge: Charge) -> Marks:
        asked: Marks = {"stop_asked_at": self.at, "stopped_by": self.by}
        return asked if charge.begun else {**asked, **_never_begun(self.at), "stop_reason": self.by}


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRefused(Event):
    """The box will not stop: it goes on."""

    outcome: str
    answer: Marks

    @property
    def detail(self) -> Marks:
        return {"outcome": self.outcome, "answer": self.answer}

    def marks(self, charge: Charge) -> Marks:
        return {"stopped_by": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Event):
    """The box closed its transaction and told the closing register; `meter` has the energy of the whole charge."""

    reason: str
    meter_stop_wh: int
    meter: Meter
    oddities: tuple[str, ...] = ()
    signed_data: Marks | None = None
    cable_in: bool
    release_detection: bool

    @property
    def detail(self) -> Marks:
        return {"reason": self.reason, **({"oddities": list(self.oddities)} if self.oddities else {})}

    def marks(self, charge: Charge) -> Marks:
        return {
            "stopped_at": self.at,
            "stop_reason": self.reason,
            "meter_stop_wh": self.meter_stop_wh,
            "meter_start_wh": self.meter.start_wh,
            "meter_last_wh": self.meter.last_wh,
            "meter_last_at": self.meter.last_at,
            "meter_doubt_wh": self.meter.doubt_wh,
            "meter_doubt_at": self.meter.doubt_at,
            "energy_wh": self.meter.energy_wh,
            "signed_data": self.signed_data or charge.signed_data,
            "power_w": 0,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceStopped(Event):
    """Somebody ended it at once, whatever the box says, and took the payment away."""

    by: str
    reason: str | None

    @property
    def detail(self) -> Marks:
        return {"by": self.by, "reason": self.reason}

    def marks(self, charge: Charge) -> Marks:
        return {
            "forced_by": self.by,
            "force_reason": self.reason,
            "forced_at": self.at,
            "stop_reason": "force-stop",
            "stopped_at": charge.stopped_at or self.at,
            "power_w": 0,
            **_FREE,
        }


class Reaped(Event):
    """No sign of life for too long: closed by us, waiting for the box's own stop."""

    def marks(self, charge: Charge) -> Marks:
        return {"stopped_at": self.at, "timeout_at": self.at, "stop_reason": "no-sign-of-life", "power_w": 0}


class Overtaken(Event):
    """Another charge took the connector. What had not begun has failed; what ran is over, its stop was lost."""

    def marks(self, charge: Charge) -> Marks:
        if charge.stopped_at:
            return {}
        if charge.begun:
            return {"stopped_at": self.at, "stop_reason": "another-charge-began", "power_w": 0}
        return _failed(self.at, "another-charge-began", "Another charge began on this charge point first.")


class CableOut(Event):
    """The cable was pulled."""


class Closed(Event):
    """Nothing more is to come, so the figures are final."""


class WaitEnded(Event):
    """Something was still to come, but we waited long enough."""


_FREE: Marks = {"price_minor": 0, "cost_minor": 0}


def _never_begun(at: datetime) -> Marks:
    return {"stopped_at": at, **_FREE}


def _failed(at: datetime, code: str, reason: str) -> Marks:
    return {**_never_begun(at), "failed_at": at, "failure_code": code, "failure_reason": reason}
