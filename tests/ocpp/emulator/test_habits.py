"""A demo's guests: cars come, charge, pause, break things and leave, and keep their hands off what others do."""

import random
from collections import Counter

import pytest

from tests.ocpp.emulator.stage import KEY, Central, Stage
from wattline.emulator import front_panel
from wattline.emulator.car import Car
from wattline.emulator.habits import Guest, Habit

REMOTE = Central(keys={KEY: {"status": "Accepted"}, "REMOTE": {"status": "Accepted"}})


def spend(stage: Stage, guest: Guest, *, minutes: float) -> Stage:
    """Let the guest live for a while."""
    seconds = minutes * 60
    while seconds > 0:
        step = min(seconds, max(1.0, (guest.live(stage.now) - stage.now).total_seconds()))
        stage.settle().wait(step)
        seconds -= step
    return stage


def house(habit: Habit, *, seed: int = 1, central: Central | None = None) -> tuple[Stage, Guest]:
    """A charge point with one guest."""
    stage = Stage(central=central or REMOTE)
    return stage, Guest(stage.box, 1, habit, [KEY], random.Random(seed))


@pytest.mark.parametrize("seed", range(5))
def test_a_busy_place_sees_several_charges_in_an_afternoon(seed: int) -> None:
    stage, guest = house(Habit.BUSY, seed=seed)
    counted = Counter(spend(stage, guest, minutes=240).actions())
    assert counted["StartTransaction"] >= 4
    assert counted["StartTransaction"] - counted["StopTransaction"] in {0, 1}
    assert stage.payloads("StartTransaction")[0]["timestamp"] < "2026-11-20T12:00:40", "the first car comes at once"


def test_the_same_seed_tells_the_same_story() -> None:
    stories = [spend(*house(Habit.BUSY, seed=3, central=Central()), minutes=60).said for _ in range(2)]
    assert stories[0] == stories[1]


def test_a_suspended_place_shows_it() -> None:
    stage, guest = house(Habit.SUSPENDED)
    assert spend(stage, guest, minutes=10).statuses()[-1] == "SuspendedEV"


def test_a_faulted_place_breaks_and_mends() -> None:
    stage, guest = house(Habit.FAULTED)
    assert spend(stage, guest, minutes=12).statuses() == ["Faulted", "Available"]


def test_a_waiting_place_is_left_free_and_a_car_follows_a_remote_start() -> None:
    stage, guest = house(Habit.WAITING)
    assert spend(stage, guest, minutes=30).statuses() == []
    stage.command("RemoteStartTransaction", idTag="REMOTE", connectorId=1)
    spend(stage, guest, minutes=0.1)
    assert stage.statuses() == ["Preparing", "Charging"]
    stage.command("RemoteStopTransaction", transactionId=stage.central.transactions)
    spend(stage, guest, minutes=1)
    assert stage.statuses()[-2:] == ["Finishing", "Available"]


def test_a_plugged_place_always_has_a_car_and_nobody_ends_a_remote_charge() -> None:
    stage, guest = house(Habit.PLUGGED)
    assert spend(stage, guest, minutes=1).statuses() == ["Preparing"]
    stage.command("RemoteStartTransaction", idTag="REMOTE", connectorId=1)
    assert spend(stage, guest, minutes=90).payloads("StopTransaction") == []
    stage.command("RemoteStopTransaction", transactionId=stage.central.transactions)
    assert spend(stage, guest, minutes=2).statuses()[-3:] == ["Finishing", "Available", "Preparing"]


def test_a_guest_whose_key_is_refused_leaves() -> None:
    stage, guest = house(Habit.BUSY, central=Central(keys={}))
    assert spend(stage, guest, minutes=2).statuses() == ["Preparing", "Available"]


def test_a_guest_never_touches_somebody_elses_car() -> None:
    stage, guest = house(Habit.BUSY)
    mine = Car()
    stage.plug(mine).tap().wait(5).tap()
    spend(stage, guest, minutes=60)
    assert stage.connector().car is mine
    front_panel.unplug(stage.box, 1, stage.now)


def test_guests_wait_out_a_loss_of_power() -> None:
    stage, guest = house(Habit.BUSY)
    spend(stage, guest, minutes=5).lose_power(600)
    assert spend(stage, guest, minutes=12).box.has_power
