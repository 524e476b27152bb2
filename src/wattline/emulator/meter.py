"""What the meter of a connector shows: one number per measurand and phase."""

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from wattline.emulator.connector import Connector
from wattline.emulator.hardware import VOLTAGE_V, Current
from wattline.emulator.measurands import UNITS, Measurand
from wattline.emulator.messages import Reading, Sample

DC_VOLTAGE_V = 400


def read_meter(connector: Connector, measurands: Iterable[Measurand], *, context: str, at: datetime) -> Reading:
    """Take a reading of what was configured; measurands this hardware cannot know are left out."""
    samples = (sample for measurand in measurands for sample in _samples(connector, *measurand, at))
    return Reading(at, context, tuple(samples))


def _samples(connector: Connector, measurand: str, phase: str | None, at: datetime) -> Iterator[Sample]:
    if measurand in PER_PHASE and connector.hardware.current is Current.AC:
        suffix = "-N" if measurand == "Voltage" else ""
        for number in range(1, connector.hardware.phases + 1):
            name = f"L{number}{suffix}"
            if phase is None or phase.removesuffix("-N") == f"L{number}":
                yield Sample(measurand, PER_PHASE[measurand](connector, number, at), UNITS[measurand], name)
        return
    value = WHOLE[measurand](connector, at)
    if value is not None and phase is None:
        yield Sample(measurand, value, UNITS[measurand], location=LOCATIONS.get(measurand))


def voltage_v(number: int, at: datetime) -> float:
    """The grid's voltage: never quite the nominal one, and never the same on two phases."""
    return VOLTAGE_V + 1.8 * math.sin(at.timestamp() / 47 + number * 2)


def _current_a(connector: Connector, number: int, at: datetime) -> str:
    used = min(connector.offered_phases, connector.car.ac_phases if connector.car else 1)
    return f"{connector.power_w / used / VOLTAGE_V:.2f}" if number <= used else "0.00"


def _voltage(connector: Connector, number: int, at: datetime) -> str:
    return f"{voltage_v(number, at):.1f}"


def _soc(connector: Connector, at: datetime) -> str | None:
    if connector.car is None or not connector.hardware.knows_soc:
        return None
    return str(int(connector.car.soc_percent))


def _energy_interval(connector: Connector, at: datetime) -> str:
    return str(max(0, connector.meter_wh - int(connector.sampled_wh)))


def _offered_current(connector: Connector, at: datetime) -> str:
    if connector.hardware.current is Current.DC:
        return f"{connector.offered_power_w / DC_VOLTAGE_V:.1f}"
    return f"{connector.offered_current_a:.1f}"


PER_PHASE: dict[str, Callable[[Connector, int, datetime], str]] = {"Current.Import": _current_a, "Voltage": _voltage}

WHOLE: dict[str, Callable[[Connector, datetime], str | None]] = {
    "Energy.Active.Import.Register": lambda connector, at: str(connector.meter_wh),
    "Energy.Active.Import.Interval": _energy_interval,
    "Power.Active.Import": lambda connector, at: f"{connector.power_w:.0f}",
    "Power.Offered": lambda connector, at: f"{connector.offered_power_w:.0f}",
    "Power.Factor": lambda connector, at: "0.99",
    "Current.Import": lambda connector, at: f"{connector.power_w / DC_VOLTAGE_V:.1f}",
    "Current.Offered": _offered_current,
    "Voltage": lambda connector, at: f"{DC_VOLTAGE_V:.1f}",
    "Frequency": lambda connector, at: f"{50 + 0.02 * math.sin(at.timestamp() / 91):.2f}",
    "Temperature": lambda connector, at: f"{24 + connector.power_w / connector.hardware.power_w_max * 18:.0f}",
    "SoC": _soc,
}
LOCATIONS = {"SoC": "EV", "Temperature": "Body"}
