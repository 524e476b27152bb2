"""A small world with money in it: a bank, drivers with purses, a seller, the platform."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from wattline.database.connection import Database
from wattline.domain.ledger import AMOUNT_ALL, Balances, Code, Kind, Result, Transfer
from wattline.domain.ledger_accounts import Owner
from wattline.operations.ledger import accounts_of, balances, book

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WEEK_SECONDS = 7 * 24 * 3_600

OWNERS = {
    "bank": Owner("bank", "1"),
    "driver": Owner("user", "1"),
    "other driver": Owner("user", "2"),
    "seller": Owner("team", "1"),
    "operator": Owner("operator", "1"),
    "platform": Owner("platform", "1"),
    "terminal": Owner("terminal", "acme"),
}


class LedgerStage:
    """Accounts by name, transfers with ids that count up, and a clock."""

    def __init__(self, database: Database, accounts: dict[str, int]) -> None:
        self.database, self.accounts = database, accounts
        self.now = NOON
        self._ids: Iterator[int] = count(1)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def new_id(self) -> UUID:
        return UUID(int=next(self._ids))

    def move(self, debit: str, credit: str, amount: int, **more: object) -> Transfer:
        return self.transfer(debit, credit, amount, kind=Kind.PLAIN, **more)

    def hold(self, debit: str, credit: str, amount: int, **more: object) -> Transfer:
        return self.transfer(debit, credit, amount, kind=Kind.HOLD, **more)

    def post(self, hold: Transfer, amount: int = AMOUNT_ALL, **more: object) -> Transfer:
        return self.settle(hold, amount, kind=Kind.POST, **more)

    def void(self, hold: Transfer, **more: object) -> Transfer:
        return self.settle(hold, 0, kind=Kind.VOID, **more)

    def transfer(self, debit: str, credit: str, amount: int, **more: object) -> Transfer:
        accounts = self.accounts[debit], self.accounts[credit]
        return Transfer(self.new_id(), *accounts, amount, "eur", Code.SALE, **more)  # type: ignore[arg-type]

    def settle(self, hold: Transfer, amount: int, **more: object) -> Transfer:
        return Transfer(self.new_id(), 0, 0, amount, "", Code.NONE, pending_id=hold.id, **more)  # type: ignore[arg-type]

    async def book(self, *transfers: Transfer) -> tuple[Result, ...]:
        async with self.database.begin() as tx:
            return await book(tx, transfers, now=self.now)

    async def booked(self, *transfers: Transfer) -> Sequence[Transfer]:
        """Book what has to succeed."""
        assert set(await self.book(*transfers)) == {Result.CREATED}
        return transfers

    async def of(self, name: str) -> Balances:
        async with self.database.read() as connection:
            return (await balances(connection, [self.accounts[name]]))[self.accounts[name]]

    async def run(self, sql: str, *values: object) -> None:
        async with self.database.begin() as tx:
            await tx.execute(sql, *values)


async def begin_ledger(database: Database, *, funds: int = 10_000) -> LedgerStage:
    """Open the accounts, and put `funds` into the drivers' purses."""
    async with database.begin() as tx:
        found = await accounts_of(tx, [*OWNERS.values()], "eur", now=NOON)
    stage = LedgerStage(database, {name: found[owner] for name, owner in OWNERS.items()})
    await stage.booked(stage.move("bank", "driver", funds), stage.move("bank", "other driver", funds))
    return stage
