"""The emulator over real sockets, against a central system made of somebody else's code."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from ocpp.v16 import call
from ocpp.v16.enums import ResetType

from tests.ocpp.emulator.tiny_central import TinyCentral, tiny_central
from tests.waiting import eventually
from wattline.emulator import front_panel
from wattline.emulator.car import Car
from wattline.emulator.clock import Clock
from wattline.emulator.fleet import Fleet
from wattline.emulator.hardware import HARDWARE
from wattline.emulator.interceptor import Answer, Delay, Direction, Drop, Interceptor, Reject, Rule
from wattline.emulator.quirks import Quirk
from wattline.emulator.redial import redial_seconds
from wattline.emulator.station import Station


@asynccontextmanager
async def station(
    central: TinyCentral,
    identity: str = "CP-1",
    *,
    password: str | None = None,
    quirks: tuple[Quirk, ...] = (),
    rules: tuple[Rule, ...] = (),
    speed: float = 200.0,
    **keys: str,
) -> AsyncIterator[Station]:
    """A charge point whose time runs fast, connected to the central system."""
    fleet = Fleet(clock=Clock.from_now(speed=speed), chance=random.Random(7), interceptor=Interceptor(rules))
    made = fleet.add(
        identity,
        url=central.url,
        password=password,
        hardware=HARDWARE["ac-22"],
        connectors=2,
        quirks=quirks,
        changed_keys=keys,
    )
    await fleet.start(per_second=1000)
    try:
        yield made
    finally:
        await fleet.stop()


async def booted(central: TinyCentral, identity: str = "CP-1") -> None:
    """Wait until a charge point has told all its statuses."""
    await eventually(lambda: central.actions(identity)[:4] == ["BootNotification"] + ["StatusNotification"] * 3)


def _told(central: TinyCentral, status: str) -> list[dict[str, Any]]:
    return [payload for payload in central.payloads("StatusNotification") if payload["status"] == status]


async def test_a_charge_over_the_wire_and_everything_conforms() -> None:
    async with tiny_central() as central, station(central) as cp:
        await booted(central)
        cp.do(partial(front_panel.plug, cp.box, 1, Car()))
        cp.do(lambda now: front_panel.tap(cp.box, "04A1B2C3", now, 1))
        await eventually(lambda: len(central.payloads("MeterValues")) >= 3)
        cp.do(partial(front_panel.unplug, cp.box, 1))
        await eventually(lambda: central.payloads("StopTransaction"))
        assert central.payloads("StopTransaction")[0]["transactionId"] == 1001
        assert central.violations == []


async def test_commands_of_another_ones_making_are_obeyed() -> None:
    async with tiny_central() as central, station(central) as cp:
        await booted(central)
        cp.do(partial(front_panel.plug, cp.box, 2, Car()))
        started = await central.ask("CP-1", call.RemoteStartTransaction(id_tag="REMOTE", connector_id=2))
        assert started.status == "Accepted"
        await eventually(lambda: central.payloads("StartTransaction"))
        assert (await central.ask("CP-1", call.GetConfiguration())).configuration_key
        assert (await central.ask("CP-1", call.RemoteStopTransaction(transaction_id=1001))).status == "Accepted"
        await eventually(lambda: central.payloads("StopTransaction"))
        assert (await central.ask("CP-1", call.TriggerMessage("Heartbeat"))).status == "Accepted"
        await eventually(lambda: central.payloads("Heartbeat"))
        assert (await central.ask("CP-1", call.Reset(type=ResetType.hard))).status == "Accepted"
        await eventually(lambda: central.actions("CP-1").count("BootNotification") == 2)
        assert central.violations == []


async def test_the_identity_is_percent_encoded_and_the_password_sent() -> None:
    async with tiny_central({"CP 1/ø": "pä:ss"}) as central, station(central, "CP 1/ø", password="pä:ss"):
        await booted(central, "CP%201%2F%C3%B8")
        assert central.requests[0].path == "/ocpp/CP%201%2F%C3%B8"


async def test_a_wrong_password_is_tried_again_later_and_not_at_once() -> None:
    async with tiny_central({"CP-1": "right"}) as central, station(central, password="wrong", speed=1):
        await eventually(lambda: central.requests)
        # A lost connection would be tried again within a second.
        assert redial_seconds(1, status=401, chance=0) >= 15
        assert len(central.requests) == 1


@pytest.mark.parametrize(
    ("failures", "status", "seconds"), [(1, None, 1), (3, None, 4), (99, None, 60), (1, 401, 30), (99, 404, 600)]
)
def test_waiting_doubles_up_to_a_limit(failures: int, status: int | None, seconds: float) -> None:
    assert redial_seconds(failures, status=status, chance=1.0) == seconds
    assert redial_seconds(failures, status=status, chance=0.0) == seconds / 2


async def test_a_server_that_comes_later_is_found() -> None:
    async with tiny_central() as gone:
        url = gone.url
    port = int(url.rpartition(":")[2].partition("/")[0])
    async with station(gone) as cp:
        await eventually(lambda: not cp.box.is_linked)
        async with tiny_central(port=port) as central:
            await booted(central)


async def test_after_a_lost_connection_the_charge_point_comes_back_and_tells_what_happened() -> None:
    async with tiny_central() as central, station(central) as cp:
        await booted(central)
        cp.do(partial(front_panel.plug, cp.box, 1, Car()))
        cp.do(lambda now: front_panel.tap(cp.box, "04A1B2C3", now, 1))
        await eventually(lambda: central.payloads("StartTransaction"))
        central.connected["CP-1"].socket.transport.abort()
        await eventually(lambda: not cp.box.is_linked)
        cp.do(partial(front_panel.unplug, cp.box, 1))
        await eventually(lambda: central.payloads("StopTransaction"))
        assert central.actions("CP-1").count("BootNotification") == 2


async def test_pulling_the_network_cable_drops_the_line() -> None:
    async with tiny_central() as central, station(central, speed=20) as cp:
        await booted(central)
        cp.do(lambda now: front_panel.go_offline(cp.box, now, 20))
        await eventually(lambda: "CP-1" not in central.connected)
        await eventually(lambda: "CP-1" in central.connected)


async def test_a_server_that_answers_no_ping_is_left_and_dialled_again() -> None:
    async with tiny_central() as central, station(central, WebSocketPingInterval="1", speed=1):
        await booted(central)
        frozen = central.connected["CP-1"].socket.transport
        frozen.pause_reading()
        await eventually(lambda: central.actions("CP-1").count("BootNotification") == 2)
        frozen.abort()


async def test_pings_are_answered_unless_the_maker_forgot() -> None:
    async with tiny_central() as central, station(central), station(central, "CP-2", quirks=(Quirk.NO_PONG,)):
        for identity in ("CP-1", "CP-2"):
            await booted(central, identity)
        await (await central.connected["CP-1"].socket.ping())
        pong = asyncio.ensure_future(await central.connected["CP-2"].socket.ping())
        await central.ask("CP-2", call.GetLocalListVersion())
        assert not pong.done()


async def test_a_new_password_set_from_afar_is_used_from_then_on() -> None:
    key = "0123456789abcdef0123456789abcdef01234567"
    passwords = {"CP-1": "old"}
    async with tiny_central(passwords) as central, station(central, password="old"):
        await booted(central)
        passwords["CP-1"] = key
        request = call.ChangeConfiguration(key="AuthorizationKey", value=key)
        assert (await central.ask("CP-1", request)).status == "Accepted"
        await eventually(lambda: central.actions("CP-1").count("BootNotification") == 2)


@pytest.mark.parametrize("text", ["", "{", "[]", "[9]", '[2,"1","Unheard",{}]', "[3]", '[3,"nobody",{}]', "null"])
async def test_nonsense_from_the_server_changes_nothing(text: str) -> None:
    async with tiny_central() as central, station(central) as cp:
        await booted(central)
        await central.connected["CP-1"].socket.send(text)
        assert (await central.ask("CP-1", call.GetLocalListVersion())).list_version == 0
        assert cp.box.is_online


async def test_an_unknown_action_is_not_implemented() -> None:
    async with tiny_central() as central, station(central):
        await booted(central)
        await central.connected["CP-1"].socket.send('[2,"77","Dance",{}]')
        await eventually(lambda: any('[4,"77","NotImplemented"' in frame for frame in central.frames))


async def test_a_command_that_breaks_the_schema_is_refused() -> None:
    async with tiny_central() as central, station(central):
        await booted(central)
        await central.connected["CP-1"].socket.send('[2,"77","Reset",{"type":"Gently"}]')
        await eventually(lambda: any('[4,"77",' in frame for frame in central.frames))


async def test_the_interceptor_loses_a_start_and_the_charge_point_says_it_again() -> None:
    lost = Rule(direction=Direction.SENT, action="StartTransaction", nth=1, then=Reject())
    async with tiny_central() as central, station(central, rules=(lost,)) as cp:
        await booted(central)
        cp.do(partial(front_panel.plug, cp.box, 1, Car()))
        cp.do(lambda now: front_panel.tap(cp.box, "04A1B2C3", now, 1))
        [start] = await eventually(lambda: central.payloads("StartTransaction"))
        [charging] = await eventually(lambda: _told(central, "Charging"))
        # It was said again ten seconds later, with the time of the beginning.
        assert start["timestamp"] == charging["timestamp"]
        assert await eventually(lambda: cp.box.find_transaction(1001)) is cp.box.connector(1)


async def test_the_interceptor_answers_in_the_place_of_either_side() -> None:
    rules = (
        Rule(direction=Direction.SENT, action="Authorize", then=Answer({"idTagInfo": {"status": "Blocked"}})),
        Rule(direction=Direction.RECEIVED, action="Reset", kind=None, then=Answer({"status": "Rejected"})),
        Rule(direction=Direction.RECEIVED, action="ClearCache", then=Delay(20)),
        Rule(direction=Direction.SENT, action="Heartbeat", then=Drop()),
    )
    async with tiny_central() as central, station(central, rules=rules) as cp:
        await booted(central)
        cp.do(partial(front_panel.plug, cp.box, 1, Car()))
        cp.do(lambda now: front_panel.tap(cp.box, "04A1B2C3", now, 1))
        assert (await central.ask("CP-1", call.Reset(type=ResetType.soft))).status == "Rejected"
        assert (await central.ask("CP-1", call.ClearCache())).status == "Accepted"
        assert central.payloads("Authorize") == []
        assert cp.box.connector(1).transaction is None


@pytest.mark.parametrize("quirk", [quirk for quirk in Quirk if quirk[0] == "F"])
async def test_odd_fields_leave_the_emulator_well(quirk: Quirk) -> None:
    async with tiny_central() as central, station(central, quirks=(quirk,)) as cp:
        await eventually(lambda: cp.box.is_linked)
        await eventually(lambda: any("BootNotification" in frame for frame in central.frames))


async def test_frames_are_compact_unless_the_maker_likes_them_pretty() -> None:
    async with tiny_central() as central, station(central):
        await booted(central)
        assert all(json.dumps(json.loads(frame), separators=(",", ":")) == frame for frame in central.frames)
    async with tiny_central() as central, station(central, quirks=(Quirk.PRETTY_JSON,)):
        await booted(central)
        assert all("\n" in frame for frame in central.frames)
