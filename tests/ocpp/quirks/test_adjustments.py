"""What is changed in a call before it goes out to a box that chokes on it."""

from typing import Any

import pytest

from wattline.ocpp.quirks import quirks_for
from wattline.ocpp.v16.adjustments import prepare

PLAIN = quirks_for("Maker", "Model 1", "1.0")


def profile(*, level: int = 0, unit: str = "A", limit: float = 16.0, **period: Any) -> dict[str, Any]:
    """Write a SetChargingProfile."""
    schedule = {
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit, **period}],
        "minChargingRate": 6.0,
    }
    return {"connectorId": 1, "csChargingProfiles": {"stackLevel": level, "chargingSchedule": schedule}}


def sent(payload: dict[str, Any], **settings: str) -> dict[str, Any]:
    """Return the profile that a box gets which told these settings."""
    profile: dict[str, Any] = prepare("SetChargingProfile", payload, PLAIN, settings)["csChargingProfiles"]
    return profile


def test_a_box_without_oddities_gets_what_was_asked() -> None:
    for action, payload in (
        ("SetChargingProfile", profile(level=3)),
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "300"}),
        ("GetConfiguration", {"key": ["HeartbeatInterval"]}),
        ("GetConfiguration", {}),
        ("TriggerMessage", {"requestedMessage": "MeterValues"}),
        ("RemoteStartTransaction", {"idTag": "04A2", "chargingProfile": {"stackLevel": 1}}),
        ("Reset", {"type": "Hard"}),
    ):
        assert prepare(action, payload, PLAIN, {}) == payload


def test_b4_abb_is_never_told_to_send_all_measurands() -> None:
    abb = quirks_for("ABB", "TAC-W22", "TAC3::V1.8.21")
    wish = {"key": "metervaluessampleddata", "value": "Energy.Active.Import.Register, SoC,Voltage"}
    assert prepare("ChangeConfiguration", wish, abb, {})["value"] == "Energy.Active.Import.Register"
    nothing_left = {"key": "StopTxnSampledData", "value": "SoC"}
    assert prepare("ChangeConfiguration", nothing_left, abb, {})["value"] == "Energy.Active.Import.Register"
    other = {"key": "LightIntensity", "value": "SoC"}
    assert prepare("ChangeConfiguration", other, abb, {}) == other


@pytest.mark.parametrize("asks", ["StatusNotification", "MeterValues"])
def test_c1_abl_is_asked_by_connector(asks: str) -> None:
    abl = quirks_for("ABL", "eMH3", "1.7p3")
    assert prepare("TriggerMessage", {"requestedMessage": asks}, abl, {})["connectorId"] == 1
    second = {"requestedMessage": asks, "connectorId": 2}
    assert prepare("TriggerMessage", second, abl, {}) == second
    boot = {"requestedMessage": "BootNotification"}
    assert prepare("TriggerMessage", boot, abl, {}) == boot


@pytest.mark.parametrize(("vendor", "value"), [("EVBox", "165"), ("KEBA AG", "16500"), ("Maker", "16.5")])
def test_c4_a_current_is_written_in_the_unit_of_the_box(vendor: str, value: str) -> None:
    quirks = quirks_for(vendor, "", "")
    assert prepare("ChangeConfiguration", {"key": "Limit", "value": "16.5 A"}, quirks, {})["value"] == value
    bare = {"key": "Limit", "value": "16"}
    assert prepare("ChangeConfiguration", bare, quirks, {}) == bare


def test_c4_a_wallbox_is_given_the_only_stack_level_it_knows() -> None:
    wallbox = quirks_for("Wall Box Chargers", "Copper", "5.7")
    assert prepare("SetChargingProfile", profile(level=3), wallbox, {})["csChargingProfiles"]["stackLevel"] == 0


def test_c4_a_box_that_tells_its_highest_stack_level_gets_no_higher_one() -> None:
    assert sent(profile(level=9), chargeprofilemaxstacklevel=" 3 ")["stackLevel"] == 3
    assert sent(profile(level=2), ChargeProfileMaxStackLevel="3")["stackLevel"] == 2


@pytest.mark.parametrize("told", ["W", "Power", '"Power"', " power "])
def test_c5_a_box_that_takes_watts_gets_watts(told: str) -> None:
    schedule = sent(profile(), ChargingScheduleAllowedChargingRateUnit=told)["chargingSchedule"]
    assert schedule == {
        "chargingRateUnit": "W",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11_040.0}],
    }


def test_c5_a_box_that_takes_amperes_gets_amperes_of_its_phases() -> None:
    wish = profile(unit="W", limit=3_680, numberPhases=1)
    schedule = sent(wish, chargingscheduleallowedchargingrateunit="Current")["chargingSchedule"]
    assert (schedule["chargingRateUnit"], schedule["chargingSchedulePeriod"][0]["limit"]) == ("A", 16.0)


@pytest.mark.parametrize("told", ["Current,Power", '"A", "W"', "", "Other"])
def test_c5_a_box_that_takes_both_or_does_not_say_gets_what_was_asked(told: str) -> None:
    wish = profile()
    assert sent(wish, ChargingScheduleAllowedChargingRateUnit=told) == wish["csChargingProfiles"]


def test_c5_keys_go_out_as_the_box_spells_them() -> None:
    told = {"heartbeatinterval": "300"}
    changed = prepare("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"}, PLAIN, told)
    assert changed == {"key": "heartbeatinterval", "value": "60"}
    asked = prepare("GetConfiguration", {"key": ["HeartbeatInterval", "Unheard"]}, PLAIN, told)
    assert asked == {"key": ["heartbeatinterval", "Unheard"]}
