"""Waiting for PostgreSQL while it restarts: a charge point's call waits with us instead of failing at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from wattline.database.connection import AWAY

PAUSE_SECONDS_MAX = 0.5

T = TypeVar("T")


def will_pass(error: BaseException) -> bool:
    """Tell whether trying again will do: PostgreSQL or the way to it is gone, or it ended our transaction because two
    waited for each other. Not when we asked something wrong."""
    if isinstance(error, (*AWAY, TimeoutError, asyncpg.DeadlockDetectedError)):
        return True
    # "Connection is closed" has no class of its own; DataError is a mistake of ours and shares the base class.
    return isinstance(error, asyncpg.InterfaceError) and not isinstance(error, asyncpg.DataError)


async def patiently(attempt: Callable[[], Awaitable[T]], *, seconds_max: float) -> T:
    """Repeat `attempt` while PostgreSQL is away; raise TimeoutError when that takes too long.

    Only for verbs that answer a repeat instead of repeating it: the first one may have been stored after all.
    """
    pause = 0.05
    async with asyncio.timeout(seconds_max):
        while True:
            try:
                return await attempt()
            except Exception as error:
                if not will_pass(error):
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, PAUSE_SECONDS_MAX)
