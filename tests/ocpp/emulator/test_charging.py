"""Stories of a charge, told by what the charge point says."""

from collections.abc import Callable

import pytest

from tests.ocpp.emulator.stage import KEY, Central, Stage, samples, small_car
from wattline.emulator import front_panel
from wattline.emulator.box import Impossible


def test_a_charge_with_a_key_from_plug_to_unplug() -> None:
    stage = Stage().plug().tap().wait(minutes=3).unplug()
    assert stage.actions() == [
        "Preparing",
        "Authorize",
        "StartTransaction",
        "Charging",
        "MeterValues",
        "MeterValues",
        "MeterValues",
        "StopTransaction",
        "Finishing",
        "Available",
    ]
    [start], [stop] = stage.payloads("StartTransaction"), stage.payloads("StopTransaction")
    assert start["idTag"] == KEY
    assert stop["transactionId"] == 1001
    assert stop["reason"] == "EVDisconnected"
    # 11 kW for three minutes is 550 Wh, less what the first seconds lack.
    assert 520 <= stop["meterStop"] - start["meterStart"] <= 550


def test_a_key_shown_before_the_cable_waits_for_it() -> None:
    stage = Stage().tap().wait(20).plug()
    assert stage.actions() == ["Authorize", "Preparing", "StartTransaction", "Charging"]


def test_nobody_plugs_in_and_the_charge_point_stops_waiting() -> None:
    stage = Stage(keys={"ConnectionTimeOut": "60"}).tap().wait(61)
    assert stage.statuses() == ["Preparing", "Available"]
    assert stage.payloads("StartTransaction") == []


def test_the_same_key_ends_its_own_charge_and_the_cable_stays() -> None:
    stage = Stage().plug().tap().wait(30).tap()
    [stop] = stage.payloads("StopTransaction")
    assert (stop["reason"], stop["idTag"]) == ("Local", KEY)
    assert stage.statuses()[-1] == "Finishing"
    assert len(stage.payloads("Authorize")) == 1


def test_a_stranger_cannot_end_the_charge_but_a_key_of_the_same_group_can() -> None:
    central = Central(
        keys={
            "AA": {"status": "Accepted", "parentIdTag": "FAMILY"},
            "BB": {"status": "Accepted", "parentIdTag": "FAMILY"},
            "CC": {"status": "Accepted", "parentIdTag": "OTHERS"},
        }
    )
    stage = Stage(central=central).plug().tap("AA").wait(30).tap("CC")
    assert stage.payloads("StopTransaction") == []
    stage.tap("BB")
    assert stage.payloads("StopTransaction")[0]["idTag"] == "BB"


def test_a_refused_key_starts_nothing() -> None:
    stage = Stage().plug().tap("DEADBEEF").wait(60)
    assert stage.actions() == ["Preparing", "Authorize"]


def test_the_meter_counts_for_life() -> None:
    stage = Stage()
    for _ in range(3):
        stage.plug().tap().wait(minutes=2).unplug()
    starts = [payload["meterStart"] for payload in stage.payloads("StartTransaction")]
    stops = [payload["meterStop"] for payload in stage.payloads("StopTransaction")]
    assert starts == [0, stops[0], stops[1]]


def test_the_car_pauses_and_goes_on() -> None:
    stage = Stage().plug().tap().wait(60)
    front_panel.suspend(stage.box, 1, stage.now, by_car=True)
    stage.settle()
    energy_wh = stage.connector().charged_wh
    assert stage.wait(60).connector().charged_wh == energy_wh
    front_panel.resume(stage.box, 1, stage.now)
    assert stage.settle().statuses() == ["Preparing", "Charging", "SuspendedEV", "Charging"]
    assert stage.wait(60).connector().charged_wh > energy_wh


def test_the_charge_point_pauses_and_goes_on() -> None:
    stage = Stage().plug().tap().wait(60)
    front_panel.suspend(stage.box, 1, stage.now, by_car=False)
    front_panel.resume(stage.box, 1, stage.now)
    assert stage.settle().statuses() == ["Preparing", "Charging", "SuspendedEVSE", "Charging"]


def test_a_full_car_suspends_itself_and_stays_connected() -> None:
    stage = Stage("dc-50").plug(small_car(soc_percent=99.0)).tap().wait(minutes=30)
    assert stage.statuses()[-1] == "SuspendedEV"
    assert stage.payloads("StopTransaction") == []
    assert samples(stage.payloads("MeterValues")[-1], "SoC")[0]["value"] == "100"


