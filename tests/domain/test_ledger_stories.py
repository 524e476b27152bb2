"""The stories about the ledger, played on the rules alone."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.domain.ledger_stories import STORIES
from tests.domain.ledger_stories.not_ours import NOT_OURS
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
from wattline.domain import ledger_books
from wattline.domain.ledger import Booked
from wattline.domain.ledger_accounts import Account, check_currency
from wattline.domain.ledger_books import Books
from wattline.domain.ledger_checks import END_OF_TIME
from wattline.domain.refusals import Invalid

CURRENCIES = {"eur", "dkk", "sek", "nok", "chf"}
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_the_rules_answer_as_the_story_tells(story: Story) -> None:
    stage = Stage()
    for step in story.steps:
        stage.play(step)


def test_all_477_rows_are_told_or_left_out_with_a_reason() -> None:
    assert (sum(story.rows for story in STORIES), len(NOT_OURS)) == (371, 106)
    assert all(each.why for each in NOT_OURS)


class Stage:
    """Empty books, a clock, and colours for accounts."""

    def __init__(self) -> None:
        self.books = Books()
        self.colours: dict[str, int] = {}
        self.now = NOON

    def play(self, step: Step) -> None:
        match step:
            case Opening(asked):
                assert [self.open(each) for each in asked] == [each.said for each in asked]
            case Booking(asked):
                assert self.book(asked) == [each.said for each in asked]
            case Begins(colour, counters):
                self.account(colour).debits_pending, self.account(colour).debits_posted = counters[:2]
                self.account(colour).credits_pending, self.account(colour).credits_posted = counters[2:]
            case Stands(colour, counters, closed):
                account = self.account(colour)
                debits = (account.debits_pending, account.debits_posted)
                assert (*debits, account.credits_pending, account.credits_posted) == counters, colour
                assert bool(account.closings) is closed
            case Nobody(colour):
                assert colour not in self.colours
            case Kept(number, amount, there):
                booked = self.books.transfers.get(id_of(number))
                assert (booked is not None) is there
                assert amount is None or (booked and booked.transfer.amount_minor == amount)
            case Later(seconds):
                self.now += timedelta(seconds=seconds)
                ledger_books.expire(self.books, self.due())
            case NearTheEnd(seconds):
                self.now = END_OF_TIME - timedelta(seconds=seconds)

    def open(self, asked: Opens) -> str:
        try:
            owner, rules = asked.as_owner(), asked.rules()
            check_currency(asked.currency, CURRENCIES)
        except Invalid as refused:
            return said_of(refused, asked)
        if owner.key in self.colours:
            return "exists"
        self.colours[owner.key] = len(self.colours) + 1
        self.books.accounts[self.colours[owner.key]] = Account(self.colours[owner.key], asked.currency, rules)
        return "created"

    def book(self, asked: tuple[Asks, ...]) -> list[str]:
        transfers = [each.as_transfer(self.colours) for each in asked]
        return [str(result) for result in ledger_books.book(self.books, transfers, now=self.now)]

    def account(self, colour: str) -> Account:
        return self.books.accounts[self.colours[colour]]

    def due(self) -> list[Booked]:
        open_holds = [booked for booked in self.books.transfers.values() if booked.settled_by is None]
        return [hold for hold in open_holds if hold.expires_at is not None and hold.expires_at <= self.now]


def said_of(refused: Invalid, asked: Opens) -> str:
    """Find the story's word for a refusal that names a field."""
    if refused.field == "owner":
        return "id_must_not_be_zero" if not asked.colour else "code_must_not_be_zero"
    return {"flags": "flags_are_mutually_exclusive", "currency": "currency_must_not_be_empty"}[refused.field]
