"""The energy of a whole charge, from all its readings."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.meter import POWER_AC_W, advance, begun, possible_wh
from wattline.domain.meter_review import Oddity, Reading, Review, review

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def told(start_wh: int, *values: int, stop: int | None, minutes: float = 10, power_w: int | None = None) -> Review:
    """Review a charge with one value every ten minutes."""
    readings = [Reading(after(minutes * n), value, power_w) for n, value in enumerate(values, start=1)]
    end = Reading(after(minutes * (len(values) + 1)), stop)
    return review(started_at=NOON, start_wh=start_wh, readings=readings, stop=end, power_limit=POWER_AC_W)


def test_an_ordinary_charge_takes_what_lies_between_its_registers() -> None:
    assert told(1_000, 2_000, 3_000, stop=3_600) == Review(told(1_000, 2_000, 3_000, stop=3_600).meter, ())
    assert told(1_000, 2_000, 3_000, stop=3_600).meter.energy_wh == 2_600


def test_t11_a_box_without_readings_is_billed_by_opening_and_closing_register() -> None:
    assert told(0, stop=8_000).meter.energy_wh == 8_000
    assert told(1_204_330, stop=1_212_330).oddities == ()


def test_a_stop_without_register_leaves_the_last_reading() -> None:
    assert told(1_000, 2_000, stop=None).meter.energy_wh == 1_000


def test_t6_a_closing_register_one_below_the_opening_is_nothing() -> None:
    found = told(1_000, stop=999)
    assert (found.meter.energy_wh, found.oddities) == (0, ())


def test_t7_a_placeholder_is_known_by_what_followed() -> None:
    found = told(0, 910_000, 910_040, stop=910_080)
    assert (found.meter.energy_wh, found.oddities) == (80, (Oddity.REGISTER_CHANGED,))


def test_t7_even_the_odometer_of_a_young_box_is_not_billed() -> None:
    assert told(0, 9_000, 9_040, stop=9_080, minutes=0.1).meter.energy_wh == 80


def test_t7_a_placeholder_with_one_reading_only() -> None:
    assert told(0, 910_000, stop=910_080).meter.energy_wh == 80


def test_a_hurried_charge_from_zero_is_no_placeholder() -> None:
    found = told(0, 1_500, 3_000, 4_500, stop=5_000, minutes=1 / 60)
    assert (found.meter.energy_wh, found.oddities) == (5_000, (Oddity.FASTER_THAN_POSSIBLE,))


def test_readings_on_a_session_register_between_absolute_ones() -> None:
    found = told(50_000, 400, 2_000, 4_000, stop=55_000)
    assert (found.meter.energy_wh, found.meter.start_wh, found.oddities) == (5_000, 50_000, ())


def test_a_closing_register_that_fits_nothing_is_left_out_and_said() -> None:
    found = told(50_000, 50_500, 51_000, stop=7_000_000)
    assert (found.meter.energy_wh, found.oddities) == (1_000, (Oddity.CLOSING_REGISTER_LEFT_OUT,))
    fallen = told(100_000, stop=20_000)
    assert (fallen.meter.energy_wh, fallen.oddities) == (0, (Oddity.CLOSING_REGISTER_LEFT_OUT,))


def test_a_closing_register_that_leaps_by_less_than_a_battery_counts() -> None:
    found = told(0, stop=60_000, minutes=0.1)
    assert (found.meter.energy_wh, found.oddities) == (60_000, (Oddity.FASTER_THAN_POSSIBLE,))


def test_small_spikes_are_seen_by_what_follows_them() -> None:
    assert told(1_000, 2_000, 9_000, 2_100, stop=2_200).meter.energy_wh == 1_200


def test_t8_a_register_in_kilowatt_hours_shows_in_the_power() -> None:
    found = told(1_204, 1_206, 1_208, 1_210, stop=1_210, power_w=11_000)
    assert (found.meter.energy_wh, found.oddities) == (6_000, (Oddity.REGISTER_IN_KWH,))
    assert (found.meter.start_wh, found.meter.last_wh) == (1_204_000, 1_210_000)


def test_t8_readings_in_whole_kilowatt_hours_do_not_round_the_bill_up() -> None:
    assert told(12_345, 12_000, 13_000, stop=12_586).meter.energy_wh == 241
    # As kWh labelled Wh, 12.586 arrives as 13.
    assert told(12_345, 12, 13, stop=12_586).meter.energy_wh == 241
    # A closing register that is rounded itself says nothing better.
    assert told(12_345, 12_600, 13_600, stop=13_000).meter.energy_wh == 1_255


def test_power_without_energy_is_no_evidence() -> None:
    assert told(1_000, 1_000, 1_000, stop=1_000, power_w=11_000).meter.energy_wh == 0


def test_power_that_agrees_with_the_register_changes_nothing() -> None:
    assert told(1_000, 2_833, 4_666, 6_500, stop=6_500, power_w=11_000).meter.energy_wh == 5_500


def test_power_readings_with_gaps_are_joined() -> None:
    readings = [Reading(after(10), 1_206, 11_000), Reading(after(20), 1_208), Reading(after(30), None, 11_000)]
    found = review(
        started_at=NOON, start_wh=1_204, readings=readings, stop=Reading(after(40), 1_208), power_limit=POWER_AC_W
    )
    assert found.oddities == (Oddity.REGISTER_IN_KWH,)


def test_readings_of_other_times_belong_to_other_charges() -> None:
    strangers = [Reading(after(-5), 900_000), Reading(after(60), 990_000)]
    found = review(
        started_at=NOON, start_wh=1_000, readings=strangers, stop=Reading(after(30), 2_000), power_limit=POWER_AC_W
    )
    assert found.meter.energy_wh == 1_000


# Whatever boxes send ---------------------------------------------------------------------------------------------

anything = st.lists(
    st.builds(
        Reading,
        at=st.integers(-100, 4_000).map(lambda seconds: NOON + timedelta(seconds=seconds)),
        energy_wh=st.none() | st.integers(0, 2**40) | st.integers(0, 20_000),
        power_w=st.none() | st.integers(0, 22_000),
    ),
    max_size=15,
)
registers = st.integers(0, 2**40) | st.integers(0, 20_000)
closing = st.builds(Reading, at=st.just(after(60)), energy_wh=st.none() | registers)


def reviewed(start_wh: int, readings: list[Reading], stop: Reading) -> Review:
    return review(started_at=NOON, start_wh=start_wh, readings=readings, stop=stop, power_limit=POWER_AC_W)


@given(registers, anything, closing, st.randoms(use_true_random=False))
def test_order_and_repeats_of_readings_do_not_matter(
    start: int, readings: list[Reading], stop: Reading, random: object
) -> None:
    shuffled = [*readings, *readings[: len(readings) // 2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert reviewed(start, shuffled, stop) == reviewed(start, readings, stop)


@given(registers, anything, closing)
def test_energy_is_never_negative_and_what_is_impossible_is_said(
    start: int, readings: list[Reading], stop: Reading
) -> None:
    found = reviewed(start, readings, stop)
    assert found.meter.energy_wh >= 0
    beyond = found.meter.energy_wh > possible_wh(POWER_AC_W, NOON, stop.at)
    assert beyond == (Oddity.FASTER_THAN_POSSIBLE in found.oddities)


@given(st.integers(1, 2**40), st.lists(st.tuples(st.integers(1, 60), st.integers(0, 10)), min_size=1, max_size=30))
def test_the_review_of_an_honest_register_agrees_with_the_running_meter(
    start: int, steps: list[tuple[int, int]]
) -> None:
    meter, at, wh, readings = begun(at=NOON, meter_wh=start), NOON, start, []
    for seconds, wh_per_second in steps:
        at, wh = at + timedelta(seconds=seconds), wh + seconds * wh_per_second
        meter = advance(meter, at, wh, POWER_AC_W)
        readings.append(Reading(at, wh))
    found = reviewed(start, readings, Reading(at, wh))
    assert (found.meter.energy_wh, found.oddities) == (meter.energy_wh, ())
    assert meter.energy_wh == wh - start
