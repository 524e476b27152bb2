"""The gateway and the emulator, wired to each other: charges of odd makers, and charges in all kinds of trouble.

What the charge points' own meters say must be what the charges are billed by.
"""

import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.ocpp.gateway.yard import KEY, PASSWORD, Yard
from tests.waiting import eventually
from wattline.emulator import front_panel
from wattline.emulator.box import Box, Impossible
from wattline.emulator.car import Car
from wattline.emulator.clock import Clock
from wattline.emulator.connector import NO_ERROR
from wattline.emulator.fleet import Fleet
from wattline.emulator.hardware import HARDWARE
from wattline.emulator.interceptor import (
    Direction,
    Drop,
    Duplicate,
    Effect,
    Interceptor,
    Kind,
    Passing,
    Reject,
    Rule,
)
from wattline.emulator.power import lose_power, reset
from wattline.emulator.quirks import Quirk
from wattline.emulator.station import Station

# Model time runs so fast, and begins so long ago that it never gets ahead of the gateway's.
SPEED = 30.0
BEGAN_AGO = timedelta(minutes=30)
REGISTER_WH = 12_345

# A stop without a transaction, and a key that nobody added: these charges are not ended, and not begun.
NEVER_BILLED = {Quirk.STOP_WITH_ZERO, Quirk.FREE_VEND}

# (charge point, connector, beginning) of a transaction, and its energy.
Bills = dict[tuple[str, int, str], int]


