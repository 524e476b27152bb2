"""What a search for causes may look at: a charge, the place where it stood, the log, the money. No I/O."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the charge point's log. `kind` is of domain/log_lines.py or the OCPP name of a message."""

    at: datetime
    kind: str
    detail: Mapping[str, object] = field(default_factory=dict)

    def says(self, name: str) -> str:
        """Read a text of the line's detail, empty when it has none of this name."""
        value = self.detail.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A command to the charge point: its outcome (None: no answer yet) and the status it answered with."""

    at: datetime
    action: str
    outcome: str | None
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Mean power over a stretch of time that begins at `at`, in watts."""

    at: datetime
    watts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The connector, as it is now. Powers in watts.

    `best_w` is the most that the charges before drew here, `earlier` of how many; None when nothing is known.
    """

    connected: bool = True
    contact_lost_at: datetime | None = None
    status: str | None = None
    status_at: datetime | None = None
    error_code: str | None = None
    cable_in: bool = False
    in_service: bool = True
    power_w_max: int | None = None
    direct_current: bool = False
    best_w: int | None = None
    earlier: int = 0
    has_charge: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The price that counts. `chosen_by` is as in domain/price_choice.py; `changed_at` when its group changed last."""

    group: str
    chosen_by: str
    changed_at: datetime | None = None
    changed_by: str = ""
    owed_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """The charge. Moments as in its record; `moves` are pairs of moment and cause; energy in Wh, power in watts.

    `neighbours` counts charges that ran at the same site meanwhile, `stop_reason` is without the box's prefix.
    """

    state: str
    raw_state: str | None = None
    by_key: bool = False
    created_at: datetime
    started_at: datetime | None = None
    cable_in_at: datetime | None = None
    stop_asked_at: datetime | None = None
    stopped_at: datetime | None = None
    released_at: datetime | None = None
    failed_at: datetime | None = None
    failure_code: str = ""
    failure_words: str = ""
    stop_reason: str = ""
    forced_at: datetime | None = None
    forced_by: str = ""
    force_reason: str = ""
    energy_wh: int = 0
    meter_start_wh: int | None = None
    meter_last_wh: int | None = None
    soc_percent: float | None = None
    soc_limit_percent: float | None = None
    moves: Sequence[tuple[datetime, str]] = ()
    neighbours: int = 0

    def last_move(self, cause: str) -> datetime | None:
        """Tell when it last made a move with this cause."""
        return next((at for at, each in reversed(self.moves) if each == cause), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything there is to look at. Without a charge, it is asked why none begins here."""

    now: datetime
    place: Place
    charge: Charge | None = None
    lines: Sequence[Line] = ()
    asked: Sequence[Asked] = ()
    power: Sequence[Power] = ()
    price: Price | None = None

    def of_kind(self, *kinds: str) -> list[Line]:
        """List the log's lines of these kinds, the oldest first."""
        return [line for line in self.lines if line.kind in kinds]

    def commands(self, *actions: str) -> list[Asked]:
        """List what the charge point was asked, the oldest first."""
        return [each for each in self.asked if each.action in actions]

    def refused_keys(self, statuses: Collection[str]) -> list[Line]:
        """List the starts with a key that were refused with one of these statuses."""
        return [line for line in self.of_kind("StartTransaction") if line.says("status") in statuses]
