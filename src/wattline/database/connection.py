"""The way to PostgreSQL: a pool, transactions for verbs, plain connections for questions.

Inside a transaction we only change rows; whatever the outside world must notice is a row too (decision 0001).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

import asyncpg
import msgspec
from asyncpg.transaction import Transaction as BegunTransaction

from wattline.database.roles import step_down
from wattline.database.waker import Waker

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Pool = asyncpg.Pool[asyncpg.Record]
    Pooled = PoolConnectionProxy[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | Pooled
else:
    Pool = asyncpg.Pool
    Pooled = asyncpg.pool.PoolConnectionProxy
    Connection = asyncpg.Connection

# A connection on which a transaction is open. The same type, a promise in the name.
Transaction = Connection

# PostgreSQL is away (restarting, or still recovering) or this connection died while it lay idle.
AWAY = (
    ConnectionError,
    FileNotFoundError,
    asyncpg.CannotConnectNowError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    # asyncpg's words for a server that said its last ones before we asked.
    asyncpg.InternalClientError,
    asyncpg.CrashShutdownError,
)

# Crash recovery of the embedded PostgreSQL takes about 2 s; longer than this, the caller should hear of it.
ACQUIRE_SECONDS_MAX = 10.0

# Sent when a connection is opened. A verb that waits longer than this for a lock is stuck, not slow.
SESSION_SETTINGS = {
    "application_name": "wattline",
    "timezone": "UTC",
    "jit": "off",
    # What a batch touches lies in memory. With the default of 4, made for turning disks, PostgreSQL reads all of a
    # table of some thousand rows to find twelve of them, for every batch of readings.
    "random_page_cost": "1.1",
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}

T = TypeVar("T")


class DatabaseTooOld(Exception):
    """DATABASE_URL leads to a PostgreSQL that is older than 15."""


class WakingConnection(asyncpg.Connection):
    """A connection that remembers whom to wake once its transaction has committed: channels and words, each once."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.woken: dict[tuple[str, str], None] = {}


def wake(tx: Transaction, channel: str, word: str) -> None:
    """Let those who listen on a channel of the bus hear a word when the transaction has committed, and never before.

    NOTIFY within the transaction would say so as well. But PostgreSQL lets only one transaction with a NOTIFY commit at
    a time, and holds the others until it is safe on disk: they would never share one write. Whoever waits for a word
    looks now and then without one, so nothing is lost when we die in between.
    """
    _woken_by(tx)[channel, word] = None


