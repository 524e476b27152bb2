"""Charging profiles: the power that flows is what they allow."""

from datetime import timedelta
from typing import Any

import pytest

from tests.ocpp.emulator.stage import Central, Stage, small_car
from wattline.emulator.quirks import Quirk


def profile(limit: float, *, unit: str = "A", purpose: str = "TxDefaultProfile", **changes: Any) -> dict[str, Any]:
    """A profile that holds one limit for ever, unless told otherwise."""
    schedule = {"chargingRateUnit": unit, "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}]}
    usual = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": schedule | changes.pop("schedule", {}),
    }
    return usual | changes


def set_profile(stage: Stage, spelled: dict[str, Any], connector: int = 1) -> str:
    """Send a profile; return how the box took it."""
    return str(stage.command("SetChargingProfile", connectorId=connector, csChargingProfiles=spelled)["status"])


def charging(model: str = "ac-22", **options: Any) -> Stage:
    """A stage on which a car takes 11 kW."""
    return Stage(model, **options).plug().tap().wait(60)


@pytest.mark.parametrize(
    ("limit", "unit", "power_w"),
    [(10, "A", 6_900), (6_900, "W", 6_900), (63, "A", 11_040), (5, "A", 0), (0, "W", 0)],
)
def test_a_limit_is_kept(limit: float, unit: str, power_w: float) -> None:
    stage = charging()
    assert set_profile(stage, profile(limit, unit=unit)) == "Accepted"
    assert stage.wait(30).connector().power_w == pytest.approx(power_w, rel=0.01)


def test_below_six_ampere_the_charge_point_pauses_and_says_so() -> None:
    stage = charging()
    set_profile(stage, profile(5))
    assert stage.statuses()[-1] == "SuspendedEVSE"
    stage.command("ClearChargingProfile", id=1)
    assert stage.statuses()[-1] == "Charging"


def test_one_phase_gives_a_third() -> None:
    stage = charging()
    one_phase = {"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16, "numberPhases": 1}]}
    set_profile(stage, profile(16, schedule=one_phase))
    assert stage.wait(30).connector().power_w == pytest.approx(3_680, rel=0.01)


def test_direct_current_is_limited_in_watt() -> None:
    stage = Stage("dc-150").plug(small_car(dc_power_w=120_000)).tap().wait(60)
    set_profile(stage, profile(40_000, unit="W"))
    assert stage.wait(60).connector().power_w == pytest.approx(40_000, rel=0.01)


def test_the_higher_level_wins_and_the_own_profile_goes_before_the_default() -> None:
    stage = charging()
    set_profile(stage, profile(16, stackLevel=1))
    set_profile(stage, profile(8, chargingProfileId=2, stackLevel=2))
    assert stage.wait(30).connector().power_w == pytest.approx(5_520, rel=0.01)
    set_profile(stage, profile(12, chargingProfileId=3, purpose="TxProfile", transactionId=1001))
    assert stage.wait(30).connector().power_w == pytest.approx(8_280, rel=0.01)


def test_a_transactions_own_profile_is_forgotten_with_it() -> None:
    stage = charging()
    set_profile(stage, profile(8, purpose="TxProfile", transactionId=1001))
    stage.tap().unplug().plug().tap().wait(60)
    assert stage.connector().power_w == pytest.approx(11_040, rel=0.01)


def test_a_profile_in_the_wrong_place_is_refused() -> None:
    stage = Stage()
    assert set_profile(stage, profile(8, purpose="TxProfile")) == "Rejected"
    assert set_profile(stage, profile(8, purpose="ChargePointMaxProfile"), connector=1) == "Rejected"
    assert set_profile(Stage(quirks=[Quirk.PROFILE_REJECTED]), profile(8)) == "Rejected"


def test_two_cars_share_the_limit_of_the_box() -> None:
    stage = Stage(connectors=2)
    stage.central.keys["BB"] = {"status": "Accepted"}
    stage.plug(connector=1).plug(connector=2).tap(connector=1).tap("BB", 2).wait(60)
    set_profile(stage, profile(20, purpose="ChargePointMaxProfile"), connector=0)
    stage.wait(30)
    assert [stage.connector(number).power_w for number in (1, 2)] == pytest.approx([6_900, 6_900], rel=0.01)


def test_a_schedule_changes_with_time() -> None:
    stage = Stage().plug().tap()
    periods = [{"startPeriod": 0, "limit": 16}, {"startPeriod": 600, "limit": 8}]
    set_profile(stage, profile(16, schedule={"chargingSchedulePeriod": periods, "duration": 1200}))
    powers = [stage.wait(minutes=minutes).connector().power_w for minutes in (5, 10, 10)]
    assert powers == pytest.approx([11_040, 5_520, 11_040], rel=0.01)


def test_a_daily_schedule_holds_every_day() -> None:
    stage = charging()
    daily: dict[str, Any] = {
        "chargingProfileKind": "Recurring",
        "recurrencyKind": "Daily",
        "schedule": {
            "startSchedule": "2026-11-01T00:00:00Z",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}, {"startPeriod": 43_800, "limit": 8}],
        },
    }
    assert set_profile(stage, profile(16, **daily)) == "Accepted"
    powers = [stage.wait(minutes=minutes).connector().power_w for minutes in (5, 10)]
    assert powers == pytest.approx([11_040, 5_520], rel=0.01)


