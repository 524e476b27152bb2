"""The sockets of all boxes are looked at together, some dozen times a second: many messages for one awakening.

A process that is woken for each of some hundreds of messages a second finds the processor's caches full of what others
did meanwhile, and pays for being woken as much as for the message. Network cards know the same trouble and let packets
wait for company before they call; so do we with the sockets of boxes, whose bytes wait in the kernel meanwhile. Being
stored together (collector.py) follows from being read together.
"""

import asyncio
import selectors
from collections.abc import Callable

import structlog

log = structlog.get_logger()

# More company than this saves next to nothing: when more would come, we look again sooner.
COMPANY = 25
# How much the pace of before counts with each look: it follows within half a dozen looks.
MEMORY = 0.75

Read = Callable[[], None]


class Gathering:
    """Looks at sockets at most every `wait_seconds` while something comes; at once when something comes after a pause.

    It belongs to the loop in which it is made.
    """

    def __init__(self, *, wait_seconds: float) -> None:
        self._wait_seconds = wait_seconds
        self._loop = asyncio.get_running_loop()
        self._selector = selectors.DefaultSelector()
        self._timer: asyncio.TimerHandle | None = None
        """Set while we look by the clock; else the kernel wakes us."""
        self._looked_at = self._loop.time()
        self._came = self._within_seconds = 0.0
        """The messages of the last looks and the time in which they came, the older the less."""
        self._rest()

    def add(self, descriptor: int, read: Read) -> None:
        """Call `read` whenever there is something to read, or the other end has hung up."""
        self._selector.register(descriptor, selectors.EVENT_READ, read)

    def remove(self, descriptor: int) -> None:
        """Look at a socket no longer; it must not be closed before."""
        self._selector.unregister(descriptor)

    def close(self) -> None:
        """Look at nothing any longer."""
        if self._timer is not None:
            self._timer.cancel()
        else:
            self._loop.remove_reader(self._selector.fileno())
        self._selector.close()

    def _rest(self) -> None:
        self._timer = None
        self._loop.add_reader(self._selector.fileno(), self._wake)

    def _wake(self) -> None:
        self._loop.remove_reader(self._selector.fileno())
        self._look()

    def _look(self) -> None:
        """Have everything read that has come, and say when to look next."""
        ready = self._selector.select(0)
        now = self._loop.time()
        self._came = self._came * MEMORY + len(ready)
        self._within_seconds = self._within_seconds * MEMORY + now - self._looked_at
        self._looked_at = now
        for key, _ in ready:
            try:
                key.data()
            except Exception:
                # A mistake of ours; the others' messages are not to be lost with it.
                log.exception("a socket could not be read")
        if ready:
            pause = pause_seconds(self._came, self._within_seconds, seconds_max=self._wait_seconds)
            self._timer = self._loop.call_later(pause, self._look)
        else:
            self._rest()


def pause_seconds(came: float, within_seconds: float, *, seconds_max: float) -> float:
    """Say how long company takes to gather at the pace at which messages came lately."""
    return min(seconds_max, COMPANY * within_seconds / came)
