"""Stories about receipts of a period begin where stories about charges do."""

import pytest

from tests.operations.story import Story, begin_story
from wattline.database.connection import Database


@pytest.fixture
async def story(database: Database) -> Story:
    """One operator, two teams, a box with two connectors in contact, at noon."""
    return await begin_story(database)
