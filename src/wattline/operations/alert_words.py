"""Problems in the words of letters and webhooks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from wattline.domain.alerts import ProblemKind

LINES_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A problem, or the end of one, as somebody is told of it."""

    id: int
    kind: ProblemKind
    charge_point_id: int
    identity: str
    name: str
    site: str | None
    since: datetime
    closed_at: datetime | None
    detail: Mapping[str, Any] = field(default_factory=dict)


NEXT_STEPS: Mapping[ProblemKind, str] = {
    ProblemKind.DISCONNECTED: "Cut its power, wait a minute, switch it on, wait 5 more. Then look at its network.",
    ProblemKind.FAULTED: "Restart it from its page. If the fault comes back, it needs a technician.",
    ProblemKind.LOW_SUCCESS: "Look at the last charges on its page: each says why it failed.",
    ProblemKind.NO_ENERGY: "Ask the driver whether the car charges. If it does, its meter does not count: stop it.",
}


def headline(told: Told) -> str:
    """Say what is wrong, in one line."""
    connector = told.detail.get("connector")
    where = f"{told.name}, connector {connector}" if connector else told.name
    match told.kind:
        case ProblemKind.DISCONNECTED:
            return f"{told.name} has no contact"
        case ProblemKind.FAULTED:
            return f"{where} reports a fault ({told.detail.get('error') or 'no code'})"
        case ProblemKind.LOW_SUCCESS:
            return f"{told.name}: {told.detail.get('worked')} of {told.detail.get('tried')} starts worked in a day"
        case ProblemKind.NO_ENERGY:
            return f"{where}: a charge runs, and the meter does not count"


def subject_of(problems: Sequence[Told], recovered: Sequence[Told]) -> str:
    """Write the subject of a letter."""
    if len(problems) == 1:
        return headline(problems[0])
    if problems:
        return f"{len(problems)} problems at your charge points"
    return f"Over: {headline(recovered[0])}" if len(recovered) == 1 else f"{len(recovered)} problems are over"


def letter_text(problems: Sequence[Told], recovered: Sequence[Told], *, group: str, zone: str, web_url: str) -> str:
    """Write a letter: what is wrong with the next step, what is over."""
    parts = [_problem(each, zone, web_url) for each in problems[:LINES_MAX]]
    if len(problems) > LINES_MAX:
        parts.append(f"And {len(problems) - LINES_MAX} more: {web_url}/")
    if recovered:
        lines = [
            f"- {headline(each)}, from {_at(each.since, zone)} to {_end(each, zone)}" for each in recovered[:LINES_MAX]
        ]
        parts.append("\n".join(["Over:", *lines]))
    parts.append(f"You are told because you are in the alert group “{group}”. Its rules: {web_url}/alerts")
    return "\n\n".join(parts) + "\n"


def webhook_body(problems: Sequence[Told], recovered: Sequence[Told], *, group_id: int, at: datetime) -> dict[str, Any]:
    """Write what a webhook is told, ready for JSON."""
    return {
        "type": "charge-point-problems",
        "alertGroupId": group_id,
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "problems": [_entry(each) for each in problems],
        "recovered": [_entry(each) for each in recovered],
    }


def _problem(told: Told, zone: str, web_url: str) -> str:
    place = f" ({told.site})" if told.site else ""
    return (
        f"{headline(told)}{place}\nSince {_at(told.since, zone)}. {NEXT_STEPS[told.kind]}\n"
        f"{web_url}/charge-points/{told.charge_point_id}"
    )


def _entry(told: Told) -> dict[str, Any]:
    return {
        "id": told.id,
        "kind": told.kind,
        "chargePointIdentity": told.identity,
        "name": told.name,
        "site": told.site,
        "since": told.since.isoformat().replace("+00:00", "Z"),
        "closedAt": told.closed_at.isoformat().replace("+00:00", "Z") if told.closed_at else None,
        "detail": dict(told.detail),
    }


def _at(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _end(told: Told, zone: str) -> str:
    return _at(told.closed_at, zone) if told.closed_at else "now"
