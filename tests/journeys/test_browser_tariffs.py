"""Tariffs in a real browser: paint a week by mouse and by keyboard, let a price group go by it, import a file."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.journeys.browser import PHONE, chromium, faults_of_access, is_wider_than_the_screen, tab
from tests.journeys.test_browser_money import stage
from wattline.database.connection import Database

pytestmark = pytest.mark.browser


async def test_from_an_empty_week_to_a_price(database: Database, tmp_path: Path) -> None:
    async with (
        stage(database, tmp_path) as (address, _),
        chromium() as browser,
        tab(browser, address, refused=2) as page,
    ):
        async with database.begin() as tx:
            await tx.execute("insert into country values (45, 'Denmark', 'DK', false) on conflict do nothing")
            await tx.execute(
                """insert into currency (id, identifier, name, decimals) values (40, 'EUR', 'Euro', 2)
                   on conflict do nothing"""
            )
        await make(page, address, "Time of day", "By the week")
        await paint_by_mouse(page)
        await leave_a_hole(page)
        await paint_by_keyboard(page)
        tariff = page.url.partition("/weeks")[0]
        await expect(page.locator("svg.plot.week")).to_have_attribute(
            "aria-label", "Price per kWh over the next seven days, from 0,18 to 0,55 EUR"
        )
        await sell_by_it(page)
        await make(page, address, "From the market", "Imported")
        await bring_a_file(page, tmp_path)
        for path in ("/tariffs", "/tariffs/new", "/taxes", tariff.removeprefix(address), "/tariffs/1/weeks/new"):
            await page.goto(address + path)
            assert await faults_of_access(page) == [], path
            await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            assert not await is_wider_than_the_screen(page), path
            await page.set_viewport_size({"width": 1440, "height": 900})


async def make(page: Page, address: str, name: str, kind: str) -> None:
    """Fill in the form of a tariff."""
    await page.goto(f"{address}/tariffs")
    await page.click("text=New tariff")
    await page.fill("[name=name]", name)
    await page.check(f"label:has-text('{kind}') input, label:has-text('{kind}')")
    await page.select_option("[name=team]", label="Havnelys Energi")
    await page.select_option("[name=country]", label="Denmark")
    await page.fill("[name=zone]", "Europe/Copenhagen")
    await page.click("text=Go on to its prices")


async def paint_by_mouse(page: Page) -> None:
    """Fill the week, then draw over the evenings of weekdays."""
    await page.fill("[data-brush]", "0.30")
    await page.click("text=Whole week")
    await page.fill("[data-brush]", "0.55")
    first, last = page.locator("[name=h-0-16]"), page.locator("[name=h-4-19]")
    await first.scroll_into_view_if_needed()
    begin, end = await first.bounding_box(), await last.bounding_box()
    assert begin
    assert end
    await page.mouse.move(begin["x"] + 5, begin["y"] + 5)
    await page.mouse.down()
    await page.mouse.move(end["x"] + 5, end["y"] + 5, steps=6)
    await page.mouse.up()
    for name, price in (("h-2-18", "0.55"), ("h-4-19", "0.55"), ("h-5-18", "0.30"), ("h-0-20", "0.30")):
        await expect(page.locator(f"[name={name}]")).to_have_value(price)
    await expect(page.locator("[name=h-2-18]")).to_have_attribute("data-shade", "5")


async def leave_a_hole(page: Page) -> None:
    """An hour that was forgotten is told with its weekday, and marked."""
    await page.fill("[name=h-5-6]", "")
    await page.click("text=Add the week")
    await expect(page.locator(".notice")).to_contain_text("has no price on Saturday from 06:00 to 07:00")
    await expect(page.locator("[name=h-5-6]")).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("[name=h-2-18]")).to_have_value("0.55")


async def paint_by_keyboard(page: Page) -> None:
    """Mark four hours of the weekend with Shift and arrows; Enter paints them."""
    await page.fill("[data-brush]", "0.18")
    await page.focus("[name=h-5-6]")
    await page.keyboard.press("Shift+ArrowRight")
    await page.keyboard.press("Shift+ArrowDown")
    await page.keyboard.press("Enter")
    for name in ("h-5-6", "h-6-6", "h-5-7", "h-6-7"):
        await expect(page.locator(f"[name={name}]")).to_have_value("0.18")
    await page.keyboard.press("ArrowUp")
    await expect(page.locator("[name=h-6-6]")).to_be_focused()
    await page.click("text=Add the week")
    await expect(page.locator("#outcome")).to_contain_text("The week counts")


async def sell_by_it(page: Page) -> None:
    """Make a price group of the tariff; the example has the prices of its hours."""
    await page.click("text=Make one")
    await expect(page.locator("[name=tariff]")).to_have_value("1")
    await page.fill("[name=name]", "By the hour")
    await page.select_option("[name=team]", label="Havnelys Energi")
    await page.fill("[name=x_kwh]", "10")
    await expect(page.locator("#example")).to_contain_text("10 kWh × 0,")
    await page.click("text=Make the price group")
    await expect(page.locator("h1")).to_have_text("By the hour")
    await expect(page.locator("main")).to_contain_text("By tariff, per kWh")


async def bring_a_file(page: Page, directory: Path) -> None:
    """A file with a mistake is told by line; the right one counts."""
    file = directory / "prices.csv"
    hours = [f"2026-11-20T{hour:02}:00,0.{hour + 10}" for hour in range(24)]
    for lines, words in (
        ([*hours[:3], "noon,free"], "Line 4 “noon” is not a time"),
        (hours, "24 hours were read, 24 are new"),
    ):
        file.write_text("\n".join(lines))
        await page.set_input_files("[name=file]", file)
        await page.click("button:has-text('Import')")
        await expect(page.locator("main")).to_contain_text(words)