def test_a_remote_start_brings_its_own_profile() -> None:
    stage = Stage(central=Central(keys={"REMOTE": {"status": "Accepted"}})).plug()
    own = profile(10, purpose="TxProfile")
    answer = stage.command("RemoteStartTransaction", idTag="REMOTE", connectorId=1, chargingProfile=own)
    assert answer == {"status": "Accepted"}
    assert stage.wait(60).connector().power_w == pytest.approx(6_900, rel=0.01)
    stubborn = Stage(quirks=[Quirk.NO_START_WITH_PROFILE]).plug()
    answer = stubborn.command("RemoteStartTransaction", idTag="REMOTE", connectorId=1, chargingProfile=own)
    assert answer == {"status": "Rejected"}


def test_the_composite_schedule_tells_what_will_hold() -> None:
    stage = charging()
    periods = [{"startPeriod": 0, "limit": 16}, {"startPeriod": 600, "limit": 8}]
    set_profile(stage, profile(16, schedule={"chargingSchedulePeriod": periods, "duration": 1200}))
    asked = stage.command("GetCompositeSchedule", connectorId=1, duration=3600)
    # The charge began a minute ago, and after 1,200 seconds only the hardware limits.
    assert asked["chargingSchedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 16.0},
        {"startPeriod": 540, "limit": 8.0},
        {"startPeriod": 1140, "limit": 32.0},
    ]
    assert stage.command("GetCompositeSchedule", connectorId=9, duration=60) == {"status": "Rejected"}


def test_times_beyond_the_calendar_are_survived() -> None:
    stage = charging()
    far = [{"startPeriod": 0, "limit": 16}, {"startPeriod": 2**62, "limit": 8}]
    schedule = {"chargingSchedulePeriod": far, "duration": 2**62, "startSchedule": "9999-12-31T23:59:59Z"}
    set_profile(stage, profile(16, chargingProfileKind="Absolute", schedule=schedule))
    set_profile(stage, profile(16, chargingProfileId=2, stackLevel=1, schedule={"chargingSchedulePeriod": far}))
    asked = stage.command("GetCompositeSchedule", connectorId=1, duration=2**62)
    assert asked["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 16.0}]


def test_clearing_what_is_not_there_says_unknown() -> None:
    stage = Stage()
    assert stage.command("ClearChargingProfile", id=99) == {"status": "Unknown"}
    set_profile(stage, profile(8))
    assert stage.command("ClearChargingProfile", chargingProfilePurpose="TxDefaultProfile") == {"status": "Accepted"}


def test_a_profile_that_is_not_valid_yet_limits_nothing() -> None:
    stage = charging()
    later = (stage.now + timedelta(hours=1)).isoformat()
    set_profile(stage, profile(8, validFrom=later))
    assert stage.wait(30).connector().power_w == pytest.approx(11_040, rel=0.01)
