"""Whatever is asked of the books, in whatever order: they agree with a model so simple that one can see it is right."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.ledger_model import Model
from wattline.domain import ledger_books
from wattline.domain.ledger import AMOUNT_ALL, Code, Kind, Result, Transfer
from wattline.domain.ledger_accounts import Account, AccountRules
from wattline.domain.ledger_books import Books, Line, chains

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)

LIMITED = AccountRules(debits_must_not_exceed_credits=True)
LIMITED_THE_OTHER_WAY = AccountRules(credits_must_not_exceed_debits=True)
FREE = AccountRules()

CURRENCY_OF = {1: "eur", 2: "eur", 3: "eur", 4: "eur", 5: "eur", 6: "dkk", 7: "dkk"}
RULES_OF = {1: FREE, 2: LIMITED, 3: LIMITED, 4: LIMITED_THE_OTHER_WAY, 5: FREE, 6: FREE, 7: LIMITED}


class Town:
    """Books, the model of them, and somebody who asks for all sorts of things."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = NOON
        self.books = Books({id: Account(id, currency, RULES_OF[id]) for id, currency in CURRENCY_OF.items()})
        self.model = Model(CURRENCY_OF, RULES_OF)
        self.asked: list[Transfer] = []
        self.open_holds: list[UUID] = []
        self.timed: list[UUID] = []
        self.ids: Iterator[int] = count(1)
        self.operations = 0

    def live(self, batches: int) -> None:
        for _ in range(batches):
            self.pass_time()
            if self.chance.random() < 0.2:
                self.let_holds_expire()
            self.book(self.some_transfers())

    def pass_time(self) -> None:
        self.now += timedelta(seconds=self.chance.randint(0, 3))

    def book(self, transfers: Sequence[Transfer]) -> tuple[Result, ...]:
        results = ledger_books.book(self.books, transfers, now=self.now)
        self.asked = [*self.asked, *transfers][-60:]
        self.operations += len(transfers)
        for chain, answers in zip(chains(transfers), chains_of(transfers, results), strict=True):
            self.model.hear(chain, answers, now=self.now)
        for transfer, result in zip(transfers, results, strict=True):
            if result is Result.CREATED and transfer.kind is Kind.HOLD:
                self.open_holds = [*self.open_holds, transfer.id][-30:]
                self.timed += [transfer.id] if transfer.timeout_seconds else []
        self.compare()
        return results

    def let_holds_expire(self) -> None:
        self.timed = [id for id in self.timed if self.model.holds[id].ended_by is None]
        due = [id for id in self.timed if (self.model.holds[id].ends_at or NEVER) <= self.now]
        ledger_books.expire(self.books, [self.books.transfers[id] for id in due])
        self.model.expire(due)
        self.compare()

    def compare(self) -> None:
        for id, account in self.books.accounts.items():
            debits = (account.debits_pending, account.debits_posted)
            assert (*debits, account.credits_pending, account.credits_posted) == tuple(self.model.counters[id]), id
        self.model.check_laws()

    # What is asked for ---------------------------------------------------------------------------------------------

    def some_transfers(self) -> list[Transfer]:
        transfers = [self.one() for _ in range(self.chance.choice((1, 1, 1, 2, 4)))]
        return [*transfers[:-1], replace(transfers[-1], linked=self.chance.random() < 0.02)]

    def one(self) -> Transfer:
        draw = self.chance.random()
        if self.asked and draw < 0.1:
            return self.chance.choice(self.asked)
        if self.asked and draw < 0.15:
            return replace(self.chance.choice(self.asked), amount_minor=self.chance.randint(0, 90))
        if self.open_holds and draw < 0.5:
            return self.settlement()
        return self.movement()

    def settlement(self) -> Transfer:
        kind = self.chance.choice((Kind.POST, Kind.POST, Kind.VOID))
        hold = self.books.transfers[self.chance.choice(self.open_holds)].transfer
        amount = self.chance.choice((AMOUNT_ALL, hold.amount_minor, hold.amount_minor // 2, 0, 51))
        return Transfer(
            self.new_id(), 0, 0, 0 if kind is Kind.VOID else amount, "", Code.NONE, kind,
            pending_id=hold.id, linked=self.chance.random() < 0.2,
        )  # fmt: skip

    def movement(self) -> Transfer:
        kind = self.chance.choice((Kind.PLAIN, Kind.HOLD))
        debit, credit = self.chance.choices((1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 99), k=2)
        closing = kind is Kind.HOLD and self.chance.random() < 0.03
        return Transfer(
            self.new_id(), debit, credit, self.chance.choice((0, 1, 10, 50, 200, AMOUNT_ALL)),
            CURRENCY_OF.get(debit, "eur"), Code.SALE, kind,
            timeout_seconds=self.chance.choice((0, 1, 5, 30)) if kind is Kind.HOLD else 0,
            linked=self.chance.random() < 0.2,
            balancing_debit=self.chance.random() < 0.2, balancing_credit=self.chance.random() < 0.1,
            closing_debit=closing, closing_credit=closing and self.chance.random() < 0.5,
        )  # fmt: skip

    def new_id(self) -> UUID:
        return UUID(int=next(self.ids))


def chains_of(transfers: Sequence[Transfer], results: Sequence[Result]) -> Iterator[Sequence[Result]]:
    start = 0
    for chain in chains(transfers):
        yield results[start : start + len(chain)]
        start += len(chain)


@given(st.integers(0, 2**32))
def test_the_books_agree_with_the_model(seed: int) -> None:
    Town(seed).live(batches=60)


@given(st.integers(0, 2**32))
def test_asking_again_for_what_was_booked_changes_nothing(seed: int) -> None:
    town = Town(seed)
    batches = [town.some_transfers() for _ in range(20)]
    chain_answers = [
        pair for batch in batches for pair in zip(chains(batch), chains_of(batch, town.book(batch)), strict=True)
    ]
    before = {id: replace(account) for id, account in town.books.accounts.items()}
    for chain, answers in chain_answers:
        if answers[0] is Result.CREATED:
            assert set(ledger_books.book(town.books, chain, now=town.now)) == {Result.EXISTS}
    assert town.books.accounts == before


@given(st.integers(0, 2**32))
def test_the_journal_alone_gives_the_balances(seed: int) -> None:
    town = Town(seed)
    town.live(batches=40)
    assert replayed(town.books.written) == town.model.counters


@pytest.mark.long
def test_a_million_operations() -> None:
    operations = 0
    for seed in range(50):
        town = Town(seed)
        while town.operations < 20_000:
            town.live(batches=500)
        assert replayed(town.books.written) == town.model.counters
        operations += town.operations
    assert operations >= 1_000_000


def replayed(journals: Sequence[Sequence[Line]]) -> Mapping[int, list[int]]:
    """Work the counters out from what was written, and from nothing else."""
    counters = {id: [0, 0, 0, 0] for id in CURRENCY_OF}
    for leg in (leg for lines in journals for line in lines for leg in (line.debit, line.credit)):
        place = 0 if leg.side == ledger_books.DEBIT else 2
        counters[leg.account_id][place] += leg.pending_minor
        counters[leg.account_id][place + 1] += leg.posted_minor
    return counters
