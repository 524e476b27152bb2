"""Waking those who listen, after the commit and in company: nobody's answer waits for it."""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Pool = asyncpg.Pool

WAKE = "select pg_notify(channel, word) from unnest($1::text[], $2::text[]) as woken (channel, word)"


class Waker:
    """Says words on channels of the bus, each once, while more of them may gather.

    A word can be lost, with the database or with us: those who wait for one look now and then without.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._words: dict[tuple[str, str], None] = {}
        self._saying: asyncio.Task[None] | None = None

    def say(self, words: Iterable[tuple[str, str]]) -> None:
        """Let words be said soon."""
        self._words.update(dict.fromkeys(words))
        if self._words and (self._saying is None or self._saying.done()):
            self._saying = asyncio.create_task(self._say_all(), name="wake")

    async def until_said(self) -> None:
        """Wait until everything has been said."""
        if self._saying is not None:
            await self._saying

    async def _say_all(self) -> None:
        while self._words:
            channels, words = zip(*self._words, strict=True)
            self._words = {}
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._pool.execute(WAKE, channels, words)
