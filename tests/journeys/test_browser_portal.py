"""Journeys through the Portal in a real browser: by mouse and by keyboard, wide and narrow, light and dark."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.doors.portal_door import Clock, answering, build_portal
from tests.doors.portal_server import served
from tests.doors.portal_story import NOW, Network, tell
from tests.journeys.browser import DESK, PHONE, chromium, faults_of_access, is_wider_than_the_screen, tab
from wattline.database import outbox
from wattline.database.bus import PostgresBus
from wattline.database.connection import Database
from wattline.domain.facts import ConnectorChanged

pytestmark = pytest.mark.browser


@asynccontextmanager
async def stage(database: Database, directory: Path) -> AsyncIterator[tuple[str, Network, Clock]]:
    """The whole story, and the Portal on a port."""
    network, clock = await tell(database), Clock()
    async with PostgresBus(database.url) as bus, served(build_portal(database, bus, directory, clock)) as address:
        yield address, network, clock


async def test_a_day_at_the_desk(database: Database, tmp_path: Path) -> None:
    async with (
        stage(database, tmp_path) as (address, network, clock),
        chromium() as browser,
        tab(browser, address) as page,
    ):
        await find_trouble(page)
        await see_a_row_change(page, database, network, clock)
        await ask_several_at_once(page)
        await reboot_by_mouse(page, database, network)
        await change_ones_mind(page)
        await force_stop_by_keyboard(page, network)
        await read_the_log(page, network)
        await page.click("[data-menu=me]")
        await page.click("text=Log out")
        await expect(page).to_have_url(f"{address}/login")


async def find_trouble(page: Page) -> None:
    """Filter for what is broken, and go back."""
    await page.click("a.filter:has-text('Error')")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await expect(page.locator("tbody")).to_contain_text("isolation fault")
    await page.click("a.filter:has-text('All')")


async def see_a_row_change(page: Page, database: Database, network: Network, clock: Clock) -> None:
    """A row changes under one's eyes, in its place."""
    row = page.locator(f"#row-{network.boxes['AAR-0001']}")
    await expect(row).to_contain_text("Available")
    await expect(page.locator("#live")).to_contain_text("Live")
    connector_id = network.connectors["AAR-0001", 1]
    # The list looks whether it would be sorted otherwise only now and then.
    clock.after(seconds=11)
    async with database.begin() as tx:
        await tx.execute(
            "update connector_live set state = 'error', error_code = 'HighTemperature' where connector_id = $1",
            connector_id,
        )
        fact = ConnectorChanged(entity_id=connector_id, operator_ids=(network.operator_id,), team_ids=())
        await outbox.add(tx, [fact], now=NOW)
    await expect(row).to_contain_text("Error · too hot")
    await expect(page.locator("#moved")).to_contain_text("1 row moved")
    await expect(page.locator("#count-charge-points")).to_have_text("6")


async def reboot_by_mouse(page: Page, database: Database, network: Network) -> None:
    """Open Remote actions, read what happens, and do it."""
    await page.click("text=Kolding Syd 4")
    await expect(page.locator("canvas")).to_be_visible()
    await page.click("text=Remote actions")
    await expect(page.get_by_role("menuitem", name="Start charge")).to_contain_text("needs a car first")
    await page.click("[role=menuitem]:has-text('Reboot')")
    dialog = page.get_by_role("dialog", name=re.compile("Reboot charge point Kolding Syd 4"))
    await expect(dialog).to_contain_text("1 charge ends")
    async with answering(database, network.boxes["KOL-0004"], "accepted", {"status": "Accepted"}) as heard:
        await dialog.get_by_role("button", name="Reboot now").click()
        await expect(page.locator("#outcome")).to_contain_text("Reboot charge point: the charge point said yes")
    assert [each.action for each in heard] == ["Reset"]


async def force_stop_by_keyboard(page: Page, network: Network) -> None:
    """Ctrl-K, a few letters, Enter; a reason, Enter."""
    await page.keyboard.press("Control+k")
    await page.keyboard.type("force")
    await expect(page.locator("#palette-found [role=option]")).to_have_count(1)
    await expect(page.locator("#palette-found")).to_contain_text("Force stop charging at Kolding Syd 4")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("KOL-0006")
    await expect(page.locator("#palette-found")).to_contain_text("Force stop charging at Kolding Syd 6")
    for _ in range(7):
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=re.compile("Force stop charging at Kolding Syd 6"))
    await expect(dialog).to_contain_text("takes its payment away")
    await expect(dialog.locator("[name=reason]")).to_be_focused()
    await page.keyboard.type("Fire alarm")
    await page.keyboard.press("Enter")
    await expect(page.locator("#outcome")).to_contain_text("Force stopped, nobody pays")
    await page.keyboard.press("Escape")


