"""Small values that many rules share: ids, states of connectors, where a reading came from."""

from enum import StrEnum
from typing import NewType

OperatorId = NewType("OperatorId", int)
TeamId = NewType("TeamId", int)
SiteId = NewType("SiteId", int)
ChargePointId = NewType("ChargePointId", int)
ConnectorId = NewType("ConnectorId", int)
ChargeId = NewType("ChargeId", int)
ChargeKeyId = NewType("ChargeKeyId", int)


class ConnectorState(StrEnum):
    """What a charge point (one connector) is doing, as people and the Partner API see it."""

    AVAILABLE = "available"
    BUSY = "busy"
    BUSY_BLOCKED = "busy-blocked"
    BUSY_CHARGING = "busy-charging"
    BUSY_NON_CHARGING = "busy-non-charging"
    BUSY_NON_RELEASED = "busy-non-released"
    BUSY_RESERVED = "busy-reserved"
    BUSY_SCHEDULED = "busy-scheduled"
    ERROR = "error"
    DISCONNECTED = "disconnected"
    PASSIVE = "passive"
    MAINTENANCE = "maintenance"
    OTHER = "other"


class ChargeState(StrEnum):
    """The twelve states of a charge (Partner API 3.2.1)."""

    PAYING = "paying"
    RESERVED = "reserved"
    STARTING = "starting"
    SCHEDULED = "scheduled"
    CHARGING = "charging"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    RELEASING = "releasing"
    RELEASED = "released"
    COMPLETED = "completed"
    OTHER = "other"
