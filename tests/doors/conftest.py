"""The stage of stories about the Portal: a network worth looking at, and somebody who is logged in."""

from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from tests.doors.portal_door import Clock, Page, Visitor, build_portal
from tests.doors.portal_market import PortalMarket, open_portal_market
from tests.doors.portal_story import Network, tell
from tests.stages import Told, tell_once
from wattline.database.bus import Bus, PostgresBus
from wattline.database.connection import Database


@dataclass(frozen=True, slots=True)
class Begun:
    """The network of the story, and what the browser of the operations manager holds who has logged in there."""

    network: Network
    cookies: httpx.Cookies
    last: Page | None


async def begin(directory: Path, database: Database) -> Begun:
    """Tell the story without its histories, and log in as people do."""
    network = await tell(database, rich=False)
    async with PostgresBus(database.url) as bus:
        # From an address of its own: log-ins are counted by address.
        visitor = Visitor(build_portal(database, bus, directory, Clock()), "192.0.2.8")
        await visitor.log_in()
        await visitor.http.aclose()
    return Begun(network, visitor.http.cookies, visitor.last)


@pytest.fixture(scope="session")
def begun(postgres_url: str, template_name: str, tmp_path_factory: pytest.TempPathFactory) -> Told[Begun]:
    """The stage, set up once."""
    return tell_once(postgres_url, template_name, "network", partial(begin, tmp_path_factory.mktemp("portal")))


@pytest.fixture
def begins_as(template_name: str, request: pytest.FixtureRequest) -> str:
    """Tests that want the network get a copy of it."""
    if "network" not in request.fixturenames:
        return template_name
    begun: Told[Begun] = request.getfixturevalue("begun")
    return begun.template


@pytest.fixture
async def portal_bus(database_url: str) -> AsyncIterator[Bus]:
    """The bus as it is in the product."""
    async with PostgresBus(database_url) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until the story moves it."""
    return Clock()


@pytest.fixture
def network(begun: Told[Begun]) -> Network:
    """The network of the story, without its histories."""
    return deepcopy(begun.known.network)


@pytest.fixture
def portal(database: Database, portal_bus: Bus, tmp_path: Path, clock: Clock) -> Litestar:
    """The Portal alone."""
    return build_portal(database, portal_bus, tmp_path, clock)


@pytest.fixture
async def stranger(portal: Litestar) -> AsyncIterator[Visitor]:
    """Somebody who is not logged in."""
    visitor = Visitor(portal)
    yield visitor
    await visitor.http.aclose()


@pytest.fixture
def visitor(stranger: Visitor, begun: Told[Begun], network: Network) -> Visitor:
    """The operations manager, logged in."""
    stranger.http.cookies.update(begun.known.cookies)
    stranger.last = begun.known.last
    return stranger


@pytest.fixture
async def market(database: Database, network: Network, clock: Clock) -> PortalMarket:
    """The network of the story with a price, and a team that can pay it."""
    return await open_portal_market(database, network, clock)
