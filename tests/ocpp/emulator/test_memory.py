"""What a charge point keeps when the emulator ends."""

from tests.ocpp.emulator.stage import NOON, Stage
from wattline.emulator.box import Box, make_box
from wattline.emulator.hardware import HARDWARE
from wattline.emulator.memory import give_back, keep


def restarted(stage: Stage) -> Stage:
    """A new stage with a box that got back what the old one kept."""
    kept = keep(stage.box)
    anew = Stage(central=stage.central, begins_connected=False)
    anew.box = _rebuilt(stage.box)
    give_back(anew.box, kept, lost_at=stage.now)
    return anew.settle()


def _rebuilt(box: Box) -> Box:
    return make_box(box.identity, HARDWARE[box.hardware.name], connectors=len(box.connectors), now=box.now)


def test_a_running_charge_ends_with_the_power() -> None:
    stage = Stage().plug().tap().wait(minutes=5)
    anew = restarted(stage)
    [stop] = anew.payloads("StopTransaction")
    assert (stop["transactionId"], stop["reason"]) == (1001, "PowerLoss")
    assert stop["meterStop"] == stage.connector().meter_wh
    assert anew.statuses()[-1] == "Available"


def test_an_end_that_was_not_delivered_is_told_once() -> None:
    stage = Stage().plug().tap().wait(minutes=5).cut().tap().wait(minutes=1)
    anew = restarted(stage)
    [stop] = anew.payloads("StopTransaction")
    assert (stop["reason"], stop["timestamp"]) == ("Local", "2026-11-20T12:05:00.000Z")
    assert anew.payloads("StartTransaction") == []


def test_a_whole_charge_that_nobody_heard_of() -> None:
    stage = Stage(keys={"AllowOfflineTxForUnknownId": "true"}).cut().plug().tap().wait(minutes=5).unplug()
    anew = restarted(stage)
    assert anew.actions()[:3] == ["BootNotification", "StartTransaction", "StopTransaction"]
    assert anew.payloads("StartTransaction")[0]["timestamp"] == f"{NOON:%Y-%m-%dT%H:%M:%S}.000Z"


def test_settings_registers_and_being_out_of_service_are_kept() -> None:
    stage = Stage().plug().tap().wait(minutes=5).tap().unplug()
    stage.command("ChangeConfiguration", key="MeterValueSampleInterval", value="17")
    stage.command("ChangeAvailability", connectorId=1, type="Inoperative")
    anew = restarted(stage)
    assert anew.box.keys.number("MeterValueSampleInterval") == 17
    assert anew.connector().meter_wh == stage.connector().meter_wh
    assert anew.statuses() == ["Unavailable"]
