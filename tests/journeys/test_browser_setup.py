"""From nothing to a charge point that charges: the whole way in a real browser, with a box that really calls."""

import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import Page, expect

from tests.doors.portal_door import Clock, build_portal
from tests.doors.portal_server import served
from tests.doors.portal_story import Network, tell
from tests.journeys.browser import DESK, PHONE, chromium, faults_of_access, is_wider_than_the_screen, tab
from wattline.database import partitions
from wattline.database.bus import PostgresBus
from wattline.database.connection import Database
from wattline.emulator.clock import Clock as BoxClock
from wattline.emulator.control_port import ControlPort
from wattline.emulator.fleet import Fleet
from wattline.emulator.hardware import HARDWARE
from wattline.emulator.interceptor import Interceptor
from wattline.ocpp.gateway import serve_gateway
from wattline.operations.chance import SystemChance
from wattline.operations.reference_data import seed
from wattline.settings import Ocpp

pytestmark = pytest.mark.browser

KEY = "04A1B2C3D4E5F6"


class RealClock(Clock):
    """The time of day: charge points that really call do not wait for a story."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Street:
    """A Portal, a gateway that charge points can call, and an emulator that plays some."""

    address: str
    network: Network
    fleet: Fleet
    ocpp_url: str

    def charge_point_calls(self, identity: str, password: str) -> None:
        """Switch on a charge point that was set up like this."""
        hardware = HARDWARE["ac-22"]
        self.fleet.add(identity, url=self.ocpp_url, password=password, hardware=hardware, connectors=2).start()

    async def it_is_restarted(self, identity: str) -> None:
        """Switch it off and on, so that it calls at once."""
        await self.fleet.stations[identity].stop()
        self.fleet.stations[identity].start()


@asynccontextmanager
async def street(database: Database, directory: Path) -> AsyncIterator[Street]:
    """Start all of it."""
    network = await tell(database, now=datetime.now(UTC), rich=False)
    await seed(database, now=network.now)
    async with database.begin() as tx:
        await partitions.make(tx, now=network.now)
        await tx.execute(
            """insert into charge_key (operator_id, team_id, type, identifier, identifier_key, created_at, updated_at)
               values ($1, $2, 'rfid', $3, $3, $4, $4)""",
            network.operator_id, network.team_id, KEY, network.now,
        )  # fmt: skip
    fleet = Fleet(clock=BoxClock.from_now(), chance=random.Random(1), interceptor=Interceptor())
    async with PostgresBus(database.url) as bus, served(ControlPort(fleet)) as control:  # type: ignore[arg-type]
        portal = build_portal(database, bus, directory, RealClock())
        settings = msgspec.structs.replace(
            portal.state["settings"], ocpp=Ocpp(port=0, settle_seconds=0.05), emulator_control_url=control
        )
        portal.state["settings"] = settings
        gateway = serve_gateway(
            settings, database, bus, clock=RealClock(), chance=SystemChance(), gateway_id=secrets.token_hex(4)
        )
        async with gateway as running, served(portal) as address:
            yield Street(address, network, fleet, f"ws://127.0.0.1:{running.port}/ocpp")
            await fleet.stop()


async def test_a_charge_point_is_added_found_under_another_name_and_charges(database: Database, tmp_path: Path) -> None:
    async with street(database, tmp_path) as here, chromium() as browser, tab(browser, here.address) as page:
        password = await say_where_and_what(page, here)
        await page.click("text=It is entered, listen now")
        await expect(page.locator("#verify-told")).to_contain_text("Waiting for the charge point to call")
        here.charge_point_calls("KOL-OOO7", password)
        await take_over_its_name(page, here)
        await open_it(page)
        await charge_by_hand(page, here)


async def say_where_and_what(page: Page, here: Street) -> str:
    """Take the first steps by keyboard; return the password that is shown."""
    await page.goto(f"{here.address}/charge-points/add")
    await page.fill("[name=name]", "Kolding Syd 7")
    await page.select_option("[name=site]", label="Kolding Syd E45")
    await page.get_by_role("button", name="Save and go on").click()
    await page.fill("[name=q]", "emulator")
    await page.locator("label.model", has_text="Emulator AC").click()
    await page.select_option("[name=connectors]", "2")
    await page.fill("[name=identity]", "KOL-0007")
    await page.keyboard.press("Enter")
    await expect(page.locator("svg.code")).to_be_visible()
    return str(await page.locator("[aria-label='Copy Password']").get_attribute("data-copy"))


async def take_over_its_name(page: Page, here: Street) -> None:
    """It called as KOL-OOO7; its sticker says so. The page moves on by itself until all is well."""
    told = page.locator("#verify-told")
    await expect(told).to_contain_text("It called, with a different identity")
    await expect(told.locator(".diff").first).to_have_text("OOO")
    assert await faults_of_access(page) == []
    await told.get_by_role("button", name="Use KOL-OOO7 here").click()
    await expect(told).to_contain_text("Waiting for the charge point to call")
    await here.it_is_restarted("KOL-OOO7")
    await expect(told).to_contain_text("It is connected, and all is as it should be")
    await expect(page.locator("#verify-seen li.ok")).to_have_count(6)
    assert await faults_of_access(page) == []


async def open_it(page: Page) -> None:
    """Let everybody charge, and make it active."""
    await page.get_by_role("link", name="Go on").click()
    await page.check("#visibility-public")
    await page.get_by_role("button", name="Save and go on").click()
    await page.get_by_role("button", name="Finish").click()
    await expect(page.locator("h1")).to_have_text("Kolding Syd 7")
    await expect(page.locator(".facts")).to_contain_text("KOL-OOO7")


async def charge_by_hand(page: Page, here: Street) -> None:
    """Plug a car in and tap a key on the emulator's page; the charge point's page shows the charge."""
    await page.goto(f"{here.address}/emulator")
    await page.get_by_role("button", name="Plug a car in").first.click()
    await expect(page.locator(".emulated-socket").first).to_contain_text("A car is plugged in")
    await expect(page.locator("[name=id_tag]").first).to_have_value(KEY)
    await page.get_by_role("button", name="Tap").first.click()
    first = page.locator(".emulated-socket").first
    await expect(first).to_contain_text("Charging")
    assert await faults_of_access(page) == []
    await first.get_by_role("button", name="Car pauses").click()
    await expect(first).to_contain_text("The car pauses")
    await page.get_by_role("link", name="Kolding Syd 7").click()
    await expect(page.locator("#point-state")).to_contain_text("Not drawing")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_these_rooms_can_be_used_by_everybody(database: Database, tmp_path: Path, size: tuple[int, int]) -> None:
    async with (
        street(database, tmp_path) as here,
        chromium() as browser,
        tab(browser, here.address, size=size) as page,
    ):
        here.charge_point_calls("KOL-0004", "wrong")
        faults: dict[str, list[str]] = {}

        async def check(name: str) -> None:
            if found := await faults_of_access(page):
                faults[name] = found
            assert not await is_wider_than_the_screen(page), name

        await page.goto(f"{here.address}/charge-points/add")
        await check("place")
        await page.check("#where-new")
        await check("a new site")
        await say_where_and_what(page, here)
        await check("set up")
        steps = page.url.rsplit("/", 1)[0]
        for step in ("place", "model", "verify", "access", "active"):
            await page.goto(f"{steps}/{step}")
            await check(step)
        await page.goto(f"{here.address}/emulator")
        await check("emulator")
        await make_a_key(page, here)
        await check("a key is made")
        await page.click("text=I have copied it")
        await check("a key")
        await page.click("text=Revoke…")
        await check("revoke")
        await page.goto(f"{here.address}/api-and-webhooks")
        await check("keys")
        assert faults == {}


async def make_a_key(page: Page, here: Street) -> None:
    """Fill in the form, with all it has."""
    await page.goto(f"{here.address}/api-and-webhooks/new")
    await page.fill("[name=name]", "Terminal")
    await page.check("#choose")
    await page.select_option("[name=charges]", "write")
    assert await faults_of_access(page) == []
    await page.get_by_role("button", name="Make the key").click()