class Books(Interceptor):
    """Reads along on every line and keeps the charge points' own books: what each transaction really took."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__(rules)
        self._starts: dict[str, dict[str, Any]] = {}
        self._by_transaction: dict[int, dict[str, Any]] = {}
        self.bills: Bills = {}

    def judge(self, passing: Passing) -> Sequence[Effect]:
        """Note what passes, then do what the rules say."""
        payload = passing.payload
        match passing.kind, passing.action:
            case Kind.CALL, "StartTransaction":
                self._starts[passing.id] = {"identity": passing.identity, **payload}
            case Kind.RESULT, "StartTransaction":
                self._by_transaction[payload["transactionId"]] = self._starts[passing.id]
            case Kind.CALL, "StopTransaction":
                start = self._by_transaction[payload["transactionId"]]
                what = (start["identity"], start["connectorId"], start["timestamp"])
                self.bills[what] = payload["meterStop"] - start["meterStart"]
        return super().judge(passing)


@asynccontextmanager
async def fleet_of(
    yard: Yard, quirks: Sequence[Quirk | None], *, connectors: int = 1, interceptor: Interceptor | None = None
) -> AsyncIterator[Fleet]:
    """Charge points with one quirk each, connected and booted."""
    clock = Clock(datetime.now(UTC) - BEGAN_AGO, speed=SPEED)
    fleet = Fleet(clock=clock, chance=random.Random(1), interceptor=interceptor or Interceptor())
    keys = {"TransactionMessageAttempts": "99", "StopTxnSampledData": "Energy.Active.Import.Register"}
    for number, quirk in enumerate(quirks):
        identity = f"EMULATED-{number}"
        await yard.add_box(identity, connectors=connectors)
        station = fleet.add(
            identity,
            url=f"ws://127.0.0.1:{yard.gateway.port}/ocpp",
            password=PASSWORD,
            hardware=HARDWARE["ac-22"],
            connectors=connectors,
            quirks=() if quirk is None else (quirk,),
            changed_keys=keys,
        )
        for connector in station.box.connectors:
            connector.register_wh = REGISTER_WH
    await fleet.start(per_second=500)
    try:
        await eventually(lambda: all(station.box.is_online for station in fleet.stations.values()))
        yield fleet
    finally:
        await fleet.stop()


async def billed(yard: Yard) -> Bills:
    """What the gateway has billed, in the form of the books; nothing while any charge still runs."""
    rows = await yard.rows(
        "select identity, number, charge.started_at, energy_wh, charge.state from charge "
        "join connector on connector.id = connector_id join charge_point on charge_point.id = connector.charge_point_id"
    )
    if any(row["state"] != "completed" for row in rows):
        return {}
    return {(row["identity"], row["number"], _stamp(row["started_at"])): row["energy_wh"] for row in rows}


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Odd makers -----------------------------------------------------------------------------------------------------------


async def test_a_charge_of_every_odd_maker_is_billed_by_its_meter(yard: Yard) -> None:
    quirks = [None, *(quirk for quirk in Quirk if quirk not in NEVER_BILLED)]
    async with fleet_of(yard, quirks) as fleet:
        stations = list(fleet.stations.values())
        for station in stations:
            station.do(partial(front_panel.plug, station.box, 1, Car()))
            station.do(partial(_tap, station.box, 1))
        await eventually(
            lambda: all(station.box.connector(1).meter_wh > REGISTER_WH + 400 for station in stations),
            within_seconds=240,
        )
        for station in stations:
            station.do(partial(front_panel.unplug, station.box, 1))
        await eventually(lambda: all(_is_idle(station) for station in stations))
        bills = {
            identity: energy_wh for (identity, _, _), energy_wh in (await eventually(partial(billed, yard))).items()
        }
        truth = {station.box.identity: station.box.connector(1).meter_wh - REGISTER_WH for station in stations}
        named = dict(zip(truth, quirks, strict=True))
        # One maker's meter says 1 Wh less at the end than it counted.
        assert {named[who]: (bills.get(who), wh) for who, wh in truth.items() if abs(bills.get(who, 0) - wh) > 1} == {}


# Trouble --------------------------------------------------------------------------------------------------------------

TROUBLE = [
    Rule(direction=Direction.RECEIVED, kind=Kind.RESULT, action="StartTransaction", nth=1, then=Drop()),
    Rule(direction=Direction.RECEIVED, kind=Kind.RESULT, action="StopTransaction", nth=2, then=Drop()),
    Rule(direction=Direction.SENT, kind=Kind.CALL, action="StartTransaction", nth=3, then=Duplicate()),
    Rule(direction=Direction.SENT, kind=Kind.CALL, action="StopTransaction", nth=1, then=Duplicate(seconds=5)),
    Rule(direction=Direction.SENT, kind=Kind.CALL, action="MeterValues", nth=3, then=Reject()),
    Rule(direction=Direction.SENT, kind=Kind.CALL, action="MeterValues", nth=5, then=Duplicate(seconds=40)),
]


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 8))])
async def test_whatever_happens_the_bills_are_what_the_meters_say(yard: Yard, seed: int) -> None:
    books = Books(TROUBLE)
    async with fleet_of(yard, [None] * 8, connectors=2, interceptor=books) as fleet:
        stations = list(fleet.stations.values())
        chance = random.Random(seed)
        for _ in range(500):
            station = chance.choice(stations)
            with suppress(Impossible):
                station.do(_any_deed(station.box, chance))
            await _pass(fleet, chance.uniform(0, 0.6))
        for station in stations:
            station.do(partial(front_panel.go_online, station.box))
        await eventually(lambda: all(_is_idle(station) for station in stations), within_seconds=120)
        for station in stations:
            _clear(station)
        await eventually(lambda: all(_is_idle(station) for station in stations))
        bills = await eventually(partial(billed, yard))
        assert len(books.bills) > 15
        assert bills == books.bills


def _any_deed(box: Box, chance: random.Random) -> Callable[[datetime], None]:
    number = chance.choice((1, 2))
    deeds: list[Callable[[datetime], None]] = [
        *[partial(front_panel.plug, box, number, Car(soc_percent=chance.uniform(10, 99)))] * 4,
        *[partial(_tap, box, number)] * 4,
        partial(front_panel.unplug, box, number),
        partial(front_panel.suspend, box, number, by_car=chance.random() < 0.5),
        partial(front_panel.resume, box, number),
        partial(front_panel.go_offline, box, seconds=chance.uniform(5, 60)),
        partial(front_panel.go_online, box),
        partial(front_panel.fault, box, number, "OtherError", ends_transaction=chance.random() < 0.3),
        *[partial(front_panel.clear_fault, box, number)] * 2,
        partial(lose_power, box, seconds=chance.uniform(5, 30)),
        partial(reset, box, is_hard=chance.random() < 0.5),
    ]
    return chance.choice(deeds)


def _tap(box: Box, number: int, now: datetime) -> None:
    front_panel.tap(box, KEY, now, number)


def _clear(station: Station) -> None:
    """Mend every connector and pull every cable."""
    for connector in station.box.connectors:
        if connector.error_code != NO_ERROR:
            station.do(partial(front_panel.clear_fault, station.box, connector.number))
        if connector.car is not None:
            station.do(partial(front_panel.unplug, station.box, connector.number))


def _is_idle(station: Station) -> bool:
    box = station.box
    return box.is_online and box.in_flight is None and len(box.outbox) == 0


async def _pass(fleet: Fleet, seconds: float) -> None:
    """Let so much of the model's time pass."""
    until = fleet.clock.now() + timedelta(seconds=seconds)
    await eventually(lambda: fleet.clock.now() >= until)
