"""Registers while a charge runs: each value is judged by those before it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.meter import (
    LEAP_WH,
    POWER_AC_W,
    POWER_ANY_W,
    ROUNDING_WH,
    Meter,
    advance,
    begun,
    possible_wh,
    power_limit_w,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def run(start_wh: int, *values: int, every_s: float = 60, power_limit: int = POWER_AC_W) -> Meter:
    """Let a charge begin at a register and take a value every minute."""
    meter = begun(at=NOON, meter_wh=start_wh)
    for number, value in enumerate(values, start=1):
        meter = advance(meter, NOON + timedelta(seconds=every_s * number), value, power_limit)
    return meter


def test_energy_is_what_the_register_went_on_by() -> None:
    assert run(1_204_330, 1_204_500, 1_204_700).energy_wh == 370


def test_a_repeat_changes_nothing() -> None:
    once = run(1_000, 1_200)
    assert advance(once, once.last_at, 1_200, POWER_AC_W) == once


def test_t6_a_register_that_goes_back_by_one_counts_nothing_twice() -> None:
    assert run(1_000, 1_500, 1_499, 1_510).energy_wh == 510
    assert run(1_000, 999).energy_wh == 0


def test_t6_a_register_that_counts_for_the_session_is_followed() -> None:
    assert run(1_204_330, 15, 200, 400).energy_wh == 400
    assert run(0, 15, 200, 400).energy_wh == 400


def test_t6_a_register_that_starts_over_when_the_box_boots_loses_nothing_it_counted() -> None:
    meter = run(50_000, 50_500, 30, 200)
    assert (meter.energy_wh, meter.doubt_wh) == (700, None)


def test_a_register_that_falls_to_some_odd_value_goes_on_from_there() -> None:
    assert run(50_000, 50_500, 40_000, 40_100).energy_wh == 600


def test_one_zero_among_good_values_is_passed_over() -> None:
    meter = run(50_000, 50_500, 0, 50_600)
    assert (meter.energy_wh, meter.doubt_wh) == (600, None)


def test_one_spike_is_passed_over() -> None:
    assert run(50_000, 50_500, 9_999_999, 50_600).energy_wh == 600


def test_t7_a_start_of_zero_before_the_meter_is_read_does_not_bill_the_odometer() -> None:
    meter = run(0, 910_000, 910_040, 910_080)
    assert (meter.energy_wh, meter.start_wh) == (80, 910_000)


def test_t8_kilowatt_hours_labelled_wh_are_read_as_what_they_are() -> None:
    assert run(1_204_330, 1_204, 1_205, 1_206, every_s=600).energy_wh == 1_670


def test_t8_a_small_session_register_is_not_taken_for_kilowatt_hours() -> None:
    assert run(20_000, 15, 200, 400).energy_wh == 400


def test_an_offline_hour_may_bring_much_at_once() -> None:
    assert run(1_000, 48_000, every_s=3_600).energy_wh == 47_000


def test_hurried_tests_and_emulators_are_believed() -> None:
    assert run(0, 1_500, 3_000, 4_500, every_s=1).energy_wh == 4_500


def test_a_mistyped_connector_never_narrows_what_is_possible() -> None:
    assert power_limit_w(current_kind="ac", max_power_w=3_700) == POWER_AC_W
    assert power_limit_w(current_kind="dc", max_power_w=50_000) == POWER_ANY_W
    assert power_limit_w(current_kind=None, max_power_w=None) == POWER_ANY_W
    assert power_limit_w(current_kind="dc", max_power_w=1_000_000) == 1_250_000


# Whatever a box sends --------------------------------------------------------------------------------------------

Values = list[tuple[int, int]]
anything = st.lists(st.tuples(st.integers(0, 3_600), st.integers(0, 2**40)), max_size=30)


def follow(start_wh: int, values: Values) -> Sequence[Meter]:
    meters, at = [begun(at=NOON, meter_wh=start_wh)], NOON
    for seconds, value in values:
        at += timedelta(seconds=seconds)
        meters.append(advance(meters[-1], at, value, POWER_AC_W))
    return meters


@given(st.integers(0, 2**40), anything)
def test_energy_never_falls_and_never_grows_faster_than_a_leap_beyond_the_possible(start: int, values: Values) -> None:
    meters = follow(start, values)
    at = NOON
    last_sure = NOON
    for (seconds, _), before, after in zip(values, meters, meters[1:], strict=False):
        at += timedelta(seconds=seconds)
        gained = after.energy_wh - before.energy_wh
        # A value that confirms a doubted one may bring the energy since before the doubt.
        assert 0 <= gained <= possible_wh(POWER_AC_W, last_sure, at) + LEAP_WH + ROUNDING_WH
        last_sure = after.last_at


@given(st.integers(0, 2**40), st.lists(st.tuples(st.integers(1, 900), st.integers(0, 10)), max_size=50))
def test_an_honest_register_is_taken_to_the_wh(start: int, steps: list[tuple[int, int]]) -> None:
    # Up to 36 kW: 10 Wh a second.
    values, wh = [], start
    for seconds, wh_per_second in steps:
        wh += seconds * wh_per_second
        values.append((seconds, wh))
    assert follow(start, values)[-1].energy_wh == wh - start


@given(st.integers(0, 2**40), anything)
def test_telling_every_value_twice_makes_no_difference(start: int, values: Values) -> None:
    twice = [each for seconds, value in values for each in ((seconds, value), (0, value))]
    assert follow(start, twice)[-1] == follow(start, values)[-1]
