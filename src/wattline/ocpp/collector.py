"""Many small changes from many sockets, stored by one transaction; each sender hears back after the commit.

A transaction costs PostgreSQL and us about the same whether it stores one reading or a hundred. So what arrives waits
a moment for company, and what comes while a batch is being stored waits for the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

import structlog

from wattline.ocpp.patience import patiently, will_pass

log = structlog.get_logger()

# Waiting for more than this saves next to nothing.
ENOUGH = 50

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Result = TypeVar("Result")

Work = Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]]


class _Entry(Generic[Item, Outcome]):
    """The items of one sender, which succeed or fail together."""

    __slots__ = ("done", "items", "key", "then")

    def __init__(
        self,
        items: Sequence[Item],
        key: Hashable,
        then: Callable[[Sequence[Outcome]], Any],
        done: "asyncio.Future[Any]",
    ) -> None:
        self.items, self.key, self.then, self.done = items, key, then, done


class Collector(Generic[Item, Outcome]):
    """Collects items for `work`, which stores a whole batch in one transaction and returns one outcome for each.

    Items wait for company for `wait_seconds`; 0 where they were read together already. A batch may be
    tried again for `patience_seconds` while PostgreSQL is away. When it fails, each sender's part is tried alone, so
    that one bad row spoils nobody else's answer.
    """

    def __init__(self, work: Work[Item, Outcome], *, most: int, wait_seconds: float, patience_seconds: float) -> None:
        self._work = work
        self._wait_seconds = wait_seconds
        self._most = most
        self._enough = min(most, ENOUGH)
        self._patience_seconds = patience_seconds
        self._entries: list[_Entry[Item, Outcome]] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_ripe = False
        """What waits has waited long enough, or is enough."""
        self._running: asyncio.Task[None] | None = None

    def put(
        self, items: Sequence[Item], *, key: Hashable, then: Callable[[Sequence[Outcome]], Result]
    ) -> "asyncio.Future[Result]":
        """Store items; the future has what `then` makes of their outcomes, once they are safe.

        No batch holds the same `key` twice.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._entries.append(_Entry(items, key, then, done))
        self._count += len(items)
        if self._count >= self._enough:
            self._ripen()
        elif self._timer is None:
            self._timer = loop.call_later(self._wait_seconds, self._ripen)
        return done

    def _ripen(self) -> None:
        self._is_ripe = True
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        """Store batches while there is something ripe. What comes meanwhile waits for company of its own."""
        try:
            while self._is_ripe:
                await self._store(self._take())
        finally:
            self._running = None

    def _take(self) -> list[_Entry[Item, Outcome]]:
        """Take entries up to `most` items, leaving those whose key is in the batch already to the next one."""
        batch: list[_Entry[Item, Outcome]] = []
        left: list[_Entry[Item, Outcome]] = []
        keys: set[Hashable] = set()
        count = 0
        for entry in self._entries:
            if entry.key in keys or (batch and count + len(entry.items) > self._most):
                left.append(entry)
            else:
                batch.append(entry)
                keys.add(entry.key)
                count += len(entry.items)
        self._entries = left
        self._count -= count
        self._is_ripe = bool(left)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return batch

    async def _store(self, batch: list[_Entry[Item, Outcome]]) -> None:
        items = [item for entry in batch for item in entry.items]
        try:
            outcomes = await patiently(lambda: self._work(items), seconds_max=self._patience_seconds)
        except Exception as error:
            await self._store_each_alone(batch, error)
            return
        at = 0
        for entry in batch:
            _settle(entry, outcomes[at : at + len(entry.items)])
            at += len(entry.items)

    async def _store_each_alone(self, batch: list[_Entry[Item, Outcome]], error: Exception) -> None:
        if len(batch) > 1 and not will_pass(error):
            log.warning("a batch failed, each part is tried alone", error=repr(error), parts=len(batch))
            for entry in batch:
                await self._store([entry])
            return
        for entry in batch:
            if not entry.done.done():
                entry.done.set_exception(error)


def _settle(entry: _Entry[Item, Outcome], outcomes: Sequence[Outcome]) -> None:
    # The sender may have gone away meanwhile; what it sent is stored all the same.
    if not entry.done.done():
        entry.done.set_result(entry.then(outcomes))
