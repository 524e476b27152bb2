"""Accounts in a real browser: from nothing to a passkey, with Chromium's own virtual authenticator."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.doors.accounts import code_of, link_to, open_sign_up
from tests.doors.portal_door import Clock, build_portal
from tests.doors.portal_server import served
from tests.doors.portal_story import EMAIL, PASSWORD, tell
from tests.journeys.browser import DESK, PATIENCE_MS, PHONE, chromium, faults_of_access, is_wider_than_the_screen
from wattline.database.bus import PostgresBus
from wattline.database.connection import Database

pytestmark = pytest.mark.browser

NEW = "driver@new.example"
BEFORE_LOG_IN = ("/login", "/sign-up", "/forgot", "/login/company")


class RealClock(Clock):
    """The time of day: passkeys' challenges and codes live by it."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@asynccontextmanager
async def portal_at(database: Database, directory: Path) -> AsyncIterator[str]:
    """Serve a Portal where anybody may sign up."""
    network = await tell(database, now=datetime.now(UTC), rich=False)
    await open_sign_up(database, network.operator_id)
    async with PostgresBus(database.url) as bus, served(build_portal(database, bus, directory, RealClock())) as address:
        yield address


async def with_authenticator(context: BrowserContext) -> Page:
    """Open a tab whose computer has a fingerprint reader on which the right finger always lies."""
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


async def test_sign_up_passkey_codes_and_log_in_without_a_password(database: Database, tmp_path: Path) -> None:
    async with portal_at(database, tmp_path) as address, chromium() as browser:
        context = await browser.new_context(viewport={"width": DESK[0], "height": DESK[1]}, reduced_motion="reduce")
        page = await with_authenticator(context)
        await page.goto(f"{address}/login")
        await page.click("text=Sign up")
        await page.fill("[name=name]", "Demo driver")
        await page.fill("[name=email]", NEW)
        await page.fill("[name=password]", PASSWORD)
        await page.check("[name=terms]")
        await page.click("button:has-text('Sign up')")
        await expect(page.locator("h1")).to_have_text("Look into your mail")
        await page.goto(address + await link_to(database, NEW))
        await page.fill("[name=password]", PASSWORD)
        await page.click("button:has-text('Finish')")
        await page.wait_for_url(re.compile(r"/invitations$"))

        await page.goto(f"{address}/account")
        await page.fill("[name=passkey_name]", "This laptop")
        await page.click("button:has-text('Add a passkey')")
        await expect(page.locator(".notice")).to_contain_text("The passkey is there")
        assert await faults_of_access(page) == []

        await page.click("text=Set up an app")
        secret = await page.inner_text("p.id.long")
        await page.fill("[name=code]", code_of(secret, datetime.now(UTC)))
        await page.click("button:has-text('Turn on')")
        await expect(page.locator("ol.codes li")).to_have_count(10)
        assert await faults_of_access(page) == []

        await context.clear_cookies()
        await page.goto(f"{address}/login?next=/account")
        await page.click("button:has-text('Use a passkey')")
        await page.wait_for_url(f"{address}/account")
        await expect(page.locator("#h-sessions + *")).to_be_visible()
        await expect(page.locator("main")).to_contain_text("Chrome on Linux")

        await page.click("button:has-text('Remove')")
        await expect(page.locator(".notice")).to_contain_text("removed")
        await context.clear_cookies()
        await page.goto(f"{address}/login")
        await page.click("button:has-text('Use a passkey')")
        await expect(page.locator("[role=alert]").first).to_contain_text("was not accepted")
        await context.close()


async def test_pages_of_accounts_can_be_used_by_everybody_on_any_screen(database: Database, tmp_path: Path) -> None:
    async with portal_at(database, tmp_path) as address, chromium() as browser:
        faults: list[str] = []
        for width, height in (DESK, PHONE):
            context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.on("pageerror", lambda error: faults.append(str(error)))
            for path in BEFORE_LOG_IN:
                await page.goto(address + path)
                assert await faults_of_access(page) == [], path
                assert not await is_wider_than_the_screen(page), path
            await page.goto(f"{address}/login")
            await page.fill("[name=email]", EMAIL)
            await page.fill("[name=password]", PASSWORD)
            await page.click("button.btn-primary")
            await page.wait_for_url(f"{address}/")
            for path in ("/account", "/account/codes", "/account/prove", "/settings/log-in"):
                await page.goto(address + path)
                assert await faults_of_access(page) == [], path
                assert not await is_wider_than_the_screen(page), path
            await context.close()
        assert faults == []
