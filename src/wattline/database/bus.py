"""The bus between processes: short texts on named channels, heard by whoever listens at that moment.

Nothing may depend on a text alone, since one can be missed: what counts is in rows, the bus only says "look now".
"""

import asyncio
import contextlib
from collections import defaultdict
from types import TracebackType
from typing import Protocol, Self

import asyncpg
import structlog

from wattline.database.connection import AWAY, SESSION_SETTINGS

log = structlog.get_logger()

# A subscriber that does not read keeps this many texts; then they melt into one "look at everything".
TEXTS_WAITING_MAX = 1000
RECONNECT_SECONDS_MAX = 2.0
# A connection that died without a word is found out this soon.
PROBE_SECONDS = 30.0


class Subscription:
    """Texts of one channel: `async with bus.subscribe("facts") as texts: async for text in texts: …`.

    The empty text means that some may have been missed (a reconnect, or too many at once): look at everything.
    """

    def __init__(self, hub: "_Hub", channel: str) -> None:
        self._hub = hub
        self.channel = channel
        self._texts: asyncio.Queue[str] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        await self._hub.attach(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._hub.detach(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        return await self._texts.get()

    def put(self, text: str) -> None:
        """Hand over a text; never waits."""
        if self._texts.qsize() >= TEXTS_WAITING_MAX:
            while not self._texts.empty():
                self._texts.get_nowait()
            text = ""
        self._texts.put_nowait(text)


class Bus(Protocol):
    """What every bus can do."""

    async def publish(self, channel: str, text: str) -> None:
        """Tell everybody who listens on `channel` now."""

    def subscribe(self, channel: str) -> Subscription:
        """Listen; texts count from the moment the `async with` is entered."""


class _Hub:
    """Who listens on which channel in this process."""

    def __init__(self) -> None:
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)

    async def attach(self, subscription: Subscription) -> None:
        self._subscriptions[subscription.channel].add(subscription)

    async def detach(self, subscription: Subscription) -> None:
        listening = self._subscriptions[subscription.channel]
        listening.discard(subscription)
        if not listening:
            del self._subscriptions[subscription.channel]

    def hand_out(self, channel: str, text: str) -> None:
        for subscription in self._subscriptions.get(channel, ()):
            subscription.put(text)


class InProcessBus(_Hub):
    """A bus for tests of one process without PostgreSQL; texts are heard in the order they were sent."""

    async def publish(self, channel: str, text: str) -> None:
        """Tell everybody who listens on `channel` now."""
        self.hand_out(channel, text)

    def subscribe(self, channel: str) -> Subscription:
        """Listen; texts count from the moment the `async with` is entered."""
        return Subscription(self, channel)


class PostgresBus(_Hub):
    """NOTIFY and LISTEN over one connection of its own, which comes back after PostgreSQL was away.

    A text that belongs to a transaction is sent with `connection.wake(tx, channel, text)`; `publish` is for others.
    Listening begins with `async with PostgresBus(url) as bus`.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._connected = asyncio.Event()
        # One statement at a time on the connection, and no subscription may slip between two connections.
        self._lock = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep_connected(), name="bus")
        await self._connected.wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)

    async def publish(self, channel: str, text: str) -> None:
        """Tell everybody who listens on `channel` now; waits while PostgreSQL is away."""
        while True:
            await self._connected.wait()
            async with self._lock:
                if self._connection is not None and not self._connection.is_closed():
                    await self._connection.execute("select pg_notify($1, $2)", channel, text)
                    return
            await asyncio.sleep(0)

    def subscribe(self, channel: str) -> Subscription:
        """Listen; texts count from the moment the `async with` is entered."""
        return Subscription(self, channel)

    async def attach(self, subscription: Subscription) -> None:
        """Start to listen; while PostgreSQL is away, the next connection will do it."""
        await super().attach(subscription)
        async with self._lock:
            if self._connection is not None:
                with contextlib.suppress(*AWAY, asyncpg.InterfaceError):
                    await self._connection.add_listener(subscription.channel, self._heard)

    async def detach(self, subscription: Subscription) -> None:
        """Stop to listen with the last subscription of a channel."""
        await super().detach(subscription)
        async with self._lock:
            if self._connection is not None and subscription.channel not in self._subscriptions:
                with contextlib.suppress(*AWAY, asyncpg.InterfaceError):
                    await self._connection.remove_listener(subscription.channel, self._heard)

    def _heard(self, connection: object, process_id: int, channel: str, payload: object) -> None:
        self.hand_out(channel, str(payload))

    async def _keep_connected(self) -> None:
        pause = 0.05
        while True:
            try:
                await self._listen_until_lost()
                pause = 0.05
            except (*AWAY, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("bus lost PostgreSQL", error=str(error), retry_in_s=pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, RECONNECT_SECONDS_MAX)

    async def _listen_until_lost(self) -> None:
        lost = asyncio.Event()
        connection = await asyncpg.connect(self._url, server_settings=SESSION_SETTINGS | {"statement_timeout": "0"})
        try:
            connection.add_termination_listener(lambda _connection: lost.set())
            async with self._lock:
                for channel in self._subscriptions:
                    await connection.add_listener(channel, self._heard)
                self._connection = connection
            self._connected.set()
            self._tell_all_to_look()
            while not lost.is_set():
                await self._wait_or_probe(connection, lost)
        finally:
            self._connected.clear()
            self._connection = None
            connection.terminate()

    async def _wait_or_probe(self, connection: "asyncpg.Connection[asyncpg.Record]", lost: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(lost.wait(), PROBE_SECONDS)
        except TimeoutError:
            async with self._lock:
                await connection.execute("select", timeout=PROBE_SECONDS)

    def _tell_all_to_look(self) -> None:
        for channel in list(self._subscriptions):
            self.hand_out(channel, "")
