"""Wallets in a real browser: a passcode, a refill, a withdrawal, the lock, and files with receipts."""

from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.async_api import Page, expect

from tests.doors.portal_market import PortalMarket
from tests.journeys.browser import PHONE, chromium, faults_of_access, is_wider_than_the_screen, tab
from tests.journeys.test_browser_money import stage
from wattline.database.connection import Database
from wattline.documents.bundles import Bindery
from wattline.documents.press import Press
from wattline.operations import reference_data
from wattline.operations.refill_outcomes import follow_refills
from wattline.payments.cashier import Cashier
from wattline.payments.sandbox import Sandbox

pytestmark = pytest.mark.browser
CODE = "4711"


async def test_from_a_passcode_to_a_file_of_receipts(database: Database, tmp_path: Path) -> None:
    async with (
        stage(database, tmp_path) as (address, market),
        chromium() as browser,
        tab(browser, address, refused=6) as page,
    ):
        await reference_data.seed(database, now=market.clock.now)
        await market.sell(energy_wh=20_000)
        await set_a_passcode(page, address)
        await fill(page, market, database)
        await take_out(page)
        await order_receipts(page, market, database, tmp_path)
        await every_page_is_for_everybody(page, address, market)
        await lock(page, address, market)
        assert await market.market.books_are_right()


async def set_a_passcode(page: Page, address: str) -> None:
    """The wallet asks for one first, and leads back."""
    await page.goto(f"{address}/wallets")
    await page.click("a.name:has-text('Delivery team')")
    await page.click("a.btn:has-text('Refill')")
    await page.click("text=Set your passcode")
    for name in ("first", "second"):
        await page.fill(f"[name={name}]", CODE)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Wallet of Delivery team")


async def fill(page: Page, market: PortalMarket, database: Database) -> None:
    """The page follows by itself while the worker asks the card."""
    await page.click("a.btn:has-text('Refill')")
    await page.fill("[name=amount]", "25")
    await page.fill("[name=passcode]", CODE)
    await page.click("button:has-text('Refill')")
    await expect(page.locator("#refill")).to_contain_text("Waiting for the card")
    cashier = Cashier(database, {"sandbox": Sandbox(database, clock=market.clock)}, clock=market.clock)
    for _ in range(3):
        await cashier.step()
        await follow_refills(database, now=market.clock.now)
    await expect(page.locator("#refill")).to_contain_text("The money is in the wallet")
    await page.click("text=To the wallet")
    await expect(page.locator("main")).to_contain_text("115,00")


async def take_out(page: Page) -> None:
    """Add a bank account on the way."""
    await page.click("a.btn:has-text('Withdraw')")
    await page.click("text=Add a bank account")
    await page.fill("[name=iban]", "DK50 0040 0440 1162 44")
    await page.fill(
        "[name=holder]", "Delivery team with a name that is longer than any bank would print on a statement"
    )
    await page.fill("[name=passcode]", CODE)
    await page.click("button:has-text('Save')")
    await expect(page.locator("#wrong-iban")).to_contain_text("check digits")
    await page.fill("[name=iban]", "DK50 0040 0440 1162 43")
    await page.fill("[name=passcode]", CODE)
    await page.click("button:has-text('Save')")
    await page.fill("[name=amount]", "30")
    await page.fill("form[action$='/withdraw'] [name=passcode]", CODE)
    await page.click("button:has-text('Withdraw')")
    await expect(page.locator("table")).to_contain_text("With the bank")
    await page.click("text=It was paid")
    await expect(page.locator("table")).to_contain_text("Paid")


async def order_receipts(page: Page, market: PortalMarket, database: Database, folder: Path) -> None:
    """The list counts while the worker makes them."""
    await page.click("a.btn:has-text('Back')")
    await page.click("a.btn:has-text('Files')")
    async with page.expect_download() as waiting:
        await page.click("button:has-text('XLSX')")
    await (await waiting.value).save_as(folder / "wallet.xlsx")
    assert "xl/worksheets/sheet1.xml" in ZipFile(folder / "wallet.xlsx").namelist()
    await page.click("button:has-text('Order the receipts')")
    await expect(page.locator("#orders")).to_contain_text("Being made")
    bindery = Bindery(database=database, press=Press(), pepper=b"pepper of the tests", web_url="http://wattline.test")
    while await bindery.step(now=market.clock.now):
        pass
    await expect(page.locator("#orders")).to_contain_text("Ready")
    async with page.expect_download() as waiting:
        await page.click("#orders a:has-text('Fetch')")
    file = await waiting.value
    await file.save_as(folder / "receipts.zip")
    assert len(ZipFile(folder / "receipts.zip").namelist()) == 1


async def every_page_is_for_everybody(page: Page, address: str, market: PortalMarket) -> None:
    """No page of a wallet has a fault that axe finds, or is wider than a phone."""
    wallet, movement = await wallet_and_movement(market)
    rooms = ("", "/refill", "/automatic-refill", "/withdraw", "/bank-account", "/files", "/adjust")
    paths = [f"/wallets/{wallet}{room}" for room in rooms]
    for path in [*paths, f"/wallets/{wallet}/transactions/{movement}", "/wallets", "/passcode"]:
        await page.goto(address + path)
        assert await faults_of_access(page) == [], path
        await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        assert not await is_wider_than_the_screen(page), path
        await page.set_viewport_size({"width": 1440, "height": 900})


async def wallet_and_movement(market: PortalMarket) -> tuple[int, int]:
    rows = await market.rows(
        """select w.id as wallet, t.id as movement from wallet w join wallet_transaction t on t.from_wallet_id = w.id
           where w.owner_type = 'team' and w.owner_id = $1 and t.kind = 'charge'""",
        market.buyer_team_id,
    )
    return rows[0]["wallet"], rows[0]["movement"]


async def lock(page: Page, address: str, market: PortalMarket) -> None:
    """Five wrong passcodes, and the form is gone until it is open again."""
    wallet, _ = await wallet_and_movement(market)
    await page.goto(f"{address}/wallets/{wallet}/refill")
    for _ in range(5):
        await page.fill("[name=amount]", "25")
        await page.fill("[name=passcode]", "0000")
        async with page.expect_navigation():
            await page.click("button:has-text('Refill')")
    await expect(page.locator(".notice")).to_contain_text("locked until")
    market.later(minutes=16)
    await page.goto(f"{address}/wallets/{wallet}/refill")
    await expect(page.locator("[name=passcode]")).to_be_visible()
