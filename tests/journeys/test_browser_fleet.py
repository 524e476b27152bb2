"""A network at work in a real browser: filters saved, columns chosen, many asked at once, a file applied."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.doors.portal_door import Clock
from tests.doors.test_portal_fleet import work
from tests.journeys.browser import DESK, PHONE, chromium, faults_of_access, is_wider_than_the_screen, tab
from tests.journeys.test_browser_portal import stage
from wattline.database.connection import Database

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [DESK, PHONE])
async def test_a_network_is_worked_on_from_the_list(database: Database, tmp_path: Path, size: tuple[int, int]) -> None:
    async with (
        stage(database, tmp_path) as (address, _, clock),
        chromium() as browser,
        tab(browser, address, size=size) as page,
    ):
        await page.goto(f"{address}/charge-points?q=Kolding")
        await save_the_filter(page)
        await choose_columns(page)
        await ask_all_that_match(page, database, clock)
        await apply_a_file(page, address, database, clock)


async def must_be_fine(page: Page) -> None:
    """Nothing sticks out at the side, and axe finds nothing, light and dark."""
    assert not await is_wider_than_the_screen(page)
    assert await faults_of_access(page) == []


async def save_the_filter(page: Page) -> None:
    """Keep what is shown under a name, with the keyboard alone."""
    await page.focus("[data-menu=list]")
    await page.keyboard.press("Enter")
    await must_be_fine(page)
    await page.keyboard.press("Enter")
    await expect(page.locator("#save-filter [name=name]")).to_be_focused()
    await page.keyboard.type("Along the motorway")
    await must_be_fine(page)
    await page.keyboard.press("Enter")
    await expect(page.locator("nav[aria-label='Saved filters'] [aria-current]")).to_have_text("Along the motorway")


async def choose_columns(page: Page) -> None:
    """Put a column in, and find it in the head of the table."""
    await page.click("[data-menu=list]")
    await page.click("[role=menuitem]:has-text('Columns…')")
    await page.check("#columns [value=firmware]")
    await must_be_fine(page)
    await page.click("#columns >> text=Show these")
    await expect(page.locator("th", has_text="Firmware")).to_have_count(1)


async def ask_all_that_match(page: Page, database: Database, clock: Clock) -> None:
    """Pick one, ask all that are shown, and see each answer arrive, also after looking away."""
    await page.locator("#boxes [name=box]").first.focus()
    await page.keyboard.press("Space")
    await must_be_fine(page)
    await page.locator("#boxes [name=box]").nth(1).check()
    await page.click("#bulk >> text=Reboot…")
    await expect(page.locator("h1")).to_have_text("Reboot")
    await must_be_fine(page)
    await page.click("text=Reboot, 2")
    await page.wait_for_url(re.compile(r"/charge-points/bulk/\d+$"))
    await expect(page.locator("#order-now")).to_contain_text("0 of 2 done")
    await work(database, clock)
    await expect(page.locator("#order-now")).to_contain_text("2 of 2 done, 0 worked, 2 did not")
    await page.reload()
    await expect(page.locator("#order-rows tbody tr").first).to_contain_text("no contact")
    await must_be_fine(page)


async def apply_a_file(page: Page, address: str, database: Database, clock: Clock) -> None:
    """Send a file, read what it would do, apply it, and fetch the passwords."""
    await page.goto(f"{address}/charge-points/import")
    await must_be_fine(page)
    content = b"name,identity,max_kw\nBay 9,NEW-0001,22\n=cmd,NEW-0002,22\n"
    await page.set_input_files("[name=file]", {"name": "bays.csv", "mimeType": "text/csv", "buffer": content})
    await page.click("text=Say what it would do")
    await expect(page.locator("#order-now")).to_contain_text("1 new, 0 changed")
    await must_be_fine(page)
    await page.click("text=Apply to 1")
    await expect(page.locator("#order-now")).to_contain_text("It goes on when you close this page")
    await work(database, clock)
    await expect(page.locator("#order-now")).to_contain_text("2 of 2 done, 1 worked, 1 did not")
    async with page.expect_download() as told:
        await page.click("text=Fetch 1 password")
    assert (await told.value).suggested_filename.startswith("passwords-")
    await page.goto(f"{address}/charge-points/bulk")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await must_be_fine(page)
