"""What the server draws: the line under a page head, day strips, and one charge on a time axis. Pure geometry."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# The line stays below this share of its height, so that the figure above it never touches it.
LINE_SHARE_MAX = 60.0
LINE_WIDTH, LINE_HEIGHT = 1000.0, 100.0
# The share of the line that its figure may stand over, on a desk and on a phone.
FIGURE_SHARE, FIGURE_SHARE_NARROW = 0.1, 0.3
FIGURE_STEP = 5
STRIP_WIDTH = 240.0


@dataclass(frozen=True, slots=True)
class Line:
    """A path over 24 hours in a box of 1000 × 100, the area under it, and the height of its end in percent.

    `clear` and `clear_narrow` are the heights above which the figure at the end touches nothing, in steps of 5 percent.
    """

    path: str
    area: str
    end: int
    flat: bool
    clear: int = FIGURE_STEP
    clear_narrow: int = FIGURE_STEP


def line(values: Sequence[float | None]) -> Line:
    """Draw evenly spaced values from left to right; nothing, or nothing but zeros, is a flat line."""
    known = [value or 0.0 for value in values]
    top = max(known, default=0.0)
    if top <= 0:
        return Line("M0 98H1000", "", 2, flat=True)
    step = LINE_WIDTH / max(len(known) - 1, 1)
    heights = [LINE_HEIGHT - 1 - value / top * (LINE_SHARE_MAX - 2) for value in known]
    path = "M" + "L".join(f"{number * step:.1f} {height:.1f}" for number, height in enumerate(heights))
    return Line(
        path,
        f"{path}L1000 100L0 100Z",
        round(LINE_HEIGHT - heights[-1]),
        flat=False,
        clear=_clear(heights, FIGURE_SHARE),
        clear_narrow=_clear(heights, FIGURE_SHARE_NARROW),
    )


def _clear(heights: Sequence[float], share: float) -> int:
    """Tell how high the line reaches in its last `share`."""
    top = LINE_HEIGHT - min(heights[-max(round(len(heights) * share), 1) :])
    return math.ceil(top / FIGURE_STEP) * FIGURE_STEP


@dataclass(frozen=True, slots=True)
class Strip:
    """One stretch of a day strip: where it begins, how wide it is, what it shows."""

    x: str
    width: str
    ground: str


def strip(
    stretches: Iterable[tuple[datetime, str]], *, start: datetime, end: datetime, width: float = STRIP_WIDTH
) -> list[Strip]:
    """Lay (from when, ground) pairs, ordered by time, over start to end; equal neighbours become one."""
    edges: list[tuple[datetime, str]] = []
    for at, ground in stretches:
        edges = [edge for edge in edges if edge[0] < max(at, start)]
        if not edges or edges[-1][1] != ground:
            edges.append((max(at, start), ground))
    total = (end - start).total_seconds()
    strips = []
    for number, (at, ground) in enumerate(edges):
        until = edges[number + 1][0] if number + 1 < len(edges) else end
        x = (at - start).total_seconds() / total * width
        # A hair of overlap hides the seam that anti-aliasing leaves between neighbours.
        wide = max((until - at).total_seconds() / total * width + 0.2, 0.9)
        strips.append(Strip(f"{x:.1f}", f"{wide:.1f}", ground))
    return strips


@dataclass(frozen=True, slots=True)
class Axis:
    """Time along x: from `start` to `end` between `left` and `right`."""

    start: datetime
    end: datetime
    left: float
    right: float

    def x(self, at: datetime) -> float:
        """Tell where a moment lies, kept inside the axis."""
        share = (at - self.start) / (self.end - self.start)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def ticks(self, *, wanted: int = 8) -> list[datetime]:
        """Choose round moments to label, about as many as wanted."""
        step = next((s for s in TICK_STEPS if (self.end - self.start) / s <= wanted), TICK_STEPS[-1])
        midnight = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight + ((self.start - midnight) // step + 1) * step
        ticks = []
        while first <= self.end:
            ticks.append(first)
            first += step
        return ticks


TICK_STEPS = [timedelta(minutes=m) for m in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)]


def round_top(value: float) -> tuple[float, list[float]]:
    """Choose the top of a power axis and the values to rule lines at, in the unit given."""
    step = next(s for s in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 5000) if value / s <= 3.2 or s == 5000)
    count = max(int(value / step) + (0 if value % step == 0 else 1), 1)
    return float(step * count), [float(step * number) for number in range(1, count + 1)]
