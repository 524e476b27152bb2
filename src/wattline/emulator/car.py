"""A car at the cable: its battery, and how much power it asks for."""

import math
from dataclasses import dataclass

from wattline.emulator.hardware import CURRENT_A_MIN, VOLTAGE_V
from wattline.emulator.power_curve import AC_CURVE, AC_RAMP, DC_CURVE, DC_RAMP, ramp_share, share_at

# What the register counts and what arrives in the cells differ by the loss of the charger and the cable.
AC_EFFICIENCY = 0.91
DC_EFFICIENCY = 0.95


@dataclass(slots=True, kw_only=True)
class Car:
    """A car with a battery. `wants_power` is what its owner can switch off in the car's own app."""

    battery_wh: float = 62_000
    soc_percent: float = 35.0
    ac_power_w: float = 11_040
    ac_phases: int = 3
    dc_power_w: float = 130_000
    target_soc_percent: float = 100.0
    wants_power: bool = True

    @property
    def is_satisfied(self) -> bool:
        """Tell whether the car itself has paused: it is full, or its owner said so."""
        return not self.wants_power or self.soc_percent >= self.target_soc_percent

    def draw_ac(self, *, current_a: float, phases: int, seconds: float) -> float:
        """Tell the power in W drawn when this many ampere per phase are offered, so long after the offer began."""
        if self.is_satisfied or current_a < CURRENT_A_MIN:
            return 0.0
        used_phases = min(phases, self.ac_phases)
        wanted_a = self.ac_power_w / (VOLTAGE_V * self.ac_phases) * share_at(AC_CURVE, self.soc_percent)
        drawn_a = min(current_a, wanted_a) * _unsteadiness(seconds)
        return drawn_a * VOLTAGE_V * used_phases * ramp_share(AC_RAMP, seconds)

    def draw_dc(self, *, power_w: float, seconds: float) -> float:
        """Tell the power in W drawn when so much is offered, so long after the offer began."""
        if self.is_satisfied:
            return 0.0
        wanted_w = self.dc_power_w * share_at(DC_CURVE, self.soc_percent)
        return min(power_w, wanted_w) * ramp_share(DC_RAMP, seconds) * _unsteadiness(seconds)

    def fill(self, energy_wh: float, *, efficiency: float) -> None:
        """Put what the cable delivered into the battery; a full one takes no more."""
        self.soc_percent = min(100.0, self.soc_percent + energy_wh * efficiency / self.battery_wh * 100)


def _unsteadiness(seconds: float) -> float:
    """No charger holds its power to the watt: it breathes by a few parts in a thousand, never above the offer."""
    return 1 - 0.004 * (1 + math.sin(seconds / 19) * math.sin(seconds / 7))
