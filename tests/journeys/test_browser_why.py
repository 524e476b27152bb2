"""In a real browser: why a charge went as it did, a question to support, and the operator's settings."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.journeys.browser import DESK, PHONE, chromium, faults_of_access, is_wider_than_the_screen, tab
from tests.journeys.test_browser_portal import stage
from wattline.database.connection import Database

pytestmark = pytest.mark.browser


async def test_from_a_charge_that_stopped_to_a_question_that_has_its_context(
    database: Database, tmp_path: Path
) -> None:
    async with (
        stage(database, tmp_path) as (address, network, _),
        chromium() as browser,
        tab(browser, address) as page,
    ):
        await page.goto(f"{address}/charges/{network.charges['cut short']}")
        await page.click("text=All that was found")
        await expect(page.locator("h2").first).to_contain_text("The car stopped taking energy at 78 %")
        await page.click("text=Contact support")
        await page.fill("textarea[name=text]", "The driver wanted 90 %.")
        await page.click("button:has-text('Send')")
        await expect(page.locator("main")).to_contain_text("StatusNotification SuspendedEV")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_the_pages_are_accessible_and_fit(database: Database, tmp_path: Path, size: tuple[int, int]) -> None:
    async with (
        stage(database, tmp_path) as (address, network, _),
        chromium() as browser,
        tab(browser, address, size=size) as page,
    ):
        for path in (
            f"/charges/{network.charges['cut short']}/why", f"/charges/{network.charges['failed']}/why",
            f"/charge-points/{network.boxes['ODE-0001']}/why", "/support", "/support/new",
            f"/operators/{network.operator_id}/settings",
        ):  # fmt: skip
            await page.goto(f"{address}{path}")
            assert await faults_of_access(page) == [], path
            assert not await is_wider_than_the_screen(page), path
