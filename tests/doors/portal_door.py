"""A visitor of the Portal: an HTTP client with cookies that reads pages and fills in forms as a person would."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar
from litestar.datastructures import State

from tests.doors.portal_story import EMAIL, NOW, PASSWORD
from tests.waiting import eventually
from wattline.database.bus import Bus
from wattline.database.connection import Database
from wattline.operations import commands
from wattline.operations.chance import SystemChance
from wattline.portal.app import portal_handlers
from wattline.settings import Settings

HOST = "wattline.test"


class Clock:
    """A clock that the story moves."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def after(self, **length: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**length)
        return self.now


def build_portal(database: Database, bus: Bus, directory: Path, clock: Clock) -> Litestar:
    """Furnish a web app with nothing but the Portal. There is one at a time: to make it takes as long as many pages."""
    settings = Settings(data_directory=directory, pepper=b"pepper of the tests")
    parts = {"database": database, "bus": bus, "settings": settings, "clock": clock, "chance": SystemChance()}
    portal = _portal()
    portal.state = State(parts)
    return portal


@cache
def _portal() -> Litestar:
    return Litestar([*portal_handlers()], openapi_config=None, logging_config=None)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, read as a person reads it."""

    status: int
    source: str = field(repr=False)
    headers: httpx.Headers = field(repr=False)

    @property
    def text(self) -> str:
        """What stands on the page, without its markup, blanks made one."""
        shown = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", self.source, flags=re.DOTALL)
        words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).replace("\u202f", " ").split())
        return re.sub(r" ([.,;:](?: |$))", r"\1", words)

    @property
    def csrf(self) -> str:
        """The token of the page's forms."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.source)
        assert found, "no form on this page"
        return found[1]

    def all(self, pattern: str) -> list[str]:
        """Find every match of a pattern in the source."""
        return re.findall(pattern, self.source, flags=re.DOTALL)


class Visitor:
    """Somebody with a browser."""

    def __init__(self, app: Any, address: str = "192.0.2.7") -> None:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 4711))
        self.http = httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")
        self.last: Page | None = None

    async def get(self, path: str, status: int = 200, **headers: str) -> Page:
        """Open a page, which must have this status."""
        return await self._send("GET", path, status, headers=headers)

    async def log_in(self, email: str = EMAIL, password: str = PASSWORD, status: int = 303) -> Page:
        """Fill in the log-in form."""
        await self.get("/login")
        return await self.submit("/login", {"email": email, "password": password}, status)

    async def submit(self, path: str, form: Mapping[str, Any] | None = None, status: int = 200, **headers: str) -> Page:
        """Send a form of the page that was looked at last."""
        assert self.last is not None
        fields = {"csrf": self.last.csrf, **(form or {})}
        return await self._send("POST", path, status, data=fields, headers={"origin": f"http://{HOST}", **headers})

    async def upload(self, path: str, form: Mapping[str, Any], content: bytes, status: int = 200) -> Page:
        """Send a form with a file."""
        assert self.last is not None
        fields = {"csrf": self.last.csrf, **form}
        files, headers = {"file": ("people.csv", content)}, {"origin": f"http://{HOST}"}
        return await self._send("POST", path, status, data=fields, files=files, headers=headers)

    async def do(self, path: str, form: Mapping[str, Any] | None = None, status: int = 200) -> Page:
        """Send a form the way htmx does, for a part of a page; the page stays the last one looked at."""
        before = self.last
        page = await self.submit(path, form, status, **{"hx-request": "true"})
        self.last = before
        return page

    async def _send(self, method: str, path: str, status: int, **parts: Any) -> Page:
        answer = await self.http.request(method, path, **parts)
        page = Page(answer.status_code, answer.text, answer.headers)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code}\n{page.text[:600]}"
        if "csrf" in page.source:
            self.last = page
        return page


@asynccontextmanager
async def answering(
    database: Database, box_id: int, outcome: commands.Outcome, answer: Mapping[str, Any], *, now: datetime = NOW
) -> AsyncIterator[list[commands.Claimed]]:
    """Play the gateway of a box: give it a lease, take its commands, and answer each of them like this."""
    heard: list[commands.Claimed] = []
    async with database.begin() as tx:
        await tx.execute(
            "insert into lease (charge_point_id, gateway_id, epoch, connected_at) values ($1, 'played', $1, $2)",
            box_id,
            now,
        )

    async def claim() -> commands.Claimed | None:
        return await commands.claim(database, "played", box_id, message_id="m-1", now=now)

    async def play() -> None:
        while True:
            claimed = await eventually(claim, within_seconds=60)
            assert claimed is not None
            heard.append(claimed)
            await commands.record_answer(database, claimed.id, outcome=outcome, answer=answer, now=now)

    playing = asyncio.create_task(play())
    try:
        yield heard
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
