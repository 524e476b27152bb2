"""The stage of stories about the Portal: a network worth looking at, and somebody who is logged in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from litestar import Litestar

from tests.doors.portal_door import Clock, Visitor, build_portal
from tests.doors.portal_story import Network, tell
from wattline.database.bus import Bus, PostgresBus
from wattline.database.connection import Database


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
async def network(database: Database) -> Network:
    """The network of the story, without its histories."""
    return await tell(database, rich=False)


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
async def visitor(stranger: Visitor, network: Network) -> Visitor:
    """The operations manager, logged in."""
    await stranger.log_in()
    return stranger
