"""What need not be stored before an answer goes out waits here and is written every now and then."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from wattline.ocpp.patience import will_pass

log = structlog.get_logger()

Item = TypeVar("Item")


class Spool(Generic[Item]):
    """A bounded list of items that `write` takes every `every_seconds`; kept while PostgreSQL is away."""

    def __init__(
        self, name: str, write: Callable[[Sequence[Item]], Awaitable[None]], *, every_seconds: float, most: int
    ) -> None:
        self._name = name
        self._write = write
        self._every_seconds = every_seconds
        self._most = most
        self._items: list[Item] = []
        self._lost = 0
        self._writing = asyncio.Lock()

    def put(self, item: Item) -> None:
        """Add an item; when too many wait, it is dropped and counted."""
        if len(self._items) < self._most:
            self._items.append(item)
        else:
            self._lost += 1

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await asyncio.sleep(self._every_seconds)
            await self.flush()

    async def flush(self) -> None:
        """Write what waits now, and return when it and what is being written already are written."""
        if self._lost:
            log.warning("a spool overflowed", spool=self._name, lost=self._lost)
            self._lost = 0
        async with self._writing:
            await self._write_all()

    async def _write_all(self) -> None:
        if not self._items:
            return
        items, self._items = self._items, []
        try:
            await self._write(items)
        except asyncio.CancelledError:
            # The gateway stops, and flushes a last time after this.
            self._put_back(items)
            raise
        except Exception as error:
            if will_pass(error):
                self._put_back(items)
            else:
                log.exception("a spool could not be written", spool=self._name, lost=len(items))

    def _put_back(self, items: list[Item]) -> None:
        self._items[:0] = items[: self._most - len(self._items)]
