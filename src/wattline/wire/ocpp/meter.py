"""What a meter said at one moment, as numbers: sampled values in, energy, power, current, voltage and charge level out.

OCPP 1.6, sections 7.31 to 7.45. A sampled value without a measurand is Energy.Active.Import.Register, without a unit it
is in the measurand's own unit, without a location it was read at the Outlet. Energy and power are counted in decimals,
never in binary fractions; current, voltage and charge level are approximate by nature, and floats.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeVar

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
    lowest: Decimal | float
    highest: Decimal | float
    """Beyond these, a number is a fault and not a reading."""
    parse: Callable[[str], Any]
    """Decimal, or float."""


# A thousand GWh is more than any connector meters in its life; no connector gives a hundred MW.
_WH_MAX, _W_MAX = Decimal(10**12), Decimal(10**8)

_KINDS: Mapping[tuple[str | None, str | None], _Kind] = {
    (POWER, "W"): _Kind(POWER, 1, -_W_MAX, _W_MAX, Decimal),
    (POWER, "kW"): _Kind(POWER, 1000, -_W_MAX, _W_MAX, Decimal),
    (CURRENT, "A"): _Kind(CURRENT, 1, -1e5, 1e5, float),
    (VOLTAGE, "V"): _Kind(VOLTAGE, 1, 0.0, 1e5, float),
    (SOC, "Percent"): _Kind(SOC, 1, 0.0, 100.0, float),
    **{
        (name, unit): _Kind(name or ENERGY, factor, Decimal(0), _WH_MAX, Decimal)
        for name in (ENERGY, None, ENERGY_INTERVAL)
        for unit, factor in {"Wh": 1, None: 1, "kWh": 1000}.items()
    },
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
_N = TypeVar("_N", Decimal, float)
_LIVE = frozenset({"L1", "L2", "L3"})


class Sample(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One moment of one connector's meter. None: not measured, or not readable."""

    at: datetime
    context: str = "Sample.Periodic"
    energy_wh: int | None = None
    """The register of the meter; how it began is not known here (T6)."""
    energy_interval_wh: int | None = None
    power_w: int | None = None
    current_a: float | None = None
    """The highest of all phases: what a fuse sees."""
    currents_a: Mapping[str, float] = {}
    """By phase: L1, L2, L3, N; "" when the phase was not told."""
    voltage_v: float | None = None
    """Phase to neutral; the mean when there are several."""
    soc_percent: float | None = None
    signed: tuple[SampledValue, ...] = ()
    """Signed readings as they came, for a driver to verify (Eichrecht, OCMF)."""
    deviations: tuple[Deviation, ...] = ()


def read_meter_value(meter_value: MeterValue, *, wh_means_kwh: bool = False) -> Sample:
    """Read everything a meter said at one moment.

    `wh_means_kwh`: it is known that this charge point labels kWh as Wh (T8). One reading cannot tell; what a charge's
    readings tell together, domain/meter.py knows.
    """
    reading = _Reading(wh_means_kwh)
    if reading.take(meter_value.sampled_value):
        # Several numbers for one thing (places, begin and end): read again, the best last.
        reading = _Reading(wh_means_kwh)
        reading.take(sorted(meter_value.sampled_value, key=_rank, reverse=True))
    return reading.sample(meter_value.timestamp)


