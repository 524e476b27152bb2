"""Many verbs as one step: all of them happen, or none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wattline.database.connection import Connection, Database, Transaction


class JoinedDatabase(Database):
    """A database of which every verb joins one transaction that is open already. Verbs must come one by one."""

    def __init__(self, url: str, tx: Transaction) -> None:
        self.url = url
        self._tx = tx

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """Open a part of the transaction, which can fail without the rest."""
        async with self._tx.transaction():
            yield self._tx

    # A statement that fails would end the whole transaction.
    statement = begin

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Lend the connection, which sees what the transaction has changed."""
        yield self._tx


@asynccontextmanager
async def as_one(database: Database) -> AsyncIterator[Database]:
    """Lend a database whose changes are committed together at the end of the block.

    Locks are held that long, so this is for filling a database that nobody uses yet.
    """
    async with database.begin() as tx:
        yield JoinedDatabase(database.url, tx)
