"""What a meter said at one moment, as numbers: sampled values in, energy, power, current, voltage and charge level out.

OCPP 1.6, sections 7.31 to 7.45. A sampled value without a measurand is Energy.Active.Import.Register, without a unit it
is in the measurand's own unit, without a location it was read at the Outlet. Arithmetic is decimal, never binary.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

import msgspec

from wattline.wire.ocpp.deviations import Code, Deviation, deviation
from wattline.wire.ocpp.v16 import MeterValue, SampledValue

ENERGY = "Energy.Active.Import.Register"
ENERGY_INTERVAL = "Energy.Active.Import.Interval"
POWER = "Power.Active.Import"
CURRENT = "Current.Import"
VOLTAGE = "Voltage"
SOC = "SoC"


class _Kind(msgspec.Struct, frozen=True):
    """How the numbers of one measurand are read."""

    measurand: str
    units: Mapping[str | None, int]
    """Unit → factor to our own (Wh, W, A, V, percent). None: the unit was not told."""
    largest: int
    """In our own unit; beyond it, a number is a fault and not a reading."""
    is_energy: bool = False
    may_be_negative: bool = False


_KINDS: Mapping[str | None, _Kind] = {
    kind.measurand: kind
    for kind in (
        # A thousand GWh is more than any connector meters in its life.
        _Kind(ENERGY, {None: 1, "Wh": 1, "kWh": 1000}, 10**12, is_energy=True),
        _Kind(ENERGY_INTERVAL, {None: 1, "Wh": 1, "kWh": 1000}, 10**12, is_energy=True),
        _Kind(POWER, {"W": 1, "kW": 1000}, 10**8, may_be_negative=True),
        _Kind(CURRENT, {"A": 1}, 10**5, may_be_negative=True),
        _Kind(VOLTAGE, {"V": 1}, 10**5),
        _Kind(SOC, {"Percent": 1}, 100),
    )
}
"""The measurands we read; all others stay in the raw values."""

# The outlet is where the car's energy leaves; the inlet is the grid's side and counts our own losses.
_LOCATIONS = {None: 0, "Outlet": 0, "Cable": 1, "EV": 2, "Body": 3, "Inlet": 4}
# One list may hold the first and the last value of a charge (transactionData): the moment's value is the last.
_CONTEXTS = {"Transaction.End": 0, "Transaction.Begin": 2}
_CONTEXT_BETWEEN = 1

_PHASES = {None: "", "L1-N": "L1", "L2-N": "L2", "L3-N": "L3"}
_UNTOLD = ""
_LIVE = ("L1", "L2", "L3")

# Below this growth, a register in whole kWh tells too little.
_EVIDENCE_WH_MIN = 5_000
# Numbers with more digits before the point are no readings, and need not be multiplied.
_DIGITS_MAX = 15

_Found = dict[str, tuple[Decimal, SampledValue]]
"""Phase → the number, and the sampled value it came from."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of one connector's meter. None: not measured, or not readable."""

    at: datetime
    context: str = "Sample.Periodic"
    energy_wh: int | None = None
    """The register of the meter; how it began is not known here (T6)."""
    energy_interval_wh: int | None = None
    power_w: int | None = None
    current_a: Decimal | None = None
    """The highest of all phases: what a fuse sees."""
    currents_a: Mapping[str, Decimal] = {}
    """By phase: L1, L2, L3, N; "" when the phase was not told."""
    voltage_v: Decimal | None = None
    """Phase to neutral; the mean when there are several."""
    soc_percent: Decimal | None = None
    signed: tuple[SampledValue, ...] = ()
    """Signed readings as they came, for a driver to verify (Eichrecht, OCMF)."""
    deviations: tuple[Deviation, ...] = ()


def read_meter_value(meter_value: MeterValue, *, wh_means_kwh: bool = False) -> Sample:
    """Read everything a meter said at one moment.

    `wh_means_kwh`: it is known that this charge point labels kWh as Wh (T8, see `labels_kwh_as_wh`).
    """
    found: dict[str, _Found] = {}
    signed: tuple[SampledValue, ...] = ()
    noted: dict[Code, Deviation] = {}
    for sampled in meter_value.sampled_value:
        if sampled.format == "SignedData":
            signed += (sampled,)
            continue
        kind = _KINDS.get(sampled.measurand or ENERGY)
        number = kind and _number(sampled, kind, wh_means_kwh, noted)
        if kind is None or number is None:
            continue
        phase = _PHASES.get(sampled.phase) or sampled.phase or _UNTOLD
        by_phase = found.setdefault(kind.measurand, {})
        if phase not in by_phase or _rank(sampled) <= _rank(by_phase[phase][1]):
            by_phase[phase] = (number, sampled)
    return _sample(meter_value.timestamp, found, signed, tuple(noted.values()))


