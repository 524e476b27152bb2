"""What a meter said at one moment, as numbers: sampled values in, energy, power, current, voltage and charge level out.

OCPP 1.6, sections 7.31 to 7.45. A sampled value without a measurand is Energy.Active.Import.Register, without a unit it
is in the measurand's own unit, without a location it was read at the Outlet. Arithmetic is decimal, never binary.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import msgspec

from wattline.wire.ocpp.deviations import Code, Deviation, deviation
from wattline.wire.ocpp.v16 import MeterValue, SampledValue

ENERGY = "Energy.Active.Import.Register"
ENERGY_INTERVAL = "Energy.Active.Import.Interval"
POWER = "Power.Active.Import"
CURRENT = "Current.Import"
VOLTAGE = "Voltage"
SOC = "SoC"


class _Kind(NamedTuple):
    """How a number of one measurand in one unit is read; bounds are those of our own unit."""

    measurand: str
    factor: int
    """To our own unit: Wh, W, A, V, percent."""
    lowest: Decimal
    highest: Decimal
    """Beyond these, a number is a fault and not a reading."""


def _kind(measurand: str, factor: int, highest: int, *, lowest: int = 0) -> _Kind:
    return _Kind(measurand, factor, Decimal(lowest), Decimal(highest))


# A thousand GWh is more than any connector meters in its life.
_WH_MAX, _W_MAX, _A_MAX, _V_MAX = 10**12, 10**8, 10**5, 10**5

_KINDS: Mapping[tuple[str | None, str | None], _Kind] = {
    **{(name, unit): _kind(ENERGY, 1, _WH_MAX) for name in (ENERGY, None) for unit in ("Wh", None)},
    **{(name, "kWh"): _kind(ENERGY, 1000, _WH_MAX) for name in (ENERGY, None)},
    **{(ENERGY_INTERVAL, unit): _kind(ENERGY_INTERVAL, 1, _WH_MAX) for unit in ("Wh", None)},
    (ENERGY_INTERVAL, "kWh"): _kind(ENERGY_INTERVAL, 1000, _WH_MAX),
    (POWER, "W"): _kind(POWER, 1, _W_MAX, lowest=-_W_MAX),
    (POWER, "kW"): _kind(POWER, 1000, _W_MAX, lowest=-_W_MAX),
    (CURRENT, "A"): _kind(CURRENT, 1, _A_MAX, lowest=-_A_MAX),
    (VOLTAGE, "V"): _kind(VOLTAGE, 1, _V_MAX),
    (SOC, "Percent"): _kind(SOC, 1, 100),
}
"""(Measurand, unit) → how to read it. All other measurands stay in the raw values."""

_OWN_UNIT: Mapping[str, str] = {POWER: "W", CURRENT: "A", VOLTAGE: "V", SOC: "Percent"}
"""What a unit is taken for when it is missing or foreign. Not energy: it is money, and not guessed."""

_ENERGIES = frozenset({ENERGY, ENERGY_INTERVAL})

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
        kind = _KINDS.get((sampled.measurand, sampled.unit)) or _kind_of_odd_unit(sampled, noted)
        if kind is None:
            continue
        if wh_means_kwh and kind.factor == 1 and kind.measurand in _ENERGIES:
            _note(Code.UNIT_MISLABELLED, sampled, noted)
            kind = kind._replace(factor=1000)
        number = _number(sampled.value, kind)
        if number is None:
            _note(Code.METER_VALUE_UNREADABLE, sampled, noted)
            continue
        phase = _PHASES.get(sampled.phase) or sampled.phase or _UNTOLD
        by_phase = found.get(kind.measurand)
        if by_phase is None:
            found[kind.measurand] = {phase: (number, sampled)}
        elif phase not in by_phase or _rank(sampled) <= _rank(by_phase[phase][1]):
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


def _number(text: str, kind: _Kind) -> Decimal | None:
    """Read a number in our own unit; None when it cannot be one."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = _with_comma(text)
    # The first check keeps monsters such as 1e999999 from being multiplied.
    if number.is_nan() or not kind.lowest <= number <= kind.highest:
        return None
    if kind.factor != 1:
        number *= kind.factor
    return number if number <= kind.highest else None


