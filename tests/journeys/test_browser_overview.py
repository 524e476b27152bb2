"""The overview, alerts and a charge point's health in a real browser, wide and narrow, light and dark."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.doors.portal_story import NOW, Network
from tests.journeys.browser import DESK, PHONE, chromium, faults_of_access, is_wider_than_the_screen, tab
from tests.journeys.test_browser_portal import stage
from wattline.database.connection import Database
from wattline.operations.network_hours import roll_up_hours
from wattline.operations.problems import look_at_states

pytestmark = pytest.mark.browser


async def test_a_morning_begins_with_the_overview(database: Database, tmp_path: Path) -> None:
    async with stage(database, tmp_path) as (address, network, _), chromium() as browser:
        await look_at_states(database, now=NOW)
        while await roll_up_hours(database, now=NOW):
            pass
        for size in (DESK, PHONE):
            async with tab(browser, address, size=size) as page:
                await page.goto(address)
                await expect(page.locator(".need").first).to_contain_text("lost contact together")
                await fits(page)
                await page.goto(f"{address}/charge-points/{network.boxes['KOL-0003']}/health")
                await expect(page.locator("#h-uptime")).to_be_visible()
                await fits(page)
        async with tab(browser, address) as page:
            await go_to_what_is_wrong(page, network)
            await make_a_group(page, address)


async def fits(page: Page) -> None:
    """Everybody can read it, and nobody must scroll sideways."""
    assert await faults_of_access(page) == []
    assert not await is_wider_than_the_screen(page)


async def go_to_what_is_wrong(page: Page, network: Network) -> None:
    """The next step of the first thing leads to the charge points it is about."""
    await page.click("nav >> text=Overview")
    await page.click(".need .btn >> nth=0")
    await expect(page.locator("tbody")).to_contain_text("Odense Havn")


async def make_a_group(page: Page, address: str) -> None:
    """Have somebody told, by the keyboard."""
    await page.goto(f"{address}/alerts/new")
    await page.fill("[name=name]", "On call")
    await page.fill("[name=emails]", "oncall@x.example")
    await fits(page)
    await page.press("[name=emails]", "Enter")
    await page.goto(f"{address}/alerts")
    await expect(page.locator("tbody")).to_contain_text("On call")
    await fits(page)
