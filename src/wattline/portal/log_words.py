"""A line of the log in plain words: what it says of this charge point now, not what its kind means at large."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from wattline.domain.log_lines import LogKind, meaning_of
from wattline.portal.reasons import stop_words
from wattline.portal.states import error_words
from wattline.queries.portal_logs import Line
from wattline.web.formats import Formats, lasted

HUES = {
    LogKind.CHARGING: ("current", True),
    LogKind.START_TRANSACTION: ("current", False),
    LogKind.STOP_TRANSACTION: ("ink-3", False),
    LogKind.SUSPENDED_EV: ("amber", True),
    LogKind.SUSPENDED_EVSE: ("amber", True),
    LogKind.DISCONNECT: ("ink", True),
    LogKind.CONNECT: ("ink-3", False),
    LogKind.BOOT_NOTIFICATION: ("ink-3", False),
}

STATUS_WORDS = {
    "Available": "{} is free.",
    "Preparing": "A car is plugged in at {}, or a key was shown; nobody has started.",
    "Charging": "{} gives energy to the car.",
    "SuspendedEV": "The car at {} takes nothing. Full, or its own schedule; we cannot overrule it.",
    "SuspendedEVSE": "{} gives nothing for now: a schedule, or its share of the power is 0.",
    "Finishing": "The charge at {} is over; the cable is still in.",
    "Reserved": "{} is kept for somebody.",
    "Unavailable": "{} is out of service.",
    "Faulted": "{} reports a fault: {}.",
}

ASKED = {
    "RemoteStartTransaction": "We asked for a start",
    "RemoteStopTransaction": "We asked it to stop",
    "Reset": "We asked for a restart",
    "UnlockConnector": "We asked to unlock",
    "ChangeAvailability": "We changed its service",
    "GetConfiguration": "We asked for settings",
    "ChangeConfiguration": "We changed a setting",
    "TriggerMessage": "We asked how it is",
}

OUTCOME_WORDS = {
    "accepted": "Accepted.",
    "refused": "It answered no",
    "error": "It did not understand",
    "no-answer": "No answer came.",
    "no-contact": "There was no contact, so nothing was sent.",
    "expired": "It was not ready in time, so nothing was sent.",
    "unknown": "Contact was lost before the answer; nobody knows whether it did it.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A line as the page shows it. `gap`: nothing was heard between this line and the one before it."""

    at: datetime
    heading: str
    means: Markup
    hue: str
    full: bool
    tag: str
    charge_id: int | None
    charge: str | None
    gap: bool
    message_id: str | None


def say_all(lines: Sequence[Line], formats: Formats) -> list[Said]:
    """Put lines, newest first, into words; a line may look at the older ones after it."""
    return [_say(line, lines[number + 1 :], formats) for number, line in enumerate(lines)]


def _say(line: Line, older: Sequence[Line], formats: Formats) -> Said:
    hue, full = HUES.get(LogKind(line.kind), ("ink-3", False)) if line.kind in set(LogKind) else ("ink-3", False)
    status = str(line.detail.get("status", ""))
    if line.kind == LogKind.STATUS_NOTIFICATION:
        hue = {"Available": "green", "Faulted": "red"}.get(status, "ink-3")
        full = status == "Faulted"
    return Said(
        at=line.at,
        heading=ASKED.get(line.kind, line.kind),
        means=_means(line, older, formats),
        hue=hue,
        full=full,
        tag=_tag(line, status),
        charge_id=line.charge_id,
        charge=line.charge,
        gap=line.kind == LogKind.CONNECT,
        message_id=line.message_id,
    )


def _tag(line: Line, status: str) -> str:
    if line.kind in ASKED:
        return line.kind
    return status if line.kind == LogKind.STATUS_NOTIFICATION else str(line.detail.get("subprotocol", ""))


def _means(line: Line, older: Sequence[Line], formats: Formats) -> Markup:
    detail = line.detail
    connector = f"Connector {line.connector_number}" if line.connector_number else "The charge point"
    if "status" in detail and detail["status"] in STATUS_WORDS:
        return escape(_status(connector, detail))
    match line.kind:
        case LogKind.START_TRANSACTION:
            return _with_meter("The charge began.", _one_of(detail, "meterWh", "meterStart"), formats)
        case LogKind.STOP_TRANSACTION:
            why = stop_words(_one_of(detail, "reason"))
            words = f"The charge ended: {why}." if why else "The charge ended."
            return _with_meter(words, _one_of(detail, "meterWh", "meterStop"), formats)
        case LogKind.BOOT_NOTIFICATION:
            return escape(_boot(detail))
        case LogKind.CONNECT:
            return escape(_connect(line, older))
        case LogKind.DISCONNECT:
            return escape(_disconnect(detail))
    if "outcome" in detail:
        return escape(_command(detail))
    return escape(meaning_of(line.kind))


def _status(connector: str, detail: Mapping[str, Any]) -> str:
    fault = error_words(_one_of(detail, "errorCode", "error_code"), _one_of(detail, "info", "errorInfo", "error_info"))
    words = STATUS_WORDS[detail["status"]].format(connector, fault or "it does not say which")
    # Inside a sentence the connector is not its first word.
    return words if words.startswith(connector) else words.replace(connector, connector[0].lower() + connector[1:])


def _with_meter(words: str, meter_wh: Any, formats: Formats) -> Markup:
    if not isinstance(meter_wh, (int, float)):
        return escape(words)
    return Markup("{} Meter at {}.").format(words, formats.energy(int(meter_wh)))


def _boot(detail: Mapping[str, Any]) -> str:
    maker = " ".join(
        filter(None, (_one_of(detail, "vendor", "chargePointVendor"), _one_of(detail, "model", "chargePointModel")))
    )
    firmware = _one_of(detail, "firmware", "firmwareVersion")
    return f"It started up{f': {maker}' if maker else ''}{f', firmware {firmware}' if firmware else ''}."


def _connect(line: Line, older: Sequence[Line]) -> str:
    before = next((each for each in older if each.kind in (LogKind.DISCONNECT, LogKind.CONNECT)), None)
    if before is not None and before.kind == LogKind.DISCONNECT:
        return f"Back in contact after {lasted(line.at - before.at)}."
    return "In contact with us." if before is None else "A new connection took the place of the one before."


def _disconnect(detail: Mapping[str, Any]) -> str:
    why = _one_of(detail, "why", "reason")
    code = _one_of(detail, "code")
    return f"It lost its connection to us{f': {why}' if why else ''}{f' (close code {code})' if code else ''}."


def _command(detail: Mapping[str, Any]) -> str:
    outcome, answer = detail["outcome"], detail.get("answer") or {}
    words = OUTCOME_WORDS.get(outcome, str(outcome))
    if outcome == "refused":
        words += f": {answer.get('status', 'no reason given')}."
    elif outcome == "error":
        words += f": {answer.get('description') or answer.get('code') or 'no reason given'}."
    asked_by = detail.get("askedBy")
    return f"{words} Asked for by {asked_by}." if asked_by else words


def _one_of(detail: Mapping[str, Any], *names: str) -> Any:
    return next((detail[name] for name in names if detail.get(name) not in (None, "")), None)
