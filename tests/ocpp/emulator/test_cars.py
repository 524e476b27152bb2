"""How cars draw power: the shapes one knows from real charges."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ocpp.emulator.stage import Stage, small_car
from wattline.emulator.hardware import HARDWARE, Current
from wattline.emulator.power_curve import AC_CURVE, DC_CURVE, DC_RAMP, ramp_share, share_at


def test_power_rises_holds_and_tapers_on_direct_current() -> None:
    stage = Stage("dc-150").plug(small_car(battery_wh=60_000, soc_percent=20, dc_power_w=120_000)).tap()
    powers = [(stage.wait(20).connector().power_w, stage.connector().car) for _ in range(180)]
    kilowatts = [power_w / 1000 for power_w, _ in powers]
    assert kilowatts[0] < 60, "it rises in the first seconds"
    assert max(kilowatts) == pytest.approx(120, rel=0.01)
    assert kilowatts[5] == pytest.approx(kilowatts[15], rel=0.02), "it holds"
    # From 20 % on, the plateau ends at 58 %; every minute after it is slower than the one before.
    tapering = kilowatts[60::3]
    assert all(later <= earlier * 1.01 for earlier, later in itertools.pairwise(tapering))
    assert kilowatts[-1] < 20


def test_power_holds_until_the_end_on_alternating_current() -> None:
    stage = Stage().plug(small_car(soc_percent=80)).tap().wait(60)
    assert stage.connector().power_w == pytest.approx(11_040, rel=0.01)
    car = stage.connector().car
    assert car is not None
    while car.soc_percent < 98:
        stage.wait(minutes=1)
    assert 4_000 < stage.connector().power_w < 10_000


@pytest.mark.parametrize(
    ("model", "car", "power_w"),
    [
        ("ac-22", {"ac_power_w": 22_080}, 22_080),
        ("ac-22", {"ac_power_w": 7_360, "ac_phases": 1}, 7_360),
        ("ac-11", {"ac_power_w": 22_080}, 11_040),
        ("ac-7", {"ac_power_w": 11_040}, 3_680),
        ("dc-50", {"dc_power_w": 200_000}, 50_000),
    ],
)
def test_the_weaker_of_car_and_charge_point_decides(model: str, car: dict[str, float], power_w: float) -> None:
    stage = Stage(model).plug(small_car(**car)).tap().wait(90)
    assert stage.connector().power_w == pytest.approx(power_w, rel=0.01)


def test_the_battery_gets_what_the_meter_counts_less_the_losses() -> None:
    stage = Stage().plug(small_car(battery_wh=50_000, soc_percent=20)).tap().wait(minutes=60)
    car = stage.connector().car
    assert car is not None
    stored_wh = (car.soc_percent - 20) / 100 * 50_000
    assert stored_wh == pytest.approx(stage.connector().charged_wh * 0.91, rel=0.001)


@given(soc=st.floats(0, 100), seconds=st.floats(0, 600))
def test_shares_are_shares(soc: float, seconds: float) -> None:
    assert 0 < share_at(DC_CURVE, soc) <= 1
    assert 0 < share_at(AC_CURVE, soc) <= 1
    assert 0 <= ramp_share(DC_RAMP, seconds) <= 1


@given(model=st.sampled_from(sorted(HARDWARE)), minutes=st.integers(1, 90), soc=st.floats(1, 99))
def test_no_car_ever_gets_more_than_the_cable_may_carry(model: str, minutes: int, soc: float) -> None:
    stage = Stage(model).plug(small_car(soc_percent=soc, ac_power_w=22_080, dc_power_w=400_000)).tap()
    stage.wait(minutes=minutes)
    hardware = HARDWARE[model]
    assert stage.connector().charged_wh <= hardware.power_w_max * minutes / 60
    assert stage.connector().power_w <= hardware.power_w_max
    assert (hardware.current is Current.DC) == hardware.knows_soc