def labels_kwh_as_wh(*, grown: int | Decimal, expected_wh: int | Decimal) -> bool:
    """Tell whether an energy register labelled Wh is in kWh after all (T8).

    `grown`: how much the register grew, as labelled. `expected_wh`: how much it must have grown in the same time, by
    power times time, or by meterStop less meterStart, which are Wh by definition. With little evidence it is no.
    """
    if expected_wh < _EVIDENCE_WH_MIN:
        return False
    return expected_wh * 7 <= (grown + 1) * 10_000 and grown * 10_000 <= expected_wh * 14 + 10_000


def _number(sampled: SampledValue, kind: _Kind, wh_means_kwh: bool, noted: dict[Code, Deviation]) -> Decimal | None:
    """Read a number in our own unit; None, and a note, when it cannot be one."""
    number = _decimal(sampled.value)
    if number is None or number.adjusted() > _DIGITS_MAX:
        return _note(Code.METER_VALUE_UNREADABLE, kind, sampled.value, noted)
    factor = kind.units.get(sampled.unit) or _factor_of_odd_unit(sampled, kind, noted)
    if wh_means_kwh and kind.is_energy and factor == 1:
        _note(Code.UNIT_MISLABELLED, kind, sampled.value, noted)
        factor = 1000
    if factor != 1:
        number *= factor
    if number > kind.largest or number < (-kind.largest if kind.may_be_negative else 0):
        return _note(Code.METER_VALUE_UNREADABLE, kind, sampled.value, noted)
    return number if factor else None


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        try:
            # Some firmware writes numbers as its country does: 230,4.
            number = Decimal(text.replace(",", ".", 1))
        except InvalidOperation:
            return None
    return number if number.is_finite() else None


def _factor_of_odd_unit(sampled: SampledValue, kind: _Kind, noted: dict[Code, Deviation]) -> int:
    """Note a missing or foreign unit. Energy is money: it is not read in a unit it cannot have."""
    if sampled.unit is None:
        _note(Code.UNIT_MISSING, kind, sampled.value, noted)
        return 1
    _note(Code.UNIT_MISMATCH, kind, sampled.unit, noted)
    if kind.is_energy:
        return 0
    return 1000 if sampled.unit.startswith("k") else 1


def _note(code: Code, kind: _Kind, sample: str, noted: dict[Code, Deviation]) -> None:
    noted.setdefault(code, deviation(code, kind.measurand, sample))


def _rank(sampled: SampledValue) -> int:
    """Order what was read at one moment for one phase: the lowest is the best."""
    return _LOCATIONS.get(sampled.location, 0) * 3 + _CONTEXTS.get(sampled.context or "", _CONTEXT_BETWEEN)


def _sample(
    at: datetime, found: dict[str, _Found], signed: tuple[SampledValue, ...], noted: tuple[Deviation, ...]
) -> Sample:
    currents = _numbers(found.get(CURRENT))
    return Sample(
        at=at,
        context=_context(found),
        energy_wh=_whole_total(_numbers(found.get(ENERGY))),
        energy_interval_wh=_whole_total(_numbers(found.get(ENERGY_INTERVAL))),
        power_w=_whole_total(_numbers(found.get(POWER))),
        current_a=max(_live(currents), default=_apart(currents)),
        currents_a=currents,
        voltage_v=_voltage(_numbers(found.get(VOLTAGE))),
        soc_percent=next(iter(_numbers(found.get(SOC)).values()), None),
        signed=signed,
        deviations=noted,
    )


def _numbers(by_phase: _Found | None) -> dict[str, Decimal]:
    return {phase: number for phase, (number, _) in by_phase.items()} if by_phase else {}


def _context(found: dict[str, _Found]) -> str:
    """Tell what the reading was made for; that of the energy when they differ."""
    by_phase = found.get(ENERGY) or next(iter(found.values()), {})
    return next((sampled.context for _, sampled in by_phase.values()), None) or "Sample.Periodic"


def _whole_total(numbers: dict[str, Decimal]) -> int | None:
    """Return the total, or the sum of the phases when no total was told (T10), rounded half to even."""
    if _UNTOLD in numbers:
        return round(numbers[_UNTOLD])
    phases = _live(numbers)
    return round(sum(phases, Decimal(0))) if phases else None


def _voltage(numbers: dict[str, Decimal]) -> Decimal | None:
    """Return phase to neutral; between two phases is another voltage, and not taken for it."""
    phases = _live(numbers)
    if not phases:
        return _apart(numbers)
    return phases[0] if len(phases) == 1 else round(sum(phases, Decimal(0)) / len(phases), 2)


def _live(numbers: dict[str, Decimal]) -> list[Decimal]:
    return [numbers[phase] for phase in _LIVE if phase in numbers]


def _apart(numbers: dict[str, Decimal]) -> Decimal | None:
    """Return what was measured without a live phase: in all, or for the neutral alone (T10)."""
    return numbers.get(_UNTOLD, numbers.get("N"))
