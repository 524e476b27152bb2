"""People who use emulated charge points by themselves, so that a demo is alive: cars come, charge, pause and leave.

One visitor lives at each connector and acts only through the front panel. Everything random comes from a seeded source,
so the same seed tells the same story.
"""

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum

from wattline.emulator import front_panel
from wattline.emulator.box import Box, Impossible
from wattline.emulator.car import Car
from wattline.emulator.connector import NO_ERROR, Connector
from wattline.emulator.transaction import Transaction

# (battery in Wh, AC power in W, AC phases, DC power in W), in the sizes one meets on the road.
GARAGE = (
    (36_000, 6_600, 1, 50_000),
    (50_000, 7_400, 1, 100_000),
    (58_000, 11_040, 3, 120_000),
    (64_000, 11_040, 3, 80_000),
    (77_000, 11_040, 3, 175_000),
    (82_000, 11_040, 3, 250_000),
    (95_000, 22_080, 3, 150_000),
)
FAULTS = ("GroundFailure", "HighTemperature", "PowerMeterFailure", "OverCurrentFailure")
# Held to the reader by those who were given no key.
ANY_TAG = ("FFFFFFFF",)
LOOK_EVERY = timedelta(seconds=5)
# Somebody whose key was refused tries no more after so long.
PATIENCE = timedelta(seconds=25)


class Habit(StrEnum):
    """How a connector is used."""

    WAITING = "waiting"
    PLUGGED = "plugged"
    BUSY = "busy"
    QUIET = "quiet"
    SUSPENDED = "suspended"
    FAULTED = "faulted"


Span = tuple[float, float]
# Seconds: until the first car comes, between cars, and how long they stay.
FIRST_AFTER: dict[Habit, Span] = {
    Habit.PLUGGED: (0, 2),
    Habit.BUSY: (1, 20),
    Habit.QUIET: (600, 2400),
    Habit.SUSPENDED: (1, 10),
    Habit.FAULTED: (900, 2400),
}
NEXT_AFTER: dict[Habit, Span] = {
    Habit.PLUGGED: (15, 25),
    Habit.BUSY: (60, 420),
    Habit.QUIET: (1800, 5400),
    Habit.SUSPENDED: (60, 240),
    Habit.FAULTED: (1800, 5400),
}
STAYS: Span = (900, 3000)
PAUSES_AFTER: Span = (60, 240)
FAULT_AFTER: Span = (30, 90)
NEXT_FAULT_AFTER: Span = (900, 2400)
FAULT_LASTS: Span = (120, 400)
PLUGS_AFTER_REMOTE_START: Span = (1, 2)
LEAVES_AFTER_CHARGE: Span = (8, 20)


class Guest:
    """Who comes to one connector. A car that somebody else has plugged in is never touched."""

    def __init__(self, box: Box, number: int, habit: Habit, id_tags: Sequence[str], chance: random.Random) -> None:
        self._box = box
        self._connector: Connector = box.connector(number)
        self._habit = habit
        self._id_tags = id_tags or ANY_TAG
        self._chance = chance
        self._car: Car | None = None
        self._key: str | None = None
        self._seen: Transaction | None = None
        self._arrives_at = self._within(box.now, FIRST_AFTER.get(habit))
        self._leaves_at: datetime | None = None
        self._follows_at: datetime | None = None
        self._pauses_at: datetime | None = None
        self._breaks_at = self._within(box.now, FAULT_AFTER) if habit is Habit.FAULTED else None

    def live(self, now: datetime) -> datetime:
        """Do what is due, and say when to look again."""
        # Somebody else may have been faster: a person at the control port, or the central system. Then look again.
        with suppress(Impossible):
            if self._box.has_power:
                self._act(now)
        return min(now + LOOK_EVERY, self._follows_at or now + LOOK_EVERY)

    def _act(self, now: datetime) -> None:
        connector = self._connector
        if is_due(self._breaks_at, now):
            self._break_or_mend(now)
        if connector.error_code != NO_ERROR:
            return
        if connector.transaction is not None:
            self._charge_on(connector.transaction, now)
        elif connector.car is None:
            self._come(now)
        elif connector.car is self._car:
            self._think_of_leaving(now)

    def _come(self, now: datetime) -> None:
        if self._connector.welcome is not None:
            self._follow_a_remote_start(now)
        elif is_due(self._arrives_at, now) and self._connector.is_operative and self._box.is_online:
            self._arrives_at = None
            self._plug(now)
            if self._habit is not Habit.PLUGGED:
                self._key = self._chance.choice(self._id_tags)
                self._leaves_at = now + PATIENCE
                front_panel.tap(self._box, self._key, now, self._connector.number)

    def _follow_a_remote_start(self, now: datetime) -> None:
        if self._follows_at is None:
            self._follows_at = self._within(now, PLUGS_AFTER_REMOTE_START)
        elif is_due(self._follows_at, now):
            self._follows_at = None
            self._plug(now)

    def _plug(self, now: datetime) -> None:
        battery_wh, ac_power_w, ac_phases, dc_power_w = self._chance.choice(GARAGE)
        self._car = Car(
            battery_wh=battery_wh,
            soc_percent=self._chance.uniform(15, 60),
            ac_power_w=ac_power_w,
            ac_phases=ac_phases,
            dc_power_w=dc_power_w,
            target_soc_percent=self._chance.choice((80, 90, 100)),
        )
        self._key = self._seen = self._leaves_at = None
        front_panel.plug(self._box, self._connector.number, self._car, now)

    def _charge_on(self, transaction: Transaction, now: datetime) -> None:
        if transaction is not self._seen:
            self._seen = transaction
            self._leaves_at = self._within(now, STAYS)
            self._pauses_at = self._within(now, PAUSES_AFTER) if self._habit is Habit.SUSPENDED else None
        if transaction.id_tag != self._key:
            # Somebody started this remotely: it lasts until they, or the car, have had enough.
            return
        if is_due(self._pauses_at, now):
            self._pauses_at = None
            front_panel.suspend(self._box, self._connector.number, now, by_car=True)
        if is_due(self._leaves_at, now):
            front_panel.tap(self._box, transaction.id_tag, now, self._connector.number)

    def _think_of_leaving(self, now: datetime) -> None:
        if self._seen is not None or (self._connector.has_finished and self._leaves_at is None):
            self._seen = None
            self._leaves_at = self._within(now, LEAVES_AFTER_CHARGE)
        if is_due(self._leaves_at, now):
            front_panel.unplug(self._box, self._connector.number, now)
            self._car = self._leaves_at = None
            self._arrives_at = self._within(now, NEXT_AFTER.get(self._habit))

    def _break_or_mend(self, now: datetime) -> None:
        if self._connector.error_code == NO_ERROR:
            front_panel.fault(self._box, self._connector.number, self._chance.choice(FAULTS), now)
            self._breaks_at = self._within(now, FAULT_LASTS)
        else:
            front_panel.clear_fault(self._box, self._connector.number, now)
            self._breaks_at = self._within(now, NEXT_FAULT_AFTER)

    def _within(self, now: datetime, span: Span | None) -> datetime | None:
        return None if span is None else now + timedelta(seconds=self._chance.uniform(*span))


def is_due(at: datetime | None, now: datetime) -> bool:
    """Tell whether a planned moment has come."""
    return at is not None and now >= at
