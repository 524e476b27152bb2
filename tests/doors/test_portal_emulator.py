"""The emulator's page: what is played, by hand, through its real control port; never somebody else's."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from litestar import Litestar

from tests.doors.portal_adding import SOMEBODY, elsewhere
from tests.doors.portal_door import Visitor
from tests.doors.portal_server import served
from tests.doors.portal_story import Network
from tests.doors.test_portal_live import listening
from wattline.database.connection import Database
from wattline.emulator.clock import Clock
from wattline.emulator.control_port import ControlPort
from wattline.emulator.fleet import Fleet
from wattline.emulator.hardware import HARDWARE
from wattline.emulator.interceptor import Interceptor


@pytest.fixture
def fleet() -> Fleet:
    """Three charge points: two of our operator's, and one of another's. Nobody has switched them on."""
    made = Fleet(clock=Clock.from_now(), chance=random.Random(1), interceptor=Interceptor())
    for identity in ("KOL-0004", "AAR-0001", "XKOL-0001"):
        made.add(identity, url="ws://127.0.0.1:9/ocpp", password=None, hardware=HARDWARE["ac-22"], connectors=2)
    return made


@asynccontextmanager
async def emulator(portal: Litestar, fleet: Fleet) -> AsyncIterator[None]:
    """Open the control port and tell the Portal where it is."""
    async with served(ControlPort(fleet)) as address:  # type: ignore[arg-type]  # served takes any ASGI app
        know(portal, address)
        yield


def know(portal: Litestar, address: str | None) -> None:
    """Tell the Portal where the control port is."""
    settings = portal.state["settings"]
    portal.state["settings"] = msgspec.structs.replace(settings, emulator_control_url=address)


async def test_without_an_emulator_it_says_how_to_start_one(portal: Litestar, visitor: Visitor) -> None:
    page = await visitor.get("/emulator")
    assert "No emulator is running" in page.text
    assert "WATTLINE_EMULATOR_CONTROL_URL" in page.text
    assert "wattline emulator run --url ws://wattline.test:8410/ocpp" in page.text
    know(portal, "http://127.0.0.1:9")
    assert "Nothing answers at http://127.0.0.1:9" in (await visitor.get("/emulator")).text


async def test_an_address_on_another_machine_is_never_called(portal: Litestar, visitor: Visitor) -> None:
    know(portal, "http://10.0.0.1:8420")
    assert "No emulator is running" in (await visitor.get("/emulator")).text


async def test_only_charge_points_of_ones_own_are_shown_and_driven(
    portal: Litestar, visitor: Visitor, fleet: Fleet, network: Network, database: Database
) -> None:
    theirs = await elsewhere(database, "XKOL-0001")
    async with emulator(portal, fleet):
        page = await visitor.get("/emulator")
        assert "Kolding Syd 4" in page.text
        assert "Bassin 7 1" in page.text
        assert "2 running" in page.text
        assert "XKOL-0001" not in page.source
        await visitor.do(f"/emulator/{theirs.boxes['XKOL-0001']}/plug", {"connector": 1}, 404)
        visitor.http.cookies.clear()
        await visitor.log_in(SOMEBODY)
        assert "XKOL-0001" in (await visitor.get("/emulator")).text
    assert fleet.stations["XKOL-0001"].box.connectors[0].car is None


async def test_a_car_is_plugged_in_and_out_and_the_answer_shows_it(
    portal: Litestar, visitor: Visitor, fleet: Fleet, network: Network
) -> None:
    box = network.boxes["KOL-0004"]
    async with emulator(portal, fleet):
        await visitor.get("/emulator")
        answer = await visitor.do(f"/emulator/{box}/plug", {"connector": 2})
        assert "A car is plugged in" in answer.text
        assert "Unplug" in answer.text
        assert fleet.stations["KOL-0004"].box.connectors[1].car is not None
        answer = await visitor.do(f"/emulator/{box}/plug", {"connector": 2})
        assert "The emulator says: a car is plugged into connector 2 already." in answer.text
        assert "A car is plugged in" not in (await visitor.do(f"/emulator/{box}/unplug", {"connector": 2})).text


async def test_things_break_and_are_mended(portal: Litestar, visitor: Visitor, fleet: Fleet, network: Network) -> None:
    box = network.boxes["KOL-0004"]
    async with emulator(portal, fleet):
        await visitor.get("/emulator")
        answer = await visitor.do(f"/emulator/{box}/fault", {"connector": 1, "error_code": "HighTemperature"})
        assert "Broken · Too hot" in answer.text
        assert "Mend it" in answer.text
        assert "Mend it" not in (await visitor.do(f"/emulator/{box}/clear-fault", {"connector": 1})).text


async def test_network_power_and_restart_are_of_the_whole_charge_point(
    portal: Litestar, visitor: Visitor, fleet: Fleet, network: Network
) -> None:
    box = network.boxes["KOL-0004"]
    async with emulator(portal, fleet):
        await visitor.get("/emulator")
        cut_off = []
        for verb in ("offline", "online"):
            await visitor.do(f"/emulator/{box}/{verb}")
            cut_off.append(fleet.stations["KOL-0004"].box.is_cut_off)
        assert cut_off == [True, False]
        assert "No power" in (await visitor.do(f"/emulator/{box}/power-loss")).text
        await visitor.do(f"/emulator/{box}/explode", status=404)


async def test_a_long_fleet_is_searched(portal: Litestar, visitor: Visitor, fleet: Fleet, network: Network) -> None:
    for identity in network.boxes:
        if identity not in fleet.stations:
            fleet.add(identity, url="ws://127.0.0.1:9", password=None, hardware=HARDWARE["ac-22"], connectors=1)
    async with emulator(portal, fleet):
        page = await visitor.get("/emulator")
        assert "The first 25 of 40. Search for the others." in page.text
        page = await visitor.get("/emulator?q=hafencity p2 5")
        assert page.text.count("Pull its network cable") + page.text.count("Plug its network cable in") == 1
        assert "Nothing matches" in (await visitor.get("/emulator?q=toaster")).text


async def test_the_page_follows_and_says_when_the_emulator_is_gone(
    portal: Litestar, visitor: Visitor, fleet: Fleet, network: Network
) -> None:
    box = network.boxes["KOL-0004"]
    async with emulator(portal, fleet):
        await visitor.get("/emulator")
        async with listening(portal, visitor, "/live/emulator?q=") as stream:
            assert f'hx-target="#lamp-{box}-1"' in await stream.message()
    await visitor.get("/emulator")
    know(portal, "http://127.0.0.1:9")
    assert "does not answer" in (await visitor.do(f"/emulator/{box}/plug", {"connector": 1})).text
