"""Stories of lost connections, lost power and lost answers."""

from datetime import timedelta

from tests.ocpp.emulator.stage import KEY, NOON, Central, Stage
from wattline.emulator.power import reset
from wattline.emulator.quirks import Quirk


def test_a_charge_goes_on_without_a_connection_and_is_told_later_with_its_times() -> None:
    stage = Stage().plug().tap().wait(minutes=1).forget().cut().wait(minutes=10).unplug().wait(minutes=5)
    assert stage.said == []
    stage.mend()
    values = stage.payloads("MeterValues")
    assert len(values) == 10
    assert values[0]["meterValue"][0]["timestamp"] == "2026-11-20T12:02:00.000Z"
    [stop] = stage.payloads("StopTransaction")
    assert stop["timestamp"] == "2026-11-20T12:11:00.000Z"
    assert stop["transactionId"] == 1001
    assert stage.actions()[0] == "BootNotification"
    # What happened first is told first: the statuses of now come after the end of then.
    assert stage.actions()[-3:] == ["StopTransaction", "Available", "Available"]


def test_a_whole_charge_without_a_connection() -> None:
    stage = Stage().plug().tap().wait(30).tap().unplug().forget().cut()
    stage.plug().tap().wait(minutes=5).tap().unplug().wait(minutes=1).mend()
    [start] = stage.payloads("StartTransaction")
    [stop] = stage.payloads("StopTransaction")
    assert start["timestamp"] == "2026-11-20T12:00:30.000Z"
    assert stop["transactionId"] == 1002
    assert all(values["transactionId"] == 1002 for values in stage.payloads("MeterValues"))


def test_an_unknown_key_charges_offline_only_when_allowed() -> None:
    assert Stage().cut().plug().tap().wait(60).mend().payloads("StartTransaction") == []
    allowed = Stage(keys={"AllowOfflineTxForUnknownId": "true"}).cut().plug().tap().wait(60).mend()
    assert allowed.payloads("StartTransaction")[0]["idTag"] == KEY


def test_an_offline_charge_of_a_key_that_turns_out_invalid_ends_at_once() -> None:
    central = Central(keys={})
    stage = Stage(keys={"AllowOfflineTxForUnknownId": "true"}, central=central).cut().plug().tap().wait(60).mend()
    assert stage.payloads("StopTransaction")[0]["reason"] == "DeAuthorized"


def test_a_connection_that_is_cut_for_a_while_comes_back_by_itself() -> None:
    stage = Stage().cut(90).wait(89)
    assert not stage.box.is_linked
    assert stage.wait(2).box.is_online


def test_a_question_lost_with_the_connection_is_decided_alone() -> None:
    stage = Stage().plug().tap().tap().unplug().forget().plug()
    # The key is in the cache by now, but the box asks first; the answer never comes.
    stage.central.answers_lost = 1
    stage.tap()
    assert stage.actions() == ["Preparing", "Authorize", "StartTransaction", "Charging"]


def test_a_lost_answer_makes_the_box_say_it_again_later_with_the_same_time() -> None:
    stage = Stage().plug().tap().wait(20)
    stage.central.refuses = {"StopTransaction"}
    stage.tap()
    stage.central.refuses = set()
    stage.wait(30)
    first, second = stage.payloads("StopTransaction")
    assert first == second


def test_the_box_gives_up_after_as_many_attempts_as_configured() -> None:
    stage = Stage(keys={"TransactionMessageAttempts": "3", "TransactionMessageRetryInterval": "10"})
    stage.central.refuses = {"StartTransaction"}
    stage.plug().tap().wait(minutes=2).unplug()
    starts = [said.at - NOON for said in stage.said if said.action == "StartTransaction"]
    assert starts == [timedelta(seconds=seconds) for seconds in (0, 10, 30)]
    # The stop of a transaction nobody knows still says what it knows.
    assert stage.payloads("StopTransaction")[0]["transactionId"] == -1
    assert "transactionId" not in stage.payloads("MeterValues")[-1]


