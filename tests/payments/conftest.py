"""Every story about payments begins at the same till."""

import pytest

from tests.payments.till import Till, open_till
from wattline.database.connection import Database
from wattline.payments.sandbox import Sandbox


@pytest.fixture
async def till(database: Database) -> Till:
    """An operator whose payments go to the sandbox, at noon."""
    opened = await open_till(database)
    opened.providers = {"sandbox": Sandbox(database, clock=opened.clock)}
    return opened
