"""A real Chromium for the journeys through the Portal, and axe-core to check what it shows.

axe.min.js in axe/ is axe-core 4.14.1 by Deque Systems, unchanged, under the Mozilla Public License 2.0 (axe/LICENSE).
It is used by these tests only and is no part of what we ship.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.doors.portal_story import EMAIL, PASSWORD

AXE = Path(__file__).parent / "axe" / "axe.min.js"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESK, PHONE = (1440, 900), (390, 844)
# WCAG 2.2, levels A and AA.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

REFUSED = "the server responded with a status of 400"

# Playwright's own five seconds are short on a machine that does much else besides.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start Debian's Chromium without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def tab(browser: Browser, address: str, *, size: tuple[int, int] = DESK, refused: int = 0) -> AsyncIterator[Page]:
    """Open a tab of somebody who is logged in; a script that fails or a file that is missing fails the test.

    `refused` is how many forms of the story come back with what is wrong in them; browsers note each.
    """
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="light", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    await page.goto(f"{address}/login")
    await page.fill("[name=email]", EMAIL)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.btn-primary")
    await page.wait_for_url(f"{address}/")
    # Most stories are about charge points; the overview has stories of its own.
    await page.goto(f"{address}/charge-points")
    yield page
    await context.close()
    assert [fault for fault in faults if REFUSED not in fault] == []
    assert len(faults) == refused


async def faults_of_access(page: Page) -> list[str]:
    """Let axe-core look at the page in both themes; every violation with the first place it was found at.

    Only contrast depends on the theme, so that alone is looked at again in the dark.
    """
    await page.evaluate(AXE.read_text())
    found = await _violations(page, RULES)
    await page.emulate_media(color_scheme="dark")
    found += [f"dark {each}" for each in await _violations(page, {"type": "rule", "values": ["color-contrast"]})]
    await page.emulate_media(color_scheme="light")
    return found


async def _violations(page: Page, rules: Any) -> list[str]:
    found: dict[str, Any] = await page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
    )
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found["violations"]]


async def is_wider_than_the_screen(page: Page) -> bool:
    """Tell whether the page must be scrolled sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > innerWidth"))
