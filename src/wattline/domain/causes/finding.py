"""A cause that was found: how likely it is, and what shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Cause(StrEnum):
    """Everything that keeps a car from charging as somebody expected. How each is said: portal/cause_words.py."""

    FORCED = "forced"
    ENDED = "ended"
    NO_CONTACT = "no-contact"
    LOST_CONTACT = "lost-contact"
    FAULT = "fault"
    OUT_OF_SERVICE = "out-of-service"
    RESTARTED = "restarted"
    OTHER_APP = "other-app"
    CAR_PAUSES = "car-pauses"
    CAR_STOPPED = "car-stopped"
    BATTERY_FULL = "battery-full"
    POINT_PAUSES = "point-pauses"
    WAITS_FOR_PLAN = "waits-for-plan"
    SLOW_CAR = "slow-car"
    SLOW_POINT = "slow-point"
    SLOW_SHARED = "slow-shared"
    SLOW_CABLE = "slow-cable"
    NO_ENERGY = "no-energy"
    FREE_CHARGING = "free-charging"
    PRICE_CHANGED_SINCE = "price-changed-since"
    PRICE_CHANGED_BEFORE = "price-changed-before"
    PRICE_OF_ONES_OWN = "price-of-ones-own"
    KEY_UNKNOWN = "key-unknown"
    KEY_BLOCKED = "key-blocked"
    KEY_EXPIRED = "key-expired"
    KEY_IN_USE = "key-in-use"
    FUNDS_MISSING = "funds-missing"
    CARD_REFUSED = "card-refused"
    HOLD_TOO_SMALL = "hold-too-small"
    CABLE_STUCK = "cable-stuck"
    START_REFUSED = "start-refused"
    START_UNANSWERED = "start-unanswered"
    NOT_BEGUN = "not-begun"
    NEVER_SAID_YES = "never-said-yes"
    OVERTAKEN = "overtaken"


Unit = Literal["", "W", "Wh", "%", "min", "times", "moment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One piece of evidence: a line of the log at its moment, or a value. `what` is OCPP's word or one of ours."""

    what: str
    at: datetime | None = None
    value: str | int | float | datetime | None = None
    unit: Unit = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A cause with its evidence. `weight` orders findings: see `CERTAIN` and the others; `told` fills its words."""

    cause: Cause
    weight: int
    proofs: tuple[Proof, ...]
    told: Mapping[str, object] = field(default_factory=dict)


# How sure we are that this is what somebody asks about: the charge's own record says so; the log shows it; it fits what
# we saw, as other causes do; nothing speaks against it.
CERTAIN, SHOWN, FITS, POSSIBLE = 90, 70, 40, 20
