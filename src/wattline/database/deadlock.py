"""Trying again when two transactions waited for each other and PostgreSQL ended one of them."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

# Two verbs that meet again and again would be a mistake of ours, which somebody should hear of.
TRIES = 3

T = TypeVar("T")


async def despite_deadlocks(verb: Callable[[], Awaitable[T]]) -> T:
    """Carry out a verb, again if need be: the transaction that lost has changed nothing.

    For verbs that book twice in one transaction (operations/charge_accounts.py).
    """
    for _ in range(TRIES - 1):
        try:
            return await verb()
        except asyncpg.DeadlockDetectedError:
            continue
    return await verb()
