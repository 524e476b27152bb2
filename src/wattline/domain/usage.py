"""What a charge used: energy over time, and the moments that fees begin and end at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Energy that flows across the border of two quarters is shared out to the thousandth of a Wh.
_SHARES_PER_WH = 1000


class Segment(NamedTuple):
    """Energy that flowed evenly between two moments."""

    from_at: datetime
    to_at: datetime
    energy_wh: int


class Quarter(NamedTuple):
    """The energy of one quarter of an hour of the clock, and the hour it is part of."""

    from_at: datetime
    hour: datetime
    kwh: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A charge as far as its price is concerned. Segments are in order of time and do not overlap.

    While it runs, `as_of` is the moment that is priced up to; without it, the end of the last segment.
    """

    started_at: datetime
    stopped_at: datetime | None = None
    fully_charged_at: datetime | None = None
    released_at: datetime | None = None
    segments: tuple[Segment, ...] = ()
    as_of: datetime | None = None

    @property
    def ended_at(self) -> datetime:
        """When the charge was stopped, or how far it is priced."""
        return max(self.stopped_at or self._now, self.started_at)

    @property
    def finished_at(self) -> datetime:
        """When charging was over: the car was full, or the charge was stopped."""
        return max(min(self.fully_charged_at or self.ended_at, self.ended_at), self.started_at)

    @property
    def unplugged_at(self) -> datetime:
        """When the cable came out, or how far it is priced while it is in."""
        return max(self.released_at or self._now, self.ended_at)

    @property
    def _now(self) -> datetime:
        last = self.segments[-1].to_at if self.segments else self.started_at
        return self.as_of or self.stopped_at or last


def energy_per_quarter(segments: Sequence[Segment]) -> list[Quarter]:
    """Share energy out over quarters of an hour: prices change at no other time, in whatever time zone."""
    shares: dict[datetime, int] = {}
    quarter = end = _EPOCH
    for segment in segments:
        if not quarter <= segment.from_at < end:
            quarter = begin_of(segment.from_at, QUARTER)
            end = quarter + QUARTER
        if segment.to_at <= end:
            shares[quarter] = shares.get(quarter, 0) + segment.energy_wh * _SHARES_PER_WH
        else:
            for border, share in _shares(segment, quarter):
                shares[border] = shares.get(border, 0) + share
    return [Quarter(at, begin_of(at, HOUR), Decimal(share).scaleb(-6)) for at, share in shares.items()]


def begin_of(at: datetime, period: timedelta) -> datetime:
    """Return when the period of the clock began that a moment lies in."""
    return at - (at - _EPOCH) % period


def _shares(segment: Segment, quarter: datetime) -> Iterator[tuple[datetime, int]]:
    whole, given = segment.energy_wh * _SHARES_PER_WH, 0
    length = (segment.to_at - segment.from_at) // _MICROSECOND
    while quarter < segment.to_at:
        border = quarter + QUARTER
        passed = (min(border, segment.to_at) - segment.from_at) // _MICROSECOND
        until_here = whole * passed // length
        yield quarter, until_here - given
        given, quarter = until_here, border