def test_statuses_go_on_while_a_transaction_message_waits_for_its_next_attempt() -> None:
    stage = Stage()
    stage.central.refuses = {"StartTransaction"}
    stage.plug().tap()
    assert stage.statuses() == ["Preparing", "Charging"]


def test_a_loss_of_power_ends_the_charge_when_power_is_back() -> None:
    stage = Stage().plug().tap().wait(minutes=2).forget().lose_power(60)
    assert not stage.box.is_linked
    stage.wait(61)
    assert stage.actions() == ["BootNotification", "StopTransaction", "Available", "Finishing"]
    [stop] = stage.payloads("StopTransaction")
    assert stop["reason"] == "PowerLoss"
    assert stop["timestamp"] == "2026-11-20T12:02:00.000Z"


def test_no_energy_flows_without_power() -> None:
    stage = Stage().plug().tap().wait(minutes=2)
    energy_wh = stage.connector().register_wh
    assert stage.lose_power(600).wait(700).connector().register_wh == energy_wh


def test_a_soft_reset_says_its_goodbyes_first() -> None:
    stage = Stage().plug().tap().wait(60).forget()
    assert stage.command("Reset", type="Soft") == {"status": "Accepted"}
    stage.wait(10)
    assert stage.actions() == ["StopTransaction", "Finishing", "BootNotification", "Available", "Preparing"]
    assert stage.payloads("StopTransaction")[0]["reason"] == "SoftReset"


def test_a_hard_reset_pulls_the_plug() -> None:
    stage = Stage().plug().tap().wait(60).forget()
    stage.command("Reset", type="Hard")
    stage.wait(10)
    assert stage.actions()[:2] == ["BootNotification", "StopTransaction"]
    assert stage.payloads("StopTransaction")[0]["reason"] == "HardReset"


def test_a_reset_without_a_connection_does_not_wait_for_goodbyes() -> None:
    stage = Stage().plug().tap().wait(60).cut()
    reset(stage.box, stage.now, is_hard=False)
    assert not stage.box.has_power
    assert stage.wait(5).box.has_power


def test_a_pending_boot_is_tried_again_and_says_nothing_else_meanwhile() -> None:
    stage = Stage(central=Central(boot_status="Pending", interval=20), begins_connected=False).settle()
    stage.plug().wait(41)
    assert stage.actions() == ["BootNotification"] * 3
    stage.central.boot_status = "Accepted"
    stage.wait(20)
    assert stage.actions()[3:] == ["BootNotification", "Available", "Preparing"]


def test_while_pending_the_box_says_what_is_triggered() -> None:
    stage = Stage(central=Central(boot_status="Pending", interval=60), begins_connected=False).settle().forget()
    assert stage.command("TriggerMessage", requestedMessage="StatusNotification", connectorId=1)["status"] == "Accepted"
    assert stage.actions() == ["Available"]


def test_heartbeats_follow_the_interval_of_the_boot() -> None:
    stage = Stage(central=Central(interval=120)).wait(minutes=10)
    assert stage.actions() == ["Heartbeat"] * 5


def test_a_box_that_never_boots_again_only_tells_what_changed() -> None:
    stage = Stage(quirks=[Quirk.NO_BOOT_ON_RECONNECT]).cut().plug().wait(30).mend()
    assert stage.actions() == ["Preparing"]


def test_one_maker_replays_available_before_the_stop() -> None:
    stage = Stage(quirks=[Quirk.AVAILABLE_BEFORE_STOP, Quirk.NO_BOOT_ON_RECONNECT]).plug().tap().wait(20).forget()
    stage.cut().wait(10).unplug().wait(60).mend()
    assert stage.actions() == ["Finishing", "Available", "StopTransaction"]
    assert stage.payloads("StatusNotification")[1]["timestamp"] == "2026-11-20T12:00:30.000Z"


def test_a_full_memory_drops_readings_and_never_a_beginning_or_an_end() -> None:
    stage = Stage(keys={"MeterValueSampleInterval": "1"}).plug().tap().forget().cut().wait(minutes=20).unplug().mend()
    assert len(stage.payloads("MeterValues")) < 600
    assert len(stage.payloads("StopTransaction")) == 1
    assert stage.box.outbox.dropped > 0
