"""Charging profiles: which limit holds now, and for how long (OCPP 1.6 section 3.13)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from wattline.emulator.configuration import PERIODS_MAX, PROFILES_MAX, STACK_LEVEL_MAX
from wattline.emulator.hardware import VOLTAGE_V


class ProfilePurpose(StrEnum):
    """What a profile limits."""

    CHARGE_POINT_MAX = "ChargePointMaxProfile"
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"


class ProfileKind(StrEnum):
    """What a schedule's times count from."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"


RECURS_AFTER = {"Daily": timedelta(days=1), "Weekly": timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Period:
    """From so many seconds after the schedule's start on, this limit."""

    start_seconds: int
    limit: float
    phases: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One installed profile. `connector` 0 is the whole box; `unit` is A or W; periods ascend from 0."""

    id: int
    connector: int
    stack_level: int
    purpose: ProfilePurpose
    kind: ProfileKind
    unit: str
    periods: tuple[Period, ...]
    recurrency: str | None = None
    start_at: datetime | None = None
    duration_seconds: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    central_transaction_id: int | None = None

    def period_at(self, at: datetime, began_at: datetime) -> Period | None:
        """The period in force, for a transaction that began then; None when the profile says nothing now."""
        if (self.valid_from is not None and at < self.valid_from) or (
            self.valid_to is not None and at >= self.valid_to
        ):
            return None
        seconds = self._seconds_since_start(at, began_at)
        if seconds < 0 or (self.duration_seconds is not None and seconds >= self.duration_seconds):
            return None
        return next((period for period in reversed(self.periods) if period.start_seconds <= seconds), None)

    def changes(self, after: datetime, until: datetime, began_at: datetime) -> Iterator[datetime]:
        """Every moment between the two at which another period may come into force."""
        yield from (at for at in (self.valid_from, self.valid_to) if at is not None and after < at < until)
        ends = [] if self.duration_seconds is None else [self.duration_seconds]
        # Seconds from `after` on, not times: a schedule may reach beyond the calendar's last day.
        longest = (until - after).total_seconds()
        again = RECURS_AFTER.get(self.recurrency or "") if self.kind is ProfileKind.RECURRING else None
        start = -self._seconds_since_start(after, began_at)
        while start < longest:
            steps = (start + seconds for seconds in (*(period.start_seconds for period in self.periods), *ends))
            yield from (after + timedelta(seconds=step) for step in steps if 0 < step < longest)
            if again is None:
                return
            start += again.total_seconds()

    def _seconds_since_start(self, at: datetime, began_at: datetime) -> float:
        start = began_at if self.kind is ProfileKind.RELATIVE or self.start_at is None else self.start_at
        since = at - start
        again = RECURS_AFTER.get(self.recurrency or "")
        if self.kind is ProfileKind.RECURRING and again is not None and since > timedelta(0):
            since %= again
        return since.total_seconds()


@dataclass(frozen=True, slots=True)
class Limit:
    """Power a connector may give, and over how many phases when that is limited too."""

    power_w: float
    phases: int | None


@dataclass(slots=True)
class Profiles:
    """All profiles of one box, on hardware with so many phases."""

    phases: int
    installed: list[Profile] = field(default_factory=list)

    def install(self, profile: Profile) -> bool:
        """Take a profile in place of the one of the same id, or the same purpose, level and connector."""
        too_long = len(profile.periods) > PERIODS_MAX or profile.stack_level > STACK_LEVEL_MAX
        kept = [other for other in self.installed if not _replaces(profile, other)]
        if too_long or len(kept) >= PROFILES_MAX:
            return False
        self.installed = [*kept, profile]
        return True

    def clear(
        self,
        *,
        id: int | None = None,
        connector: int | None = None,
        purpose: ProfilePurpose | None = None,
        stack_level: int | None = None,
    ) -> bool:
        """Remove what matches all that is given; tell whether there was any. An id alone decides."""

        def matches(profile: Profile) -> bool:
            if id is not None:
                return profile.id == id
            wanted = ((connector, profile.connector), (purpose, profile.purpose), (stack_level, profile.stack_level))
            return all(given is None or given == actual for given, actual in wanted)

        kept = [profile for profile in self.installed if not matches(profile)]
        found = len(kept) < len(self.installed)
        self.installed = kept
        return found

    def forget_transaction(self, connector: int) -> None:
        """Remove the profiles of a transaction that has ended."""
        self.clear(connector=connector, purpose=ProfilePurpose.TX)

    def limit(self, connector: int, at: datetime, began_at: datetime, *, sharing: int = 1) -> Limit | None:
        """What holds for a connector now; the box's own limit is shared by so many that are charging."""
        whole_box = self._strongest((ProfilePurpose.CHARGE_POINT_MAX,), (0,), at, began_at)
        own = self._strongest((ProfilePurpose.TX, ProfilePurpose.TX_DEFAULT), (connector, 0), at, began_at)
        share = None if whole_box is None else Limit(whole_box.power_w / max(1, sharing), whole_box.phases)
        return min(
            (limit for limit in (own, share) if limit is not None), key=lambda limit: limit.power_w, default=None
        )

    def changes(self, after: datetime, until: datetime, began_at: datetime) -> list[datetime]:
        """Every moment between the two at which a limit may change, in order."""
        return sorted({at for profile in self.installed for at in profile.changes(after, until, began_at)})

    def _strongest(
        self, purposes: Iterable[ProfilePurpose], connectors: Iterable[int], at: datetime, began_at: datetime
    ) -> Limit | None:
        # A transaction's own profile goes before the default; a connector's before the box's; then the stack level.
        for purpose in purposes:
            for connector in connectors:
                candidates = [p for p in self.installed if p.purpose is purpose and p.connector == connector]
                for profile in sorted(candidates, key=lambda profile: -profile.stack_level):
                    period = profile.period_at(at, began_at)
                    if period is not None:
                        return self._limit_of(profile, period)
        return None

    def _limit_of(self, profile: Profile, period: Period) -> Limit:
        if profile.unit == "W":
            return Limit(period.limit, period.phases)
        return Limit(period.limit * VOLTAGE_V * min(self.phases, period.phases or self.phases), period.phases)


def _replaces(new: Profile, old: Profile) -> bool:
    same_place = (new.purpose, new.stack_level, new.connector) == (old.purpose, old.stack_level, old.connector)
    return new.id == old.id or same_place
