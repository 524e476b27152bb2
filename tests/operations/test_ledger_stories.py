"""The stories about the ledger, played on PostgreSQL, through the verbs that everybody calls."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest

from tests.domain.ledger_stories import STORIES
from tests.domain.ledger_stories.words import (
    Asks,
    Begins,
    Booking,
    Kept,
    Later,
    NearTheEnd,
    Nobody,
    Opening,
    Opens,
    Stands,
    Step,
    Story,
    id_of,
)
from tests.domain.test_ledger_stories import said_of
from wattline.database.connection import Database
from wattline.domain.ledger import Code, Kind, Result, Transfer
from wattline.domain.ledger_accounts import AccountRules, Owner
from wattline.domain.ledger_checks import END_OF_TIME
from wattline.domain.refusals import Invalid
from wattline.operations.ledger import balances, book, expire_due
from wattline.operations.ledger_accounts import open_account
from wattline.operations.ledger_verify import verify

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

# Ids of what had to be booked before a story begins.
BEFORE = 1_000_000


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
async def test_the_verbs_answer_as_the_story_tells(story: Story, database: Database) -> None:
    stage = Stage(database)
    for step in story.steps:
        await stage.play(step)
    assert (await verify(database)).wrong == ()


class Stage:
    """An empty ledger, a clock, and colours for accounts."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.colours: dict[str, int] = {}
        self.limits: dict[str, str] = {}
        self.numbers: Iterator[int] = count(BEFORE)
        self.now = NOON

    async def play(self, step: Step) -> None:
        match step:
            case Opening(asked):
                assert [await self.open(each) for each in asked] == [each.said for each in asked]
            case Booking(asked):
                assert await self.book(asked) == [each.said for each in asked]
            case Begins():
                await self.begin(step)
            case Stands(colour, counters, closed):
                await self.look_at(colour, counters, closed=closed)
            case Nobody(colour):
                assert colour not in self.colours
            case Kept(number, amount, there):
                async with self.database.read() as connection:
                    kept = await connection.fetchval(AMOUNT, id_of(number))
                assert (kept is not None) is there
                assert amount is None or kept == amount
            case Later(seconds):
                self.now += timedelta(seconds=seconds)
                await expire_due(self.database, now=self.now)
            case NearTheEnd(seconds):
                self.now = END_OF_TIME - timedelta(seconds=seconds)

    async def open(self, asked: Opens) -> str:
        try:
            owner, rules = asked.as_owner(), asked.rules()
            async with self.database.begin() as tx:
                opened = await open_account(tx, owner, asked.currency, rules, now=self.now)
        except Invalid as refused:
            return said_of(refused, asked)
        if opened is None:
            return "exists"
        self.colours[asked.colour], self.limits[asked.colour] = opened, asked.limit
        return "created"

    async def book(self, asked: tuple[Asks, ...]) -> list[str]:
        async with self.database.begin() as tx:
            return [*await book(tx, [each.as_transfer(self.colours) for each in asked], now=self.now)]

    async def begin(self, step: Begins) -> None:
        """Give an account its first counters by booking them, each against an account made for it."""
        account = self.colours[step.colour]
        debits_pending, debits_posted, credits_pending, credits_posted = step.counters
        debits = [(account, None, debits_posted, Kind.PLAIN), (account, None, debits_pending, Kind.HOLD)]
        credits = [(None, account, credits_posted, Kind.PLAIN), (None, account, credits_pending, Kind.HOLD)]
        in_order = credits + debits if self.limits[step.colour] == "debits" else debits + credits
        async with self.database.begin() as tx:
            transfers = []
            for debit, credit, amount, kind in in_order:
                number = next(self.numbers)
                other = await open_account(tx, Owner("adjustment", f"{number}"), "eur", AccountRules(), now=self.now)
                assert other is not None
                transfer = Transfer(UUID(int=number), debit or other, credit or other, amount, "eur", Code.SALE, kind)
                transfers += [transfer] if amount else []
            assert set(await book(tx, transfers, now=self.now)) <= {Result.CREATED}

    async def look_at(self, colour: str, counters: tuple[int, int, int, int], *, closed: bool) -> None:
        account_id = self.colours[colour]
        async with self.database.read() as connection:
            stands = (await balances(connection, [account_id]))[account_id]
        debits = (stands.debits_pending, stands.debits_posted)
        assert (*debits, stands.credits_pending, stands.credits_posted) == counters, colour
        assert stands.closed is closed


AMOUNT = "select amount_minor from ledger_transfer where id = $1"