class Database:
    """A pool of connections. Verbs call `begin()`, questions call `read()`."""

    def __init__(self, url: str, pool: Pool) -> None:
        self.url = url
        self._pool = pool
        self._waker = Waker(pool)

    @classmethod
    async def open(cls, url: str, *, connections_max: int = 10) -> Self:
        """Connect, check the server's version, and keep up to `connections_max` connections.

        Raises DatabaseTooOld; and one of AWAY's errors when nobody answers for 10 s.
        """
        pool = await asyncpg.create_pool(
            url,
            connection_class=WakingConnection,
            min_size=0,
            max_size=connections_max,
            # Recycling after N queries would stall the hot path; dead connections are replaced anyway.
            max_queries=2**31,
            init=prepare_pooled,
            # A verb leaves nothing behind but its transaction, so the usual RESET ALL round trip buys nothing.
            reset=leave_as_is,
            server_settings=SESSION_SETTINGS,
        )
        database = cls(url, pool)
        try:
            async with database.read() as connection:
                refuse_old_server(connection.get_server_version().major)
        except BaseException:
            pool.terminate()
            raise
        return database

    @property
    def connections(self) -> Mapping[str, int]:
        """How many connections are open and lent, and how many lie idle."""
        idle = self._pool.get_idle_size()
        return {"busy": self._pool.get_size() - idle, "idle": idle}

    async def close(self) -> None:
        """Wait for what is running, then close every connection."""
        await self._waker.until_said()
        await self._pool.close()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """Open one transaction: committed at the end of the block, rolled back when an exception leaves it."""
        connection, transaction = await until_back(self._acquire_and_begin)
        try:
            try:
                yield connection
            except BaseException:
                if not is_lost(connection):
                    await transaction.rollback()
                raise
            await transaction.commit()
            self._waker.say(_woken_by(connection))
        finally:
            await self._pool.release(connection)

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[Transaction]:
        """Lend a connection for one statement that changes rows: it is a transaction without being told to be.

        That spares two of three trips to PostgreSQL, for what is done some dozen times a second.
        """
        connection = await until_back(self._pool.acquire)
        try:
            _woken_by(connection).clear()
            yield connection
            self._waker.say(_woken_by(connection))
        finally:
            await self._pool.release(connection)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Lend a connection without a transaction, for questions of one statement."""
        connection = await until_back(self._pool.acquire)
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    @asynccontextmanager
    async def dedicated(self) -> AsyncIterator[Connection]:
        """Open a connection outside the pool, for LISTEN and for session locks. It has no statement time-out."""
        connection = await until_back(self._connect_alone)
        try:
            yield connection
        finally:
            await connection.close()

    async def _acquire_and_begin(self) -> tuple[Pooled, BegunTransaction]:
        connection = await self._pool.acquire()
        transaction = connection.transaction()
        try:
            await transaction.start()
            _woken_by(connection).clear()
        except BaseException:
            # Whatever kept a BEGIN from working, this connection is not to be lent again.
            if not is_lost(connection):
                connection.terminate()
            await self._pool.release(connection)
            raise
        return connection, transaction

    async def _connect_alone(self) -> Connection:
        settings = SESSION_SETTINGS | {"statement_timeout": "0"}
        connection = await asyncpg.connect(self.url, server_settings=settings, connection_class=WakingConnection)
        await prepare_connection(connection)
        return connection


def _woken_by(connection: Connection) -> dict[tuple[str, str], None]:
    # A lent connection hands on what it does not know to the WakingConnection behind it.
    woken: dict[tuple[str, str], None] = connection.woken  # type: ignore[union-attr]
    return woken


async def until_back(attempt: Callable[[], Awaitable[T]], *, seconds_max: float = ACQUIRE_SECONDS_MAX) -> T:
    """Repeat `attempt` while PostgreSQL is away, then let the error through. Only for steps that change nothing."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds_max
    pause = 0.02
    while True:
        try:
            return await attempt()
        except AWAY:
            if loop.time() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, 0.5)


def is_lost(connection: Pooled) -> bool:
    """Tell whether a lent connection has ended. The pool takes a dead one back at once, and then refuses to say."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


async def prepare_pooled(connection: Connection) -> None:
    """Prepare a connection for verbs and questions, which need no more rights than rows."""
    await prepare_connection(connection)
    await step_down(connection)


async def prepare_connection(connection: Connection) -> None:
    """Let json and jsonb columns take and give Python values."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=encode_jsonb, decoder=decode_jsonb
    )
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=msgspec.json.encode, decoder=msgspec.json.decode
    )


def encode_jsonb(value: Any) -> bytes:
    """Write jsonb's wire form: a version byte, then the text."""
    return b"\x01" + msgspec.json.encode(value)


def decode_jsonb(wire: bytes) -> Any:
    return msgspec.json.decode(memoryview(wire)[1:])


async def leave_as_is(connection: Connection) -> None:
    """Take the place of asyncpg's reset on release; see `Database.open`."""


def refuse_old_server(major_version: int) -> None:
    """Raise DatabaseTooOld below 15, the oldest version whose SQL we write."""
    if major_version < 15:
        raise DatabaseTooOld(
            f"Wattline needs PostgreSQL 15 or newer, but DATABASE_URL leads to version {major_version}. "
            "Upgrade that server, or leave DATABASE_URL unset to use the embedded one."
        )
