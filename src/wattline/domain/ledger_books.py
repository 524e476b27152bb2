"""The books while a batch of transfers passes over them: who is checked, in which order, and what is written.

`book` is the one way in. It changes the Books it is given, which are a working copy of what the caller loaded, and
leaves in `written` what the journal has to keep.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from wattline.domain.ledger import LAST_ID, NO_ID, TRANSIENT, Booked, Kind, Result, Transfer
from wattline.domain.ledger_accounts import Account
from wattline.domain.ledger_checks import (
    check_move,
    check_move_names,
    check_settlement,
    check_settlement_names,
    filled_in,
)
from wattline.domain.ledger_repeats import compare

# Makes the id of an expiry out of the hold's, so that two workers write the same one.
EXPIRY: Final = UUID("5d9f29ab-0c5e-5f4c-9f0e-6a4b2c1d7e80")

DEBIT: Final = -1
CREDIT: Final = 1
SETTLING: Final = frozenset({Kind.POST, Kind.VOID})
MOVING: Final = frozenset({Kind.PLAIN, Kind.POST})


@dataclass(frozen=True, slots=True)
class Leg:
    """What a transfer changes on one account. `side` is DEBIT or CREDIT."""

    account_id: int
    side: int
    pending_minor: int
    posted_minor: int
    closing: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A transfer that was booked, with its two legs."""

    booked: Booked
    debit: Leg
    credit: Leg


@dataclass(slots=True)
class Books:
    """Accounts and transfers that a batch may touch, and what it wrote: a list of lines for each journal."""

    accounts: dict[int, Account] = field(default_factory=dict)
    transfers: dict[UUID, Booked] = field(default_factory=dict)
    failed: set[UUID] = field(default_factory=set)
    written: list[list[Line]] = field(default_factory=list)
    newly_failed: list[tuple[UUID, Result]] = field(default_factory=list)

    def keep(self, booked: Booked) -> Line:
        """Write one transfer down: its legs pass over the accounts, and a hold learns what settled it."""
        transfer = booked.transfer
        hold = self.transfers[transfer.pending_id] if transfer.pending_id else None
        if hold is not None:
            self.transfers[hold.transfer.id] = Booked(hold.transfer, hold.expires_at, transfer.kind)
        self.transfers[transfer.id] = booked
        line = Line(booked, *_legs_of(transfer, hold.transfer if hold else None))
        self._apply(line, sign=1)
        return line

    def take_back(self, lines: Sequence[Line]) -> None:
        """Undo lines of a chain that broke, the last one first."""
        for line in reversed(lines):
            transfer = line.booked.transfer
            self._apply(line, sign=-1)
            del self.transfers[transfer.id]
            if transfer.pending_id:
                hold = self.transfers[transfer.pending_id]
                self.transfers[transfer.pending_id] = replace(hold, settled_by=None)

    def _apply(self, line: Line, *, sign: int) -> None:
        debited, credited = self.accounts[line.debit.account_id], self.accounts[line.credit.account_id]
        debited.debits_pending += sign * line.debit.pending_minor
        debited.debits_posted += sign * line.debit.posted_minor
        debited.closings += sign * line.debit.closing
        credited.credits_pending += sign * line.credit.pending_minor
        credited.credits_posted += sign * line.credit.posted_minor
        credited.closings += sign * line.credit.closing


def book(books: Books, transfers: Sequence[Transfer], *, now: datetime) -> tuple[Result, ...]:
    """Book what can be booked and say of each transfer what became of it.

    A chain (transfers tied by `linked`) is one journal, and so is a transfer alone. What fails in a chain takes the
    whole of it back; a chain that was booked before, the same in every part, is answered with EXISTS throughout.
    """
    results: list[Result] = []
    for chain in chains(transfers):
        results += _book_chain(books, chain, now)
    return tuple(results)


def expire(books: Books, holds: Iterable[Booked]) -> None:
    """Give back what holds kept whose time is over. Each is a journal of its own."""
    for hold in holds:
        kept = hold.transfer
        given_back = Transfer(
            expiry_id(kept.id), kept.debit, kept.credit, kept.amount_minor, kept.currency, kept.code, Kind.EXPIRE,
            pending_id=kept.id, reference=kept.reference,
        )  # fmt: skip
        books.written.append([books.keep(Booked(given_back))])


def expiry_id(hold_id: UUID) -> UUID:
    """Name the transfer that ends a hold when its time is over."""
    return uuid5(EXPIRY, hold_id.hex)


