"""The charge points that can be emulated: what a maker would print on the type plate."""

from dataclasses import dataclass
from enum import StrEnum

VOLTAGE_V = 230
# IEC 61851-1: a car must not be offered less than 6 A; below that, the charge point pauses.
CURRENT_A_MIN = 6


class Current(StrEnum):
    """Which kind of current the cable carries."""

    AC = "AC"
    DC = "DC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """One type of charge point. Power is per connector; phases and ampere describe the AC side."""

    name: str
    current: Current
    power_w_max: int
    phases: int
    current_a_max: int
    model: str
    vendor: str = "Wattline"
    firmware: str = "emulator-1.0"
    meter_type: str = "Emulated MID meter"

    @property
    def knows_soc(self) -> bool:
        """Tell whether the car says how full it is: over a DC cable it does, over AC it doesn't."""
        return self.current is Current.DC


def _ac(name: str, power_w_max: int, phases: int, current_a_max: int) -> Hardware:
    return Hardware(
        name=name,
        current=Current.AC,
        power_w_max=power_w_max,
        phases=phases,
        current_a_max=current_a_max,
        model=f"Emulated {name}",
    )


def _dc(name: str, power_w_max: int) -> Hardware:
    current_a_max = round(power_w_max / 400)
    return Hardware(
        name=name,
        current=Current.DC,
        power_w_max=power_w_max,
        phases=3,
        current_a_max=current_a_max,
        model=f"Emulated {name}",
    )


HARDWARE = {
    hardware.name: hardware
    for hardware in (
        _ac("ac-4", 3_680, 1, 16),
        _ac("ac-7", 7_360, 1, 32),
        _ac("ac-11", 11_040, 3, 16),
        _ac("ac-22", 22_080, 3, 32),
        _dc("dc-50", 50_000),
        _dc("dc-150", 150_000),
        _dc("dc-300", 300_000),
    )
}
