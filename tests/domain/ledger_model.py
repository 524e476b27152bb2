"""A ledger so simple that one can see it is right: it believes the answers, and knows what they have to mean.

It never decides whether something may be booked. It takes every *created* at its word, does the sums, and checks after
each step that the laws of double entry hold: so a wrong answer shows as a broken law.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from wattline.domain.ledger import AMOUNT_ALL, Kind, Result, Transfer
from wattline.domain.ledger_accounts import AccountRules

DEBITS_PENDING, DEBITS_POSTED, CREDITS_PENDING, CREDITS_POSTED = range(4)


@dataclass
class Hold:
    """Money that is held, and what became of it."""

    transfer: Transfer
    amount: int
    ends_at: datetime | None
    ended_by: Kind | None = None


class Model:
    """Four counters for each account, and every hold there was."""

    def __init__(self, currency_of: Mapping[int, str], rules_of: Mapping[int, AccountRules]) -> None:
        self.currency_of, self.rules_of = currency_of, rules_of
        self.counters = {id: [0, 0, 0, 0] for id in currency_of}
        self.holds: dict[UUID, Hold] = {}
        self.created: set[UUID] = set()

    def hear(self, chain: Sequence[Transfer], answers: Sequence[Result], *, now: datetime) -> None:
        """Take note of a chain and its answers."""
        created = [answer is Result.CREATED for answer in answers]
        assert len(set(created)) == 1, "a chain is booked whole or not at all"
        if not created[0]:
            assert any(answer is not Result.LINKED_EVENT_FAILED for answer in answers), "somebody broke the chain"
            return
        for transfer in chain:
            assert transfer.id not in self.created, "an id is booked once"
            self.created.add(transfer.id)
            self._settle(transfer, now) if transfer.pending_id else self._move(transfer, now)

    def expire(self, ids: Iterable[UUID]) -> None:
        """Take note that holds ended because their time was over."""
        for id in ids:
            self._end(self.holds[id], Kind.EXPIRE)

    def check_laws(self) -> None:
        """Check what has to be true at any moment."""
        for currency in set(self.currency_of.values()):
            books = [self.counters[id] for id, theirs in self.currency_of.items() if theirs == currency]
            assert sum(book[DEBITS_PENDING] for book in books) == sum(book[CREDITS_PENDING] for book in books)
            assert sum(book[DEBITS_POSTED] for book in books) == sum(book[CREDITS_POSTED] for book in books)
        for id, (debits_pending, debits_posted, credits_pending, credits_posted) in self.counters.items():
            assert min(self.counters[id]) >= 0
            if self.rules_of[id].debits_must_not_exceed_credits:
                assert debits_pending + debits_posted <= credits_posted
            if self.rules_of[id].credits_must_not_exceed_debits:
                assert credits_pending + credits_posted <= debits_posted

    def _move(self, transfer: Transfer, now: datetime) -> None:
        debit, credit = self.counters[transfer.debit], self.counters[transfer.credit]
        assert self.currency_of[transfer.debit] == self.currency_of[transfer.credit] == transfer.currency
        amount = transfer.amount_minor
        if transfer.balancing_debit:
            amount = min(amount, max(0, debit[CREDITS_POSTED] - debit[DEBITS_POSTED] - debit[DEBITS_PENDING]))
        if transfer.balancing_credit:
            amount = min(amount, max(0, credit[DEBITS_POSTED] - credit[CREDITS_POSTED] - credit[CREDITS_PENDING]))
        if transfer.kind is Kind.HOLD:
            seconds = transfer.timeout_seconds
            ends_at = now + timedelta(seconds=seconds) if seconds else None
            self.holds[transfer.id] = Hold(transfer, amount, ends_at)
            debit[DEBITS_PENDING] += amount
            credit[CREDITS_PENDING] += amount
        else:
            debit[DEBITS_POSTED] += amount
            credit[CREDITS_POSTED] += amount

    def _settle(self, transfer: Transfer, now: datetime) -> None:
        assert transfer.pending_id is not None
        hold = self.holds[transfer.pending_id]
        assert hold.ends_at is None or hold.ends_at > now, "a hold ends on time"
        self._end(hold, transfer.kind)
        if transfer.kind is Kind.POST:
            posted = hold.amount if transfer.amount_minor == AMOUNT_ALL else transfer.amount_minor
            assert posted <= hold.amount, "no more is posted than was held"
            self.counters[hold.transfer.debit][DEBITS_POSTED] += posted
            self.counters[hold.transfer.credit][CREDITS_POSTED] += posted

    def _end(self, hold: Hold, by: Kind) -> None:
        assert hold.ended_by is None, "a hold ends once"
        hold.ended_by = by
        self.counters[hold.transfer.debit][DEBITS_PENDING] -= hold.amount
        self.counters[hold.transfer.credit][CREDITS_PENDING] -= hold.amount
