"""People in a real browser: make a team, invite somebody, let them accept and see what a member sees."""

from pathlib import Path

import pytest
from litestar import Litestar
from playwright.async_api import Browser, Page, expect

from tests.doors.portal_door import Clock, build_portal
from tests.doors.portal_people import PASSWORD, account, link_in_last_letter
from tests.doors.portal_server import served
from tests.doors.portal_story import tell
from tests.journeys.browser import PHONE, chromium, faults_of_access, is_wider_than_the_screen, tab
from wattline.database.bus import PostgresBus
from wattline.database.connection import Database

pytestmark = pytest.mark.browser

GUEST = "guest@elsewhere.example"
ROOMS = (
    "/teams",
    "/members",
    "/member-groups",
    "/members/invite",
    "/members/import",
    "/sites",
    "/operators",
    "/invitations",
)


async def test_from_a_new_team_to_its_first_member(database: Database, tmp_path: Path) -> None:
    network = await tell(database, rich=False)
    async with PostgresBus(database.url) as bus:
        portal: Litestar = build_portal(database, bus, tmp_path, Clock())
        async with served(portal) as address, chromium() as browser, tab(browser, address) as page:
            await make_a_team(page, address)
            await invite(page)
            await account(database, GUEST, operator_id=network.operator_id)
            await accept(browser, address, await link_in_last_letter(database, GUEST))
            await page.reload()
            await expect(page.locator(".wl-head")).to_contain_text("Member")
            await every_page_is_for_everybody(page, address)


async def make_a_team(page: Page, address: str) -> None:
    """Fill in the form, with what a team cannot be without."""
    await page.goto(f"{address}/teams")
    await page.click("text=New team")
    await page.fill("[name=name]", "Harbour housing association")
    await page.click("text=Make the team")
    await expect(page.locator("h1")).to_have_text("Harbour housing association")


async def invite(page: Page) -> None:
    """Invite somebody from the team's page, with the team's wallet to charge on."""
    await page.click("a:text-is('Invite')")
    await page.fill("[name=who]", GUEST)
    await page.click("text=Role and what they may do")
    await page.check("[name=pay_with_team_wallet]")
    await page.select_option("[name=wallet_use]", "team")
    await page.click("button:text-is('Invite')")
    await expect(page.locator("h1")).to_have_text(GUEST)
    await expect(page.locator(".wl-head")).to_contain_text("Invited")


async def accept(browser: Browser, address: str, link: str) -> None:
    """Open the letter's link, log in, accept, and find the team's charge points and no money."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{address}{link}")
    assert await faults_of_access(page) == []
    await page.click("text=I have an account")
    await page.fill("[name=email]", GUEST)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.btn-primary")
    await page.click("button:text-is('Accept')")
    await expect(page.locator(".facts")).to_contain_text("None waits")
    await page.goto(f"{address}/")
    await expect(page.locator(".wl-side")).to_contain_text("Harbour housing association")
    await expect(page.locator(".wl-side")).not_to_contain_text("Wallets")
    await context.close()


async def every_page_is_for_everybody(page: Page, address: str) -> None:
    """No page has faults of access, and none must be scrolled sideways on a phone."""
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for path in ROOMS:
        await page.goto(f"{address}{path}")
        assert await faults_of_access(page) == [], path
        assert not await is_wider_than_the_screen(page), path
