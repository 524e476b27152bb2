"""The stations of a charge: every move with its cause, and what the charge point was asked, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.portal.reasons import source_words, stop_words
from wattline.queries.portal_charge import ChargeCommand, ChargeMove, ChargePage
from wattline.web.formats import Formats

# Cause of a move: heading, hue, whether its dot is full.
STATIONS = {
    "StartAsked": ("Start wanted", "current", False),
    "Reserved": ("Connector kept", "current", False),
    "StartRefused": ("Start refused", "red", True),
    "StartExpired": ("Never began", "red", True),
    "ReservationExpired": ("Nobody came", "ink-3", True),
    "Began": ("Charging", "current", True),
    "EnergyFlows": ("Energy flows again", "current", True),
    "PausedByCar": ("Paused by the car", "amber", True),
    "PausedByChargePoint": ("Paused by the charge point", "amber", True),
    "StopAsked": ("Stop wanted", "current", False),
    "StopRefused": ("Stop refused", "red", True),
    "Stopped": ("Stopped", "ink-3", False),
    "ForceStopped": ("Force stopped", "red", True),
    "Reaped": ("Closed by us", "ink-3", True),
    "Overtaken": ("Another charge began", "ink-3", True),
    "CableOut": ("Unplugged", "green", False),
    "Closed": ("Settled", "green", True),
    "WaitEnded": ("Settled", "green", True),
}
COMMAND_WORDS = {
    "RemoteStartTransaction": "Start asked",
    "RemoteStopTransaction": "Stop asked",
    "ReserveNow": "Asked to keep the connector",
    "CancelReservation": "Asked to free the connector",
}


@dataclass(frozen=True, slots=True)
class Station:
    """One stop on the line."""

    at: datetime
    heading: str
    means: str
    hue: str
    full: bool
    tag: str


def stations(
    charge: ChargePage, moves: Sequence[ChargeMove], commands: Sequence[ChargeCommand], formats: Formats
) -> list[Station]:
    """List what happened, the newest first."""
    found = [_moved(charge, move) for move in moves] + [_asked(each, formats) for each in commands]
    if charge.correction:
        found.append(_corrected(charge))
    # What came later in the same instant stands above.
    in_order = sorted(enumerate(found), key=lambda pair: (pair[1].at, pair[0]), reverse=True)
    return [station for _, station in in_order]


def _moved(charge: ChargePage, move: ChargeMove) -> Station:
    heading, hue, full = STATIONS.get(move.cause, (move.cause, "ink-3", False))
    return Station(move.at, heading, _means(charge, move), hue, full, TAGS.get(move.cause, "Wattline"))


TAGS = {
    "Began": "StartTransaction",
    "EnergyFlows": "StatusNotification",
    "PausedByCar": "SuspendedEV",
    "PausedByChargePoint": "SuspendedEVSE",
    "Stopped": "StopTransaction",
    "CableOut": "StatusNotification",
}


def _means(charge: ChargePage, move: ChargeMove) -> str:
    match move.cause:
        case "StartAsked":
            return f"Wanted by {_who(charge)}."
        case "Reserved":
            return f"Kept for {_who(charge)}."
        case "StartRefused":
            return charge.failure_reason or "The charge point said no."
        case "StartExpired":
            return "The charge point did not begin within 5 minutes."
        case "Began":
            return "The charge point opened a transaction; energy may flow."
        case "PausedByCar":
            return "The car asked for zero. Full, or its own schedule."
        case "PausedByChargePoint":
            return "The charge point holds the energy back: a schedule, or its share of the power is 0."
        case "StopAsked":
            return f"{(stop_words(charge.stopped_by) or 'Somebody wanted it').capitalize()}."
        case "Stopped":
            return f"{(stop_words(charge.stop_reason) or 'the charge point ended it').capitalize()}."
        case "Closed" if charge.failed_at:
            return "Nothing was taken. Nothing about this charge can change now."
        case "ForceStopped":
            return f"By {charge.forced_by}; nobody pays."
    return MEANINGS.get(move.cause, "")


MEANINGS = {
    "ReservationExpired": "The connector is free again.",
    "EnergyFlows": "The car takes energy again.",
    "StopRefused": "The charge point did not stop; the charge goes on.",
    "Reaped": "Nothing was heard for too long; the last reading counts.",
    "Overtaken": "Another charge began on this connector, so this one is over.",
    "CableOut": "The connector is free again.",
    "Closed": "The last meter reading is in. Nothing about this charge can change now.",
    "WaitEnded": "We waited long enough for the rest. Nothing about this charge can change now.",
}


def _who(charge: ChargePage) -> str:
    if charge.key_tail:
        return f"{charge.key_name or 'charge key'} ··{charge.key_tail}"
    return source_words(charge.start_source)


def _asked(command: ChargeCommand, formats: Formats) -> Station:
    heading = COMMAND_WORDS.get(command.action, f"Asked: {command.action}")
    at = command.sent_at or command.created_at
    return Station(at, heading, _answer(command, formats), "current", False, command.action)


def _answer(command: ChargeCommand, formats: Formats) -> str:
    status = (command.answer or {}).get("status")
    match command.outcome:
        case None:
            return "No answer yet."
        case "accepted":
            took = (command.answered_at or command.created_at) - (command.sent_at or command.created_at)
            return f"Accepted after {formats.number(took.total_seconds(), 1)} s."
        case "refused":
            return f"The charge point answered no{f' ({status})' if status else ''}."
        case "no-contact" | "expired":
            return "No contact, so nothing was sent."
        case _:
            return "No answer came; nobody knows whether it did it."


def _corrected(charge: ChargePage) -> Station:
    means = "The charge point told another end later. The bill stays as it was."
    at = charge.completed_at or charge.created_at
    return Station(at, "Correction kept", means, "amber", True, "StopTransaction")
