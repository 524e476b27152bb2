"""PostgreSQL and the rules give the same answers, whatever is asked, and end with the same balances."""

import pytest

from tests.domain.test_ledger import CURRENCY_OF, NOON, RULES_OF, Town
from wattline.database.connection import Database
from wattline.domain.ledger_accounts import Owner
from wattline.operations.ledger import balances, book, expire_due
from wattline.operations.ledger_accounts import open_account
from wattline.operations.ledger_verify import verify


async def test_the_verbs_answer_as_the_rules_do(database: Database) -> None:
    await live_twice(database, seed=1, operations=1_500)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
async def test_the_verbs_answer_as_the_rules_do_twenty_thousand_times(database: Database, seed: int) -> None:
    await live_twice(database, seed=seed, operations=20_000)


async def live_twice(database: Database, *, seed: int, operations: int) -> None:
    """Ask the rules and PostgreSQL for the same things at the same moments."""
    town = Town(seed)
    await open_the_same_accounts(database)
    while town.operations < operations:
        asked = town.some_transfers()
        async with database.begin() as tx:
            answers = await book(tx, asked, now=town.now)
        assert answers == town.book(asked)
        if town.chance.random() < 0.2:
            town.pass_time()
            await expire_due(database, now=town.now)
            town.let_holds_expire()
    async with database.read() as connection:
        found = await balances(connection, CURRENCY_OF)
    for id, account in town.books.accounts.items():
        debits = (found[id].debits_pending, found[id].debits_posted)
        assert (*debits, found[id].credits_pending, found[id].credits_posted) == tuple(town.model.counters[id])
        assert found[id].closed is bool(account.closings)
    assert (await verify(database)).wrong == ()


async def open_the_same_accounts(database: Database) -> None:
    async with database.begin() as tx:
        for id, currency in CURRENCY_OF.items():
            owner = Owner("adjustment", f"{id}")
            assert await open_account(tx, owner, currency, RULES_OF[id], now=NOON) == id
