"""Messages of all sockets wait a moment for each other, then are read one right after the other.

A gateway with some hundreds of messages a second is woken for each alone, and finds the processor's caches full of
what PostgreSQL did meanwhile: reading a message then costs half as much again as reading it in company. Being stored
together (collector.py) follows from being read together.
"""

import asyncio
from collections.abc import Callable

import structlog

from wattline.settings import Ocpp

log = structlog.get_logger()

# Waiting for more than this saves next to nothing.
ENOUGH = 50

Message = str | bytes
Take = Callable[[Message], None]


class Intake:
    """Holds messages back as long as the settings say, or until enough are together. Their order stays."""

    def __init__(self, settings: Ocpp) -> None:
        self._wait_seconds = settings.collect_milliseconds / 1000
        self._waiting: list[tuple[Take, Message]] = []
        self._timer: asyncio.TimerHandle | None = None

    def put(self, take: Take, message: Message) -> None:
        """Let `take` have a message when its time comes."""
        self._waiting.append((take, message))
        if len(self._waiting) >= ENOUGH:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._wait_seconds, self.flush)

    def flush(self) -> None:
        """Hand out what waits now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        for take, message in waiting:
            try:
                take(message)
            except Exception:
                # A mistake of ours; the others' messages are not to be lost with it.
                log.exception("a message could not be taken")