def test_a_fault_stops_the_power_and_its_end_brings_it_back() -> None:
    stage = Stage().plug().tap().wait(60)
    front_panel.fault(stage.box, 1, "GroundFailure", stage.now)
    stage.wait(60)
    front_panel.clear_fault(stage.box, 1, stage.now)
    stage.settle()
    assert stage.statuses()[-2:] == ["Faulted", "Charging"]
    [faulted] = [said for said in stage.payloads("StatusNotification") if said["status"] == "Faulted"]
    assert faulted["errorCode"] == "GroundFailure"


def test_a_fault_may_end_the_charge() -> None:
    stage = Stage().plug().tap().wait(60)
    front_panel.fault(stage.box, 1, "HighTemperature", stage.now, ends_transaction=True)
    assert stage.settle().payloads("StopTransaction")[0]["reason"] == "Other"


def test_two_connectors_charge_two_cars() -> None:
    stage = Stage(connectors=2)
    stage.central.keys["BB"] = {"status": "Accepted"}
    stage.plug(connector=1).plug(connector=2).tap(KEY, 1).tap("BB", 2).wait(60)
    ids = {payload["connectorId"]: payload["transactionId"] for payload in stage.payloads("MeterValues")}
    assert ids == {1: 1001, 2: 1002}


def test_a_shared_reader_knows_who_is_meant() -> None:
    stage = Stage(connectors=3).plug(connector=2).tap(connector=None).wait(10)
    assert stage.payloads("StartTransaction")[0]["connectorId"] == 2
    assert stage.tap(connector=None).payloads("StopTransaction")[0]["transactionId"] == 1001


def test_pulling_the_cable_at_the_car_only_pauses_when_so_configured() -> None:
    stage = Stage(keys={"StopTransactionOnEVSideDisconnect": "false"}).plug().tap().wait(30).unplug()
    assert stage.statuses()[-1] == "SuspendedEV"
    stage.plug()
    assert stage.statuses()[-1] == "Charging"
    assert len(stage.payloads("StartTransaction")) == 1


def test_free_vend_charges_whoever_plugs_in() -> None:
    stage = Stage(keys={"FreeVendEnabled": "true", "FreeVendIdTag": "FFFFFFFF"})
    stage.central.keys["FFFFFFFF"] = {"status": "Accepted"}
    assert stage.plug().payloads("StartTransaction")[0]["idTag"] == "FFFFFFFF"


def test_a_key_refused_at_the_start_ends_the_charge() -> None:
    stage = Stage(keys={"LocalPreAuthorize": "true"}).plug().tap().tap().unplug()
    # The cache still says yes; the central system has changed its mind.
    stage.central.keys[KEY] = {"status": "Blocked"}
    stage.forget().plug().tap()
    assert stage.actions() == ["Preparing", "StartTransaction", "Charging", "StopTransaction", "Finishing"]
    assert stage.payloads("StopTransaction")[0]["reason"] == "DeAuthorized"


def test_a_key_refused_at_the_start_gets_no_power_when_so_configured() -> None:
    stage = Stage(keys={"LocalPreAuthorize": "true", "StopTransactionOnInvalidId": "false"}).plug().tap().tap().unplug()
    stage.central.keys[KEY] = {"status": "Invalid"}
    stage.forget().plug().tap().wait(minutes=5)
    assert stage.statuses()[-1] == "SuspendedEVSE"
    assert stage.connector().charged_wh == 0


def test_a_refused_key_may_use_a_little_energy() -> None:
    keys = {"LocalPreAuthorize": "true", "StopTransactionOnInvalidId": "false", "MaxEnergyOnInvalidId": "300"}
    stage = Stage(keys=keys).plug().tap().tap().unplug()
    stage.central.keys[KEY] = {"status": "Invalid"}
    stage.forget().plug().tap().wait(minutes=10)
    assert stage.statuses() == ["Preparing", "Charging", "SuspendedEVSE"]
    assert 300 <= stage.connector().charged_wh < 400


@pytest.mark.parametrize(
    ("deed", "why"),
    [
        (lambda stage: stage.unplug(), "nothing is plugged"),
        (lambda stage: stage.plug().plug(), "plugged into connector 1 already"),
        (lambda stage: stage.plug(connector=9), "no connector 9"),
        (lambda stage: front_panel.suspend(stage.box, 1, stage.now, by_car=True), "not charging"),
        (lambda stage: front_panel.fault(stage.box, 1, "Bored", stage.now), "no error code"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(deed: Callable[[Stage], object], why: str) -> None:
    with pytest.raises(Impossible, match=why):
        deed(Stage())


def test_a_stuck_cable_cannot_be_pulled_nor_unlocked() -> None:
    stage = Stage().plug().tap().wait(20)
    front_panel.stick_cable(stage.box, 1, is_stuck=True)
    with pytest.raises(Impossible, match="stuck"):
        stage.unplug()
    assert stage.command("UnlockConnector", connectorId=1) == {"status": "UnlockFailed"}
