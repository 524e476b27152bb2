"""Watching what a charge costs while it runs: it has to stop before it costs more than is held."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wattline.domain.usage import Segment, Usage

# The box needs a moment to stop, and readings come about once a minute.
NEXT_INTERVAL = timedelta(minutes=1)
LOOK_AGAIN_MIN, LOOK_AGAIN_MAX = timedelta(seconds=15), timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Watch:
    """What follows from the cost so far: stop now, or look again after a while."""

    stop: bool
    look_again_after: timedelta


def one_interval_on(usage: Usage, *, power_w: int, now: datetime) -> Usage:
    """Let a charge go on as it is for one more interval."""
    later = now + NEXT_INTERVAL
    more_wh = round(power_w * NEXT_INTERVAL.total_seconds() / 3600)
    ahead: Sequence[Segment] = [Segment(now, later, more_wh)] if more_wh else []
    return replace(usage, segments=(*usage.segments, *ahead), as_of=later)


def watch(*, cost_minor: int, next_minor: int, most_minor: int) -> Watch:
    """Compare the cost now and one interval on with the most it may come to (the hold, or a limit below it)."""
    step_minor = next_minor - cost_minor
    if next_minor >= most_minor:
        return Watch(stop=True, look_again_after=LOOK_AGAIN_MIN)
    if step_minor <= 0:
        return Watch(stop=False, look_again_after=LOOK_AGAIN_MAX)
    intervals_left = (most_minor - next_minor) / step_minor
    # Half of what is left: the price or the power may rise meanwhile.
    after = min(NEXT_INTERVAL * (intervals_left / 2), LOOK_AGAIN_MAX)
    return Watch(stop=False, look_again_after=max(after, LOOK_AGAIN_MIN))
