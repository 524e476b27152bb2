"""Options that several commands share."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

from cyclopts import Parameter

from wattline.database.connection import Database
from wattline.main.connect import database_of
from wattline.main.environment import read_settings
from wattline.settings import Settings

T = TypeVar("T")

Data = Annotated[Path | None, Parameter(name="--data", help="The server's data folder.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of a table.")]


def with_database(data: Path | None, deed: Callable[[Database, Settings], Coroutine[Any, Any, T]]) -> T:
    """Do something with the server's database, whether the server runs or not."""
    settings = read_settings(os.environ, data_directory=data)

    async def do() -> T:
        async with database_of(settings) as database:
            return await deed(database, settings)

    return asyncio.run(do())
