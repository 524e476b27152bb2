"""How the energy of a charge is shared out over time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.consumption import Point, energy_curve, per_period

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


def at(minutes: float, wh: int) -> Point:
    return Point(NOON + timedelta(minutes=minutes), wh)


def test_energy_between_two_readings_flows_evenly() -> None:
    assert per_period([at(30, 0), at(90, 6000)], period=HOUR) == [at(0, 3000), at(60, 3000)]


def test_periods_begin_with_the_clock_and_quiet_ones_are_told_too() -> None:
    curve = [at(7, 0), at(10, 300), at(40, 300), at(50, 600)]
    assert per_period(curve, period=QUARTER) == [at(0, 300), at(15, 0), at(30, 150), at(45, 150)]


def test_a_charge_that_ends_with_the_clock_has_no_period_more() -> None:
    assert per_period([at(0, 0), at(60, 6000)], period=HOUR) == [at(0, 6000)]


def test_a_charge_of_no_length_keeps_its_energy() -> None:
    assert per_period([at(5, 0), at(5, 700)], period=HOUR) == [at(0, 700)]


def test_registers_count_from_the_first_value_and_never_back() -> None:
    curve = energy_curve(
        at(0, 10_000), [at(10, 10_500), at(20, 10_499), at(30, 11_000)], at(40, 1_500), power_limit=50_000
    )
    assert curve == [at(0, 0), at(10, 500), at(20, 500), at(30, 1_000), at(40, 1_500)]


def test_values_from_before_and_after_are_another_charges() -> None:
    curve = energy_curve(at(0, 100), [at(-5, 0), at(10, 200), at(99, 9_000)], at(20, 150), power_limit=50_000)
    assert curve == [at(0, 0), at(10, 100), at(20, 150)]


@given(
    st.lists(st.integers(0, 20_000), min_size=1, max_size=40),
    st.integers(0, 59),
    st.sampled_from([5, 10, 15, 30, 60]),
)
def test_all_of_the_energy_is_shared_out_whatever_the_period(gains: list[int], start: int, minutes: int) -> None:
    curve = [at(start, 0)]
    for gain in gains:
        curve.append(Point(curve[-1].at + timedelta(minutes=7), curve[-1].wh + gain))
    periods = per_period(curve, period=timedelta(minutes=minutes))
    assert sum(point.wh for point in periods) == curve[-1].wh
    assert all(point.wh >= 0 for point in periods)
    assert periods[0].at <= curve[0].at
    assert periods[-1].at < curve[-1].at <= periods[-1].at + timedelta(minutes=minutes)