async def change_ones_mind(page: Page) -> None:
    """Closed without a deed, a dialog gives the focus back to the menu it was opened from."""
    await page.focus("[data-menu=actions]")
    await page.keyboard.press("Enter")
    await page.click("[role=menuitem]:has-text('Reboot charge point')")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("[data-menu=actions]")).to_be_focused()


async def ask_several_at_once(page: Page) -> None:
    """Pick two rows that are out of contact: each says so in a row of its own."""
    await page.click("a.filter:has-text('Disconnected')")
    for row in range(2):
        await page.locator("#boxes [name=box]").nth(row).check()
    await page.click("#bulk >> text=Run a check")
    await expect(page.locator("#picked-done")).to_have_text("2 of 2 done")
    await expect(page.locator(".picked-rows dd").first).to_contain_text("The charge point is disconnected.")
    await page.click("[data-empties]")
    await expect(page.locator("#bulk-outcome")).to_be_empty()
    await page.click("a.filter:has-text('All')")


async def read_the_log(page: Page, network: Network) -> None:
    """Connection, View logs: what matters, then every message."""
    await page.goto(re.sub(r"/charge-points/.*", f"/charge-points/{network.boxes['KOL-0004']}", page.url))
    await page.click("text=View logs")
    await page.select_option("[name=kind]", "SuspendedEV")
    await expect(page.locator(".log li")).to_have_count(1)
    await page.click("text=Every message")
    await expect(page.locator(".frames li")).to_have_count(9)


async def test_menus_and_dialogs_give_the_focus_back(database: Database, tmp_path: Path) -> None:
    async with stage(database, tmp_path) as (address, network, _), chromium() as browser, tab(browser, address) as page:
        await page.goto(f"{address}/charge-points/{network.boxes['KOL-0004']}")
        button = page.locator("[data-menu=actions]")
        await button.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("menuitem", name="Run a check")).to_be_focused()
        await page.keyboard.press("ArrowUp")
        await expect(page.get_by_role("menuitem", name="More actions")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(button).to_be_focused()
        await page.keyboard.press("Control+k")
        await expect(page.locator("#palette-q")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator("#palette")).to_be_hidden()


async def test_the_theme_follows_the_system_until_one_is_picked(database: Database, tmp_path: Path) -> None:
    async with stage(database, tmp_path) as (address, _, _), chromium() as browser, tab(browser, address) as page:
        root = page.locator("html")
        await expect(root).to_have_attribute("data-bs-theme", "light")
        await page.emulate_media(color_scheme="dark")
        await expect(root).to_have_attribute("data-bs-theme", "dark")
        await page.click("[data-menu=me]")
        await page.click("[data-theme-pick=light]")
        await page.reload()
        await expect(root).to_have_attribute("data-bs-theme", "light")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_every_page_can_be_used_by_everybody(database: Database, tmp_path: Path, size: tuple[int, int]) -> None:
    async with (
        stage(database, tmp_path) as (address, network, _),
        chromium() as browser,
        tab(browser, address, size=size) as page,
    ):
        faults = {}
        for path in pages_of(network):
            await page.goto(address + path)
            if found := await faults_of_access(page):
                faults[path] = found
            assert not await is_wider_than_the_screen(page), path
        await page.goto(f"{address}/charge-points/{network.boxes['KOL-0002']}")
        for state in (open_menu, open_dialog, open_palette):
            await state(page)
            if found := await faults_of_access(page):
                faults[state.__name__] = found
        assert faults == {}


def pages_of(network: Network) -> list[str]:
    """Every page of these rooms, in different states."""
    running, away = (f"/charge-points/{network.boxes[identity]}" for identity in ("KOL-0004", "ODE-0001"))
    charges = [f"/charges/{network.charges[name]}" for name in ("cut short", "failed", "KOL-0004/1", "KBH-0004/1")]
    tabs = [f"{running}/{tab}" for tab in ("charges", "connection", "connection?view=all", "actions", "details")]
    lists = [
        "/charge-points",
        "/charge-points?state=error",
        "/charge-points?q=nothing",
        "/charges",
        "/charges?q=nothing",
    ]
    return [*lists, running, away, *tabs, *charges]


async def open_menu(page: Page) -> None:
    """Remote actions."""
    await page.click("[data-menu=actions]")


async def open_dialog(page: Page) -> None:
    """Force stop of two charges."""
    await page.click("[role=menuitem]:has-text('Force stop')")


async def open_palette(page: Page) -> None:
    """With something found."""
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("kold")
    await expect(page.locator("#palette-found [role=option]").first).to_be_visible()


async def test_the_log_in_can_be_used_by_everybody(database: Database, tmp_path: Path) -> None:
    async with stage(database, tmp_path) as (address, _, _), chromium() as browser:
        page = await browser.new_page()
        await page.goto(f"{address}/login")
        assert await faults_of_access(page) == []
        await page.fill("[name=email]", "nobody@havnelys.example")
        await page.fill("[name=password]", "a wrong one")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("E-mail or password is wrong.")
        assert await faults_of_access(page) == []
