"""How much energy did a charge take? From registers that cannot be trusted one by one.

Charge points send a start of 0 as a placeholder before the meter is read (field note T7), registers that count since
the boot, since the session's start or for life, and go back by 1 Wh (T6), kilowatt-hours labelled Wh (T8), repeats and
spikes. So no value is believed that does not fit the one before it: it is *doubted* until the next value goes on from
it, and then the register counts on from there. While a charge runs its energy only grows; what cannot be explained is
left out, and said at the end.

`advance` takes one value while the charge runs; domain/meter_review.py looks at all of them when it ends.
"""

from datetime import datetime
from typing import NamedTuple

# Registers in whole kWh, and rounding between two sources, jump by up to this.
ROUNDING_WH = 1_000

# A step may leap by this much beyond what is physically possible: clocks are coarse, readings get lost, and emulators
# hurry. It is also the most that one wrong value can cost while a charge runs.
LEAP_WH = 20_000

# No AC socket gives more (63 A on three phases is 43 kW); the strongest DC ones give this. What the owner typed as the
# connector's power only ever widens the limit: it is often wrong.
POWER_AC_W = 50_000
POWER_ANY_W = 500_000

# Below this, a register and the same number of kWh cannot be told apart safely.
KWH_FROM_WH = 10_000


class Meter(NamedTuple):
    """What is remembered between two readings of one charge.

    `last_wh` is the value believed last, `start_wh` where the charge began on the same register, and `doubt_wh` a value
    that did not fit and waits for one that goes on from it.
    """

    start_wh: int
    last_wh: int
    last_at: datetime
    energy_wh: int = 0
    doubt_wh: int | None = None
    doubt_at: datetime | None = None


def begun(*, at: datetime, meter_wh: int) -> Meter:
    """Start with what StartTransaction said; it is believed like any other value, no more."""
    return Meter(start_wh=meter_wh, last_wh=meter_wh, last_at=at)


def power_limit_w(*, current_kind: str | None, max_power_w: int | None) -> int:
    """Tell which power is physically possible at a connector, generously."""
    return max(POWER_AC_W if current_kind == "ac" else POWER_ANY_W, (max_power_w or 0) * 5 // 4)


def possible_wh(power_limit: int, since: datetime, until: datetime) -> int:
    """Tell how much energy can have flowed between two readings at most, rounding included."""
    seconds = (until - since).total_seconds()
    return int(power_limit * seconds / 3600) + ROUNDING_WH if seconds > 0 else ROUNDING_WH


def advance(meter: Meter, at: datetime, energy_wh: int, power_limit: int, flowed_wh: int | None = None) -> Meter:
    """Take the next value of the register, in order of time.

    `flowed_wh` is what the power says that flowed since the value before, where the box measures it.
    """
    gain = energy_wh - meter.last_wh
    possible = possible_wh(power_limit, meter.last_at, at)
    if 0 <= gain <= possible + LEAP_WH:
        return Meter(meter.start_wh, energy_wh, at, meter.energy_wh + gain)
    if gain < 0 and flowed_wh is not None and abs(energy_wh * 1_000 - meter.last_wh - flowed_wh) <= ROUNDING_WH:
        # Found to be in kWh earlier in this charge, and going on as the power says.
        return advance(meter, at, max(energy_wh * 1_000, meter.last_wh), power_limit)
    if -ROUNDING_WH <= gain < 0:
        # Rounding, or the 1 Wh some meters go back. The higher value stays, so nothing is counted twice.
        return Meter(meter.start_wh, meter.last_wh, at, meter.energy_wh)
    if meter.last_wh >= KWH_FROM_WH and -ROUNDING_WH <= energy_wh * 1_000 - meter.last_wh <= possible:
        # A value far below that fits when read as kWh: the label is wrong, not the meter.
        return advance(meter, at, energy_wh * 1_000, power_limit)
    if meter.doubt_wh is not None and meter.doubt_at is not None and at > meter.doubt_at:
        gain = energy_wh - meter.doubt_wh
        if 0 <= gain <= possible_wh(power_limit, meter.doubt_at, at) + LEAP_WH:
            return _on_new_register(meter, meter.doubt_wh, meter.doubt_at, at, energy_wh, power_limit)
    return Meter(meter.start_wh, meter.last_wh, meter.last_at, meter.energy_wh, energy_wh, at)


def flowed(power_before_w: int, power_w: int, since: datetime, until: datetime) -> int:
    """Tell how much energy flowed while the power went from one value to another."""
    return int((power_before_w + power_w) * (until - since).total_seconds() / 7_200)


def may_be_kwh(energy_wh: int, step_wh: int, flowed_wh: int, *, power_w: int, begun_at: datetime, at: datetime) -> bool:
    """Tell whether a charge's register may count kWh although it says Wh (T8): worth a look at all its readings.

    The last step was far too small for the power, and so is the whole, if the power was about the same all the time.
    """
    expected_wh = power_w * (at - begun_at).total_seconds() / 3_600
    return step_wh * 100 <= flowed_wh + 100 and 0 < energy_wh * 300 <= expected_wh <= energy_wh * 3_000


def _on_new_register(
    meter: Meter, first_wh: int, first_at: datetime, at: datetime, last_wh: int, power_limit: int
) -> Meter:
    # A register that fell and begins low has counted since its reset, so its first value is energy of this charge too.
    since_reset = first_wh < meter.last_wh and first_wh <= possible_wh(power_limit, meter.last_at, first_at)
    energy_wh = meter.energy_wh + last_wh - (0 if since_reset else first_wh)
    return Meter(max(0, last_wh - energy_wh), last_wh, at, energy_wh)
