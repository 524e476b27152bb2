"""How much of its greatest power a car takes: by how full its battery is, and how long it has been charging."""

from bisect import bisect_right
from dataclasses import dataclass

# (state of charge in percent, share of the greatest power), ascending, with straight lines between the points.
Curve = tuple[tuple[float, float], ...]

# The on-board charger gives all it has until the cells are balanced in the last few percent.
AC_CURVE: Curve = ((0, 1.0), (96, 1.0), (99, 0.45), (100, 0.12))
# A cold, empty battery is treated gently; above about 60 % the cell voltage limits the current.
DC_CURVE: Curve = (
    (0, 0.75),
    (6, 0.95),
    (10, 1.0),
    (58, 1.0),
    (70, 0.7),
    (80, 0.48),
    (90, 0.24),
    (96, 0.1),
    (100, 0.03),
)


@dataclass(frozen=True, slots=True)
class Ramp:
    """The beginning of a charge: silent while contactors close and insulation is tested, then rising in a line."""

    silent_seconds: float
    full_after_seconds: float


AC_RAMP = Ramp(silent_seconds=1.5, full_after_seconds=10)
DC_RAMP = Ramp(silent_seconds=6, full_after_seconds=35)


def share_at(curve: Curve, soc_percent: float) -> float:
    """Tell the share of the greatest power (0 to 1) that a battery this full takes."""
    right = bisect_right(curve, soc_percent, key=lambda point: point[0])
    if right == 0:
        return curve[0][1]
    if right == len(curve):
        return curve[-1][1]
    (soc_left, share_left), (soc_right, share_right) = curve[right - 1], curve[right]
    return share_left + (share_right - share_left) * (soc_percent - soc_left) / (soc_right - soc_left)


def ramp_share(ramp: Ramp, seconds: float) -> float:
    """Tell the share of the power (0 to 1) that flows this many seconds after power was offered."""
    if seconds <= ramp.silent_seconds:
        return 0.0
    if seconds >= ramp.full_after_seconds:
        return 1.0
    return (seconds - ramp.silent_seconds) / (ramp.full_after_seconds - ramp.silent_seconds)
