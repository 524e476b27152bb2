"""Money in a real browser: set a price, put it up, let somebody charge and pay, and give a part back."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.doors.portal_door import Clock, build_portal
from tests.doors.portal_market import BOX, PortalMarket, open_portal_market
from tests.doors.portal_server import served
from tests.doors.portal_story import tell
from tests.journeys.browser import PHONE, chromium, faults_of_access, is_wider_than_the_screen, tab
from wattline.database.bus import PostgresBus
from wattline.database.connection import Database

pytestmark = pytest.mark.browser


@asynccontextmanager
async def stage(database: Database, directory: Path) -> AsyncIterator[tuple[str, PortalMarket]]:
    """The network, its market, and the Portal on a port."""
    network, clock = await tell(database, rich=False), Clock()
    market = await open_portal_market(database, network, clock)
    async with PostgresBus(database.url) as bus, served(build_portal(database, bus, directory, clock)) as address:
        yield address, market


async def test_from_a_price_to_a_refund(database: Database, tmp_path: Path) -> None:
    async with (
        stage(database, tmp_path) as (address, market),
        chromium() as browser,
        tab(browser, address) as page,
    ):
        await make_a_price(page, address)
        await put_it_up(page)
        charge = await market.sell(energy_wh=20_000)
        await page.goto(f"{address}/charges/{charge.id}")
        await expect(page.locator("#charge-price")).to_contain_text("20 kWh × 0,60")
        await expect(page.locator("#charge-price")).to_contain_text("The driver paid12,00")
        await give_a_quarter_back(page, address)
        assert await market.market.books_are_right()
        await every_page_is_for_everybody(page, address, market, charge.id)


async def make_a_price(page: Page, address: str) -> None:
    """Fill in the form; the example follows every key."""
    await page.goto(f"{address}/prices")
    await page.click("text=New price group")
    await page.fill("[name=name]", "Evening price")
    await page.select_option("[name=team]", label="Havnelys Energi")
    await page.fill("[name=price]", "0.60")
    await expect(page.locator("#example")).to_contain_text("40 kWh × 0,60")
    await page.fill("[name=x_kwh]", "10")
    await expect(page.locator("#example")).to_contain_text("6,00")
    await page.fill("[name=price]", "-1")
    await expect(page.locator("#example")).to_contain_text("Price must be from 0")
    await page.fill("[name=price]", "0.60")
    await page.click("text=Make the price group")
    await expect(page.locator("h1")).to_have_text("Evening price")


async def put_it_up(page: Page) -> None:
    """Let it count at the two connectors of one charge point."""
    await page.click("text=Put it up at more charge points")
    for number in (1, 2):
        await page.check(f"label:has-text('Kolding Syd 5 · {number}') input")
    await page.click("[action$='/apply'] button:visible")
    await expect(page.locator("#outcome")).to_contain_text("It counts at 2 more places")


async def give_a_quarter_back(page: Page, address: str) -> None:
    """Refund in three steps, by keyboard."""
    await page.goto(f"{address}/wallets")
    await page.click("a.name:has-text('Havnelys Energi')")
    await page.focus("text=Refund…")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Refund Delivery team")
    await expect(dialog.locator("[name=percent]")).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("25")
    await page.keyboard.press("Tab")
    await page.keyboard.type("The cable was too short")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("button", name=re.compile("Give 3,00"))).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#outcome")).to_contain_text("the money is back with Delivery team")
    await page.click("text=Show it in the list")
    await expect(page.locator("tbody:has(.group)")).to_contain_text("The cable was too short")


async def every_page_is_for_everybody(page: Page, address: str, market: PortalMarket, charge_id: int) -> None:
    """No page of money has a fault that axe finds, or is wider than a phone."""
    rows = await market.rows("select id from wallet order by id")
    paths = [
        "/prices", "/prices/new", f"/prices/{market.price_group_id}", f"/prices/{market.price_group_id}/edit",
        "/wallets", f"/wallets/{rows[0]['id']}", "/mailbox", f"/charges/{charge_id}",
        f"/charge-points/{market.network.boxes[BOX]}/details",
    ]  # fmt: skip
    for path in paths:
        await page.goto(address + path)
        assert await faults_of_access(page) == [], path
        await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        assert not await is_wider_than_the_screen(page), path
        await page.set_viewport_size({"width": 1440, "height": 900})
