"""The stage of every Partner API story, and a program that may do everything on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.doors.partner_api.story import Program, Stage, set_up
from wattline.database.bus import Bus, PostgresBus
from wattline.database.connection import Database


@pytest.fixture
async def bus(database_url: str) -> AsyncIterator[Bus]:
    """The bus as it is in the product."""
    async with PostgresBus(database_url) as opened:
        yield opened


@pytest.fixture
async def stage(database: Database, bus: Bus, tmp_path: Path) -> AsyncIterator[Stage]:
    """Two operators and the app."""
    made = await set_up(database, bus, tmp_path)
    yield made
    for program in made.programs:
        await program.http.aclose()


@pytest.fixture
async def partner(stage: Stage) -> Program:
    """A program of our operator that may do everything."""
    return await stage.program()
