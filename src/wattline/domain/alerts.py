"""What counts as a problem of a charge point, and who is told when: once of a problem, once of its end."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class ProblemKind(StrEnum):
    """What can be wrong with a charge point."""

    DISCONNECTED = "disconnected"
    FAULTED = "faulted"
    LOW_SUCCESS = "low-success"
    NO_ENERGY = "no-energy"


# Gone for this long and it is gone: a problem that comes back sooner is still the same one, and nobody is told twice.
SETTLED_AFTER = timedelta(minutes=5)
# Many charge points that fail one after the other make one letter now and then, not one each.
BETWEEN_LETTERS = timedelta(minutes=5)
# A charge that should draw power and has no energy after this: its meter does not count.
NO_ENERGY_AFTER = timedelta(minutes=15)
# Starts are judged over this long.
SUCCESS_OVER = timedelta(hours=24)
MINUTES_MAX = 7 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """What a group wants to hear of; None or False: not of this.

    Minutes are how long a problem must last first; a success rate is told of once it is below that percentage.
    In quiet hours, of the group's own wall clock, nothing is sent; what still lasts then is told afterwards.
    """

    disconnected_minutes: int | None = 15
    faulted_minutes: int | None = 5
    success_below_percent: int | None = 80
    no_energy: bool = True
    quiet_from: time | None = None
    quiet_until: time | None = None
    time_zone: str = "UTC"


def is_ripe(rules: AlertRules, kind: ProblemKind, *, since: datetime, percent: float | None, now: datetime) -> bool:
    """Tell whether a group wants to hear of a problem by now. `percent`: the success rate, where that is too low."""
    if kind is ProblemKind.NO_ENERGY:
        return rules.no_energy
    if kind is ProblemKind.LOW_SUCCESS:
        return rules.success_below_percent is not None and percent is not None and percent < rules.success_below_percent
    minutes = rules.disconnected_minutes if kind is ProblemKind.DISCONNECTED else rules.faulted_minutes
    return minutes is not None and now - since >= timedelta(minutes=minutes)


def is_quiet(rules: AlertRules, *, now: datetime) -> bool:
    """Tell whether it is quiet hours; they may go over midnight. From and until alike: never quiet."""
    if rules.quiet_from is None or rules.quiet_until is None:
        return False
    clock = now.astimezone(ZoneInfo(rules.time_zone)).time()
    if rules.quiet_from <= rules.quiet_until:
        return rules.quiet_from <= clock < rules.quiet_until
    return clock >= rules.quiet_from or clock < rules.quiet_until
