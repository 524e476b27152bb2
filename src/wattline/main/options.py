"""Options that several commands share."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, TypeVar

from cyclopts import Parameter, Token

from wattline.database.connection import Database
from wattline.main.connect import database_of
from wattline.main.environment import read_settings
from wattline.settings import Settings

T = TypeVar("T")

Data = Annotated[Path | None, Parameter(name="--data", help="The server's data folder.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of a table.")]


def _number(_: Any, tokens: Sequence[Token]) -> Decimal:
    try:
        return Decimal(tokens[0].value)
    except InvalidOperation as error:
        raise ValueError(f"{tokens[0].value!r} is no number. Write it as 12.50.") from error


def number(help_text: str) -> Parameter:
    """Describe an option that is an exact number: an amount, or percent."""
    return Parameter(help=help_text, converter=_number)


def with_database(data: Path | None, deed: Callable[[Database, Settings], Coroutine[Any, Any, T]]) -> T:
    """Do something with the server's database, whether the server runs or not."""
    settings = read_settings(os.environ, data_directory=data)

    async def do() -> T:
        async with database_of(settings) as database:
            return await deed(database, settings)

    return asyncio.run(do())