def chains(transfers: Sequence[Transfer]) -> Iterator[Sequence[Transfer]]:
    """Cut a batch after each transfer that is not tied to the next."""
    start = 0
    for end, transfer in enumerate(transfers, start=1):
        if not transfer.linked or end == len(transfers):
            yield transfers[start:end]
            start = end


def _book_chain(books: Books, chain: Sequence[Transfer], now: datetime) -> Sequence[Result]:
    if len(chain) > 1 and _all_there(books, chain):
        return [Result.EXISTS] * len(chain)
    lines: list[Line] = []
    for position, transfer in enumerate(chain):
        result = Result.LINKED_EVENT_CHAIN_OPEN if _is_open(chain, position) else _book_one(books, transfer, now, lines)
        if result is not Result.CREATED:
            return _broken(books, chain, lines, position, result)
    books.written.append(lines)
    return [Result.CREATED] * len(chain)


def _broken(
    books: Books, chain: Sequence[Transfer], lines: Sequence[Line], position: int, result: Result
) -> Sequence[Result]:
    books.take_back(lines)
    if result in TRANSIENT:
        books.failed.add(chain[position].id)
        books.newly_failed.append((chain[position].id, result))
    results = [Result.LINKED_EVENT_FAILED] * len(chain)
    results[position] = result
    if _is_open(chain, len(chain) - 1):
        results[-1] = Result.LINKED_EVENT_CHAIN_OPEN
    return results


def _is_open(chain: Sequence[Transfer], position: int) -> bool:
    return position == len(chain) - 1 and chain[position].linked


def _all_there(books: Books, chain: Sequence[Transfer]) -> bool:
    """Tell whether a whole chain is a repeat."""
    if chain[-1].linked or any(transfer.id not in books.transfers for transfer in chain):
        return False
    return all(_compare(books, transfer) is Result.EXISTS for transfer in chain)


def _compare(books: Books, transfer: Transfer) -> Result:
    before = books.transfers[transfer.id].transfer
    hold = books.transfers.get(before.pending_id) if before.pending_id else None
    return compare(transfer, before, hold.transfer if hold else None)


def _book_one(books: Books, transfer: Transfer, now: datetime, lines: list[Line]) -> Result:
    if transfer.id == NO_ID:
        return Result.ID_MUST_NOT_BE_ZERO
    if transfer.id == LAST_ID:
        return Result.ID_MUST_NOT_BE_INT_MAX
    if transfer.id in books.transfers:
        return _compare(books, transfer)
    if transfer.id in books.failed:
        return Result.ID_ALREADY_FAILED
    booked = (_settle if transfer.kind in SETTLING else _move)(books, transfer, now)
    if isinstance(booked, Result):
        return booked
    lines.append(books.keep(booked))
    return Result.CREATED


def _move(books: Books, transfer: Transfer, now: datetime) -> Booked | Result:
    """Check a PLAIN or HOLD, and work out its amount and end."""
    if refused := check_move_names(transfer):
        return refused
    checked = check_move(transfer, books.accounts.get(transfer.debit), books.accounts.get(transfer.credit), now)
    if isinstance(checked, Result):
        return checked
    expires_at = now + timedelta(seconds=transfer.timeout_seconds) if transfer.timeout_seconds else None
    return Booked(transfer if checked == transfer.amount_minor else replace(transfer, amount_minor=checked), expires_at)


def _settle(books: Books, transfer: Transfer, now: datetime) -> Booked | Result:
    """Check a POST or VOID, and fill in what it leaves to its hold."""
    if refused := check_settlement_names(transfer):
        return refused
    assert transfer.pending_id is not None
    hold = books.transfers.get(transfer.pending_id)
    if hold is None:
        return Result.PENDING_TRANSFER_NOT_FOUND
    kept, accounts = hold.transfer, books.accounts
    checked = check_settlement(transfer, hold, accounts.get(kept.debit), accounts.get(kept.credit), now)
    if isinstance(checked, Result):
        return checked
    return Booked(filled_in(transfer, kept, checked))


def _legs_of(transfer: Transfer, hold: Transfer | None) -> tuple[Leg, Leg]:
    """Say what a transfer changes: the hold it ends is given back whole, what is posted moves for good."""
    pending = posted = 0
    if transfer.kind is Kind.HOLD:
        pending = transfer.amount_minor
    elif transfer.kind in MOVING:
        posted = transfer.amount_minor
    closing = transfer
    if hold is not None:
        pending, closing = -hold.amount_minor, hold
    sign = -1 if hold is not None else 1
    return (
        Leg(transfer.debit, DEBIT, pending, posted, sign * closing.closing_debit),
        Leg(transfer.credit, CREDIT, pending, posted, sign * closing.closing_credit),
    )
