"""The stage of every Partner API story, and a program that may do everything on it."""

from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path

import pytest

from tests.doors.partner_api.story import Program, Stage, Tenant, open_doors, set_up
from tests.stages import Told, tell_once
from wattline.database.bus import Bus, PostgresBus
from wattline.database.connection import Database


@pytest.fixture(scope="session")
def both_operators(postgres_url: str, template_name: str) -> Told[tuple[Tenant, Tenant]]:
    """The stage, set up once."""
    return tell_once(postgres_url, template_name, "operators", set_up)


@pytest.fixture
def begins_as(template_name: str, request: pytest.FixtureRequest) -> str:
    """Tests that want the stage get a copy of it."""
    if "stage" not in request.fixturenames:
        return template_name
    both: Told[tuple[Tenant, Tenant]] = request.getfixturevalue("both_operators")
    return both.template


@pytest.fixture
async def bus(database_url: str) -> AsyncIterator[Bus]:
    """The bus as it is in the product."""
    async with PostgresBus(database_url) as opened:
        yield opened


@pytest.fixture
async def stage(
    database: Database, bus: Bus, tmp_path: Path, both_operators: Told[tuple[Tenant, Tenant]]
) -> AsyncIterator[Stage]:
    """Two operators and the app."""
    made = open_doors(database, bus, tmp_path, *deepcopy(both_operators.known))
    yield made
    for program in made.programs:
        await program.http.aclose()


@pytest.fixture
async def partner(stage: Stage) -> Program:
    """A program of our operator that may do everything."""
    return await stage.program()