class _Reading:
    """What is gathered from the sampled values of one moment. A later number for the same thing replaces an earlier."""

    __slots__ = ("_context", "_noted", "_numbers", "_signed", "_wh_means_kwh")

    def __init__(self, wh_means_kwh: bool) -> None:
        self._wh_means_kwh = wh_means_kwh
        self._numbers: dict[str, dict[str, Any]] = {}
        """Measurand → phase → number: Decimal or float, as the measurand's kind says."""
        self._signed: tuple[SampledValue, ...] = ()
        self._noted: dict[Code, Deviation] = {}
        self._context: str | None = None

    def take(self, sampled_values: Iterable[SampledValue]) -> bool:
        """Gather; tell whether a number was replaced."""
        numbers, replaced = self._numbers, False
        for sampled in sampled_values:
            kind = _KINDS.get((sampled.measurand, sampled.unit))
            if kind is None or sampled.format == "SignedData" or self._wh_means_kwh:
                kind = self._odd_kind(sampled, kind)
                if kind is None:
                    continue
            measurand, factor, lowest, highest, parse = kind
            try:
                number = parse(sampled.value)
                is_possible = lowest <= number <= highest
            except (ValueError, InvalidOperation):
                number, is_possible = _with_comma(sampled.value, kind)
            if not is_possible or (factor != 1 and number * factor > highest):
                self._note(Code.METER_VALUE_UNREADABLE, sampled)
                continue
            self._context = sampled.context or self._context
            phase = _PHASES.get(sampled.phase) or sampled.phase or _UNTOLD
            by_phase = numbers.setdefault(measurand, {})
            replaced = replaced or phase in by_phase
            by_phase[phase] = number if factor == 1 else number * factor
        return replaced

    def sample(self, at: datetime) -> Sample:
        numbers = self._numbers.get
        currents = numbers(CURRENT)
        soc = numbers(SOC)
        return Sample(
            at=at,
            context=self._context or "Sample.Periodic",
            energy_wh=_whole_total(numbers(ENERGY)),
            energy_interval_wh=_whole_total(numbers(ENERGY_INTERVAL)),
            power_w=_whole_total(numbers(POWER)),
            current_a=_highest(currents),
            currents_a=currents or {},
            voltage_v=_mean(numbers(VOLTAGE)),
            soc_percent=next(iter(soc.values())) if soc else None,
            signed=self._signed,
            deviations=tuple(self._noted.values()),
        )

    def _odd_kind(self, sampled: SampledValue, kind: _Kind | None) -> _Kind | None:
        """Say how to read what is not as usual: signed data, odd units, kWh labelled Wh. None: not as a number."""
        if sampled.format == "SignedData":
            self._signed += (sampled,)
            return None
        if kind is None:
            kind = self._kind_of_odd_unit(sampled)
        if kind is None or not self._wh_means_kwh or kind.measurand not in _ENERGIES or kind.factor != 1:
            return kind
        self._note(Code.UNIT_MISLABELLED, sampled)
        return kind._replace(factor=1000)

    def _kind_of_odd_unit(self, sampled: SampledValue) -> _Kind | None:
        """Say how to read a number whose unit is missing or foreign; None when it is not ours to read."""
        measurand = sampled.measurand or ENERGY
        own = _OWN_UNIT.get(measurand)
        if own is None and measurand not in _ENERGIES:
            return None
        self._note(Code.UNIT_MISSING if sampled.unit is None else Code.UNIT_MISMATCH, sampled)
        prefix = "k" if measurand == POWER and (sampled.unit or "").startswith("k") else ""
        return None if own is None else _KINDS[measurand, prefix + own]

    def _note(self, code: Code, sampled: SampledValue) -> None:
        if code not in self._noted:
            sample = f"{sampled.value} {sampled.unit or ''}".rstrip()
            self._noted[code] = deviation(code, sampled.measurand or ENERGY, sample)


def _with_comma(text: str, kind: _Kind) -> tuple[Any, bool]:
    """Read a number written as some countries do, `230,4`; tell whether it is a possible one."""
    try:
        number = kind.parse(text.replace(",", "."))
        return number, kind.lowest <= number <= kind.highest
    except (ValueError, InvalidOperation):
        return None, False


def _rank(sampled: SampledValue) -> int:
    """Order what was read at one moment for one thing: the lowest is the best."""
    return _LOCATIONS.get(sampled.location, 0) * 3 + _CONTEXTS.get(sampled.context or "", _CONTEXT_BETWEEN)


def _whole_total(by_phase: dict[str, Decimal] | None) -> int | None:
    """Return the total, or the sum of the phases when no total was told (T10), rounded half to even."""
    if by_phase is None:
        return None
    if _UNTOLD in by_phase:
        return round(by_phase[_UNTOLD])
    phases = _live(by_phase)
    return round(sum(phases, Decimal(0))) if phases else None


def _highest(by_phase: dict[str, float] | None) -> float | None:
    if by_phase is None:
        return None
    phases = _live(by_phase)
    return max(phases) if phases else _apart(by_phase)


def _mean(by_phase: dict[str, float] | None) -> float | None:
    """Return the voltage to neutral; that between two phases is another, and not taken for it."""
    if by_phase is None:
        return None
    phases = _live(by_phase)
    return round(sum(phases) / len(phases), 2) if phases else _apart(by_phase)


def _live(by_phase: dict[str, _N]) -> list[_N]:
    return [number for phase, number in by_phase.items() if phase in _LIVE]


def _apart(by_phase: dict[str, float]) -> float | None:
    """Return what was measured without a live phase: in all, or for the neutral alone (T10)."""
    return by_phase.get(_UNTOLD, by_phase.get("N"))
