"""When a charge point that is stuck is restarted without anybody asking.

A hard reset helps often, and is no help at all where it did not help twice; so tries are few, far apart, and never
while somebody charges. What people took out of service stays as they left it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

STUCK_AFTER = timedelta(hours=1)
TRIES_MAX = 3
# Tries of one trouble: anything older belongs to another.
TRIES_COUNTED = timedelta(hours=24)
GRACE = timedelta(hours=2)
BAD_STATUSES = frozenset({"Faulted", "Unavailable"})


class Because(StrEnum):
    """Why a box is restarted."""

    FAULTED = "faulted"
    UNAVAILABLE = "unavailable"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is known of a box. `connector_statuses` has (OCPP status, since when) of each connector."""

    connected: bool
    switched_on: bool
    charging: bool
    out_of_service_by_people: bool
    box_status: str | None
    box_status_at: datetime | None
    connector_statuses: Sequence[tuple[str | None, datetime | None]]
    last_heard_at: datetime | None
    tried_at: Sequence[datetime]


def why_restart(box: Patient, *, now: datetime) -> Because | None:
    """Tell why this box should be restarted now; None when it should not.

    With one connector, its own trouble is enough; with several, the box itself must be bad, since a restart would
    take the good connectors from drivers.
    """
    if not box.switched_on or not box.connected or box.charging or box.out_of_service_by_people:
        return None
    if not may_try(box.tried_at, now=now):
        return None
    if box.last_heard_at is not None and now - box.last_heard_at >= STUCK_AFTER:
        return Because.SILENT
    spoken = [(box.box_status, box.box_status_at)]
    if len(box.connector_statuses) == 1:
        spoken += box.connector_statuses
    for status, since in spoken:
        if status in BAD_STATUSES and since is not None and now - since >= STUCK_AFTER:
            return Because(status.lower()) if status else None
    return None


def may_try(tried_at: Sequence[datetime], *, now: datetime) -> bool:
    """Tell whether another try is allowed: not too soon after the last, and not too often within a day."""
    recent = [at for at in tried_at if now - at < TRIES_COUNTED]
    return len(recent) < TRIES_MAX and all(now - at >= GRACE for at in recent)
