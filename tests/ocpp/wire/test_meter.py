"""What a meter said: units, phases, locations and contexts become plain numbers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.wire.ocpp.deviations import Code
from wattline.wire.ocpp.meter import Sample, read_meter_value
from wattline.wire.ocpp.v16 import MeterValue, SampledValue

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ENERGY = "Energy.Active.Import.Register"


def value(number: str, measurand: str | None = None, unit: str | None = None, **more: str) -> SampledValue:
    return SampledValue(value=number, measurand=measurand, unit=unit, **more)


def read(*sampled: SampledValue, wh_means_kwh: bool = False) -> Sample:
    return read_meter_value(MeterValue(timestamp=AT, sampled_value=sampled), wh_means_kwh=wh_means_kwh)


def codes(sample: Sample) -> list[Code]:
    return [deviation.code for deviation in sample.deviations]


def test_a_usual_reading_becomes_numbers() -> None:
    sample = read(
        value("1204331", ENERGY, "Wh", context="Sample.Clock"),
        value("11040.0", "Power.Active.Import", "W"),
        value("16.0", "Current.Import", "A", phase="L1"),
        value("16.1", "Current.Import", "A", phase="L2"),
        value("15.9", "Current.Import", "A", phase="L3"),
        value("230.1", "Voltage", "V", phase="L1-N"),
        value("57", "SoC", "Percent", location="EV"),
    )
    assert (sample.at, sample.context) == (AT, "Sample.Clock")
    assert (sample.energy_wh, sample.power_w) == (1_204_331, 11_040)
    assert sample.current_a == 16.1
    assert sample.currents_a == {"L1": 16.0, "L2": 16.1, "L3": 15.9}
    assert (sample.voltage_v, sample.soc_percent) == (230.1, 57)
    assert codes(sample) == []


def test_nothing_read_is_nothing_known() -> None:
    assert read() == Sample(at=AT)


def test_t8_without_measurand_and_unit_it_is_energy_in_wh() -> None:
    assert read(value("1500")).energy_wh == 1500
    assert codes(read(value("1500"))) == []


def test_kilo_is_a_thousand_without_binary_drift() -> None:
    sample = read(value("0.285", ENERGY, "kWh"), value("3.7", "Power.Active.Import", "kW"))
    assert (sample.energy_wh, sample.power_w) == (285, 3700)
    assert read(value("1204.3315", None, "kWh")).energy_wh == 1_204_332


def test_a_fraction_is_rounded_half_to_even() -> None:
    assert [read(value(number)).energy_wh for number in ("0.5", "1.5", "2.5", "2.51")] == [0, 2, 2, 3]


def test_t8_kwh_labelled_wh_is_read_as_kwh_when_that_is_known() -> None:
    sample = read(value("361", ENERGY, "Wh"), value("9451", "Power.Active.Import", "W"), wh_means_kwh=True)
    assert (sample.energy_wh, sample.power_w) == (361_000, 9451)
    assert codes(sample) == [Code.UNIT_MISLABELLED]
    assert read(value("361", ENERGY, "kWh"), wh_means_kwh=True).energy_wh == 361_000


@pytest.mark.parametrize(
    ("measurand", "unit", "number", "expected"),
    [("Power.Active.Import", "Wh", "3700", 3700), ("Power.Active.Import", "kWh", "3.7", 3700)],
)
def test_t8_a_unit_that_does_not_fit_is_read_as_it_must_be_meant(
    measurand: str, unit: str, number: str, expected: int
) -> None:
    sample = read(value(number, measurand, unit))
    assert sample.power_w == expected
    assert codes(sample) == [Code.UNIT_MISMATCH]


def test_t8_a_missing_unit_is_the_measurand_s_own() -> None:
    sample = read(value("3700", "Power.Active.Import"), value("16", "Current.Import"), value("230", "Voltage"))
    assert (sample.power_w, sample.current_a, sample.voltage_v) == (3700, 16, 230)
    assert codes(sample) == [Code.UNIT_MISSING]


def test_energy_in_a_unit_it_cannot_have_is_not_read() -> None:
    sample = read(value("3700", ENERGY, "W"))
    assert sample.energy_wh is None
    assert codes(sample) == [Code.UNIT_MISMATCH]


def test_t10_energy_for_l1_only_is_the_energy() -> None:
    assert read(value("500", ENERGY, "Wh", phase="L1")).energy_wh == 500


def test_t10_phases_without_a_total_are_summed() -> None:
    phases = [value(str(number), ENERGY, "Wh", phase=f"L{number}-N") for number in (1, 2, 3)]
    assert read(*phases).energy_wh == 6
    powers = [value("1.2", "Power.Active.Import", "kW", phase=f"L{number}") for number in (1, 2, 3)]
    assert read(*powers).power_w == 3600


def test_t10_a_total_is_not_added_to_its_phases() -> None:
    assert read(value("500", phase="L1"), value("900"), value("400", phase="L2")).energy_wh == 900


def test_t10_current_per_l1_n_and_voltage_only_for_n() -> None:
    sample = read(
        *(value(number, "Current.Import", "A", phase=phase) for phase, number in [("L1-N", "6"), ("L2-N", "7")]),
        value("231.5", "Voltage", "V", phase="N"),
    )
    assert sample.currents_a == {"L1": 6, "L2": 7}
    assert (sample.current_a, sample.voltage_v) == (7, 231.5)


def test_current_of_the_neutral_is_no_phase() -> None:
    assert (
        read(value("9", "Current.Import", "A", phase="N"), value("3", "Current.Import", "A", phase="L1")).current_a == 3
    )
    assert read(value("9", "Current.Import", "A")).current_a == 9


def test_voltage_is_the_mean_to_neutral_and_never_between_phases() -> None:
    volts = [
        value(number, "Voltage", "V", phase=phase) for phase, number in [("L1", "230"), ("L2", "231"), ("L3", "231")]
    ]
    assert read(*volts).voltage_v == 230.67
    assert read(value("400", "Voltage", "V", phase="L1-L2")).voltage_v is None


def test_energy_between_two_phases_is_no_total() -> None:
    assert read(value("5", ENERGY, "Wh", phase="L1-L2")).energy_wh is None


def test_an_interval_is_no_register() -> None:
    sample = read(value("0.25", "Energy.Active.Import.Interval", "kWh"), value("7", ENERGY, "Wh"))
    assert (sample.energy_wh, sample.energy_interval_wh) == (7, 250)
    assert read(value("250", "Energy.Active.Import.Interval")).energy_interval_wh == 250


@pytest.mark.parametrize("order", [1, -1])
def test_the_outlet_is_what_the_car_got(order: int) -> None:
    sampled = [value("900", location="Inlet"), value("880", location="Outlet"), value("885", location="Body")]
    assert read(*sampled[::order]).energy_wh == 880
    assert read(value("900", location="Inlet"), value("890", location="Cable")).energy_wh == 890


@pytest.mark.parametrize("order", [1, -1])
def test_the_last_of_begin_and_end_is_the_moment_s_value(order: int) -> None:
    sampled = [value("100", context="Transaction.Begin"), value("900", context="Transaction.End")]
    sample = read(*sampled[::order])
    assert (sample.energy_wh, sample.context) == (900, "Transaction.End")


def test_signed_data_is_kept_as_it_came() -> None:
    signed = value("OCMF|{}|{}", ENERGY, "Wh", format="SignedData", context="Transaction.End")
    sample = read(signed, value("12"))
    assert sample.signed == (signed,)
    assert sample.energy_wh == 12


def test_other_measurands_stay_raw() -> None:
    assert read(value("50", "Frequency", "Hertz"), value("21", "Temperature", "Celsius")) == Sample(at=AT)


@pytest.mark.parametrize(
    "number", ["", "n/a", "NaN", "sNaN", "Infinity", "-Infinity", "1e999999", "-5", "1e13", "12 kWh", "1,2,3"]
)
def test_an_impossible_energy_is_left_out(number: str) -> None:
    sample = read(value(number), value("57", "SoC", "Percent"))
    assert (sample.energy_wh, sample.soc_percent) == (None, 57)
    assert codes(sample) == [Code.METER_VALUE_UNREADABLE]


def test_a_number_that_is_too_large_in_kwh_is_left_out() -> None:
    assert codes(read(value("1e12", ENERGY, "kWh"))) == [Code.METER_VALUE_UNREADABLE]


def test_a_decimal_comma_is_read() -> None:
    assert read(value("230,4", "Voltage", "V")).voltage_v == 230.4


def test_a_charge_level_of_minus_one_is_unknown() -> None:
    assert read(value("-1", "SoC", "Percent")).soc_percent is None
    assert read(value("101", "SoC", "Percent")).soc_percent is None


def test_power_may_flow_back() -> None:
    assert read(value("-3.5", "Power.Active.Import", "kW")).power_w == -3500


@given(
    st.lists(
        st.builds(
            SampledValue,
            value=st.text() | st.decimals().map(str),
            measurand=st.none() | st.sampled_from([ENERGY, "Power.Active.Import", "Current.Import", "Voltage", "SoC"]),
            unit=st.none() | st.sampled_from(["Wh", "kWh", "W", "kW", "A", "V", "Percent"]),
            phase=st.none() | st.sampled_from(["L1", "L2", "L3", "N", "L1-N", "L1-L2"]),
            location=st.none() | st.sampled_from(["Outlet", "Inlet", "Cable"]),
            context=st.none() | st.sampled_from(["Transaction.Begin", "Sample.Periodic"]),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_any_sampled_values_are_read_without_an_error(sampled: list[SampledValue], wh_means_kwh: bool) -> None:
    sample = read(*sampled, wh_means_kwh=wh_means_kwh)
    assert sample.energy_wh is None or 0 <= sample.energy_wh <= 3 * 10**12
    assert sample.soc_percent is None or 0 <= sample.soc_percent <= 100


@given(st.integers(min_value=0, max_value=10**9))
def test_wh_and_kwh_of_the_same_energy_are_equal(energy_wh: int) -> None:
    in_kwh = f"{energy_wh // 1000}.{energy_wh % 1000:03}"
    assert read(value(in_kwh, None, "kWh")).energy_wh == read(value(str(energy_wh))).energy_wh == energy_wh