def _with_comma(text: str) -> Decimal:
    """Read a number written as some countries do, `230,4`; NaN when it is none."""
    try:
        return Decimal(text.replace(",", ".", 1))
    except InvalidOperation:
        return Decimal("NaN")


def _kind_of_odd_unit(sampled: SampledValue, noted: dict[Code, Deviation]) -> _Kind | None:
    """Say how to read a number whose unit is missing or foreign; None when it is not ours to read."""
    measurand = sampled.measurand or ENERGY
    own = _OWN_UNIT.get(measurand)
    if own is None and measurand not in _ENERGIES:
        return None
    _note(Code.UNIT_MISSING if sampled.unit is None else Code.UNIT_MISMATCH, sampled, noted)
    prefix = "k" if measurand == POWER and (sampled.unit or "").startswith("k") else ""
    return None if own is None else _KINDS[measurand, prefix + own]


def _note(code: Code, sampled: SampledValue, noted: dict[Code, Deviation]) -> None:
    sample = f"{sampled.value} {sampled.unit or ''}".rstrip()
    noted.setdefault(code, deviation(code, sampled.measurand or ENERGY, sample))


def _rank(sampled: SampledValue) -> int:
    """Order what was read at one moment for one phase: the lowest is the best."""
    return _LOCATIONS.get(sampled.location, 0) * 3 + _CONTEXTS.get(sampled.context or "", _CONTEXT_BETWEEN)


def _sample(
    at: datetime, found: dict[str, _Found], signed: tuple[SampledValue, ...], noted: tuple[Deviation, ...]
) -> Sample:
    currents = found.get(CURRENT)
    soc = found.get(SOC)
    return Sample(
        at=at,
        context=_context(found),
        energy_wh=_whole_total(found.get(ENERGY)),
        energy_interval_wh=_whole_total(found.get(ENERGY_INTERVAL)),
        power_w=_whole_total(found.get(POWER)),
        current_a=max(_live(currents), default=_apart(currents)) if currents else None,
        currents_a={phase: number for phase, (number, _) in currents.items()} if currents else {},
        voltage_v=_voltage(found.get(VOLTAGE)),
        soc_percent=next(iter(soc.values()))[0] if soc else None,
        signed=signed,
        deviations=noted,
    )


def _context(found: dict[str, _Found]) -> str:
    """Tell what the reading was made for; that of the energy when they differ."""
    for by_phase in (found.get(ENERGY), *found.values()):
        if by_phase:
            return next(iter(by_phase.values()))[1].context or "Sample.Periodic"
    return "Sample.Periodic"


def _whole_total(by_phase: _Found | None) -> int | None:
    """Return the total, or the sum of the phases when no total was told (T10), rounded half to even."""
    if by_phase is None:
        return None
    if _UNTOLD in by_phase:
        return round(by_phase[_UNTOLD][0])
    phases = _live(by_phase)
    return round(sum(phases, Decimal(0))) if phases else None


def _voltage(by_phase: _Found | None) -> Decimal | None:
    """Return phase to neutral; between two phases is another voltage, and not taken for it."""
    if by_phase is None:
        return None
    phases = _live(by_phase)
    if not phases:
        return _apart(by_phase)
    return phases[0] if len(phases) == 1 else round(sum(phases, Decimal(0)) / len(phases), 2)


def _live(by_phase: _Found) -> list[Decimal]:
    return [by_phase[phase][0] for phase in _LIVE if phase in by_phase]


def _apart(by_phase: _Found) -> Decimal | None:
    """Return what was measured without a live phase: in all, or for the neutral alone (T10)."""
    return next((by_phase[phase][0] for phase in (_UNTOLD, "N") if phase in by_phase), None)
