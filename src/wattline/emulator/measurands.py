"""Which measurands the meter knows, and how a configured list of them is read."""

from collections.abc import Sequence

PHASES = ("L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1")

UNITS = {
    "Energy.Active.Import.Register": "Wh",
    "Energy.Active.Import.Interval": "Wh",
    "Power.Active.Import": "W",
    "Power.Offered": "W",
    "Power.Factor": "",
    "Current.Import": "A",
    "Current.Offered": "A",
    "Voltage": "V",
    "Frequency": "Hertz",
    "Temperature": "Celsius",
    "SoC": "Percent",
}

Measurand = tuple[str, str | None]


def read_measurands(value: str) -> Sequence[Measurand] | None:
    """Read a list such as `Voltage.L1-N,SoC` into (measurand, phase) pairs; None when one is unknown."""
    wanted = [_split(item.strip()) for item in value.split(",") if item.strip()]
    return wanted if all(measurand in UNITS for measurand, _ in wanted) else None


def _split(item: str) -> Measurand:
    # OCPP 1.6 section 9.1.17: the phase is a suffix, as in Voltage.L1. No measurand ends like a phase.
    name, _, last = item.rpartition(".")
    return (name, last) if last in PHASES else (item, None)
