"""The loop that carries facts to subscribers: at least once each, no subscriber waiting for another."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from wattline.database.connection import AWAY, Database
from wattline.operations.webhook_batches import Target, subscribers_with_work
from wattline.operations.webhook_entries import FACTS_PER_STEP_MAX, take_facts
from wattline.webhooks.delivery import Way, deliver_all

log = structlog.get_logger(__name__)

# Many slow receivers may be waited for at once; each costs a socket and a little memory.
SUBSCRIBERS_AT_ONCE_MAX = 64


class Sender:
    """Looks for new facts and due batches every 2 s, and keeps at most one task per subscriber."""

    def __init__(self, database: Database, way: Way, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._way = way
        self._clock = clock
        self._busy: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled; deliveries under way are cancelled too and start again at the next start."""
        try:
            while True:
                try:
                    await self.step()
                except AWAY as error:
                    log.warning("webhooks wait for the database", error=str(error))
                await asyncio.sleep(self._way.rules.every_seconds)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def step(self) -> None:
        """Take every new fact, then start a delivery task for each subscriber that has work and no task."""
        while await take_facts(self._database, now=self._clock()) == FACTS_PER_STEP_MAX:
            pass
        for target in await subscribers_with_work(self._database, now=self._clock()):
            if target.api_key_id not in self._busy and len(self._busy) < SUBSCRIBERS_AT_ONCE_MAX:
                self._start(target)

    async def until_idle(self) -> None:
        """Wait for the deliveries under way."""
        await asyncio.gather(*self._busy.values())

    def _start(self, target: Target) -> None:
        task = asyncio.create_task(self._deliver(target), name=f"webhooks to {target.api_key_id}")
        self._busy[target.api_key_id] = task
        task.add_done_callback(lambda _: self._busy.pop(target.api_key_id, None))

    async def _deliver(self, target: Target) -> None:
        try:
            await deliver_all(self._database, target, self._way, clock=self._clock)
        except Exception:
            # One subscriber's trouble, whatever it is, stays its own; its batch is tried again later.
            log.exception("webhook delivery broke off", api_key=target.api_key_id)
