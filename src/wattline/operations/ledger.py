"""Booking transfers: lock the accounts, load what the rules ask for, write what they decide; three statements a batch.

`book` is a step of a verb: one call for each transaction, with everything that has to be booked together, because two
calls may lock the same accounts in different orders (one of the two transactions then fails, and nothing is booked).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from wattline.database.connection import Database, Transaction
from wattline.domain import ledger_books
from wattline.domain.ledger import DONE, Booked, LedgerRefused, Result, Transfer
from wattline.domain.ledger_books import Books
from wattline.operations.ledger_accounts import account_of, accounts_of, balances
from wattline.operations.ledger_rows import (
    Locked,
    Need,
    accounts_of_holds,
    load_transfers,
    lock_accounts,
    lock_ids,
    write,
)

__all__ = ["account_of", "accounts_of", "balances", "book", "book_or_refuse", "expire_due", "expire_holds"]

AT_ONCE = 500


async def book(tx: Transaction, transfers: Sequence[Transfer], *, now: datetime) -> tuple[Result, ...]:
    """Book what can be booked; return what became of each, in order. A chain that is refused writes nothing of itself.

    The same ids again, with the same fields, are answered with EXISTS. Two transactions that book the same new id at
    the same moment wait for each other, and the second hears EXISTS.
    """
    if not transfers:
        return ()
    between = await accounts_of_holds(tx, _holds_to_ask(transfers))
    locked = await lock_accounts(tx, _needs(transfers, between))
    await lock_ids(tx, _ids_without_a_lock(transfers, between, locked))
    asked = {id for each in transfers for id in (each.id, each.pending_id) if id}
    books = Books(locked.accounts, *await load_transfers(tx, asked))
    results = ledger_books.book(books, transfers, now=now)
    await write(tx, books, locked, now=now)
    return results


async def book_or_refuse(tx: Transaction, transfers: Sequence[Transfer], *, now: datetime) -> None:
    """Book everything. Raises LedgerRefused, which has to leave the transaction, on anything but CREATED and EXISTS."""
    results = await book(tx, transfers, now=now)
    refused = [(result, transfer) for result, transfer in zip(results, transfers, strict=True) if result not in DONE]
    for result, transfer in refused:
        # The one that broke the chain, rather than those that broke with it.
        if result is not Result.LINKED_EVENT_FAILED:
            raise LedgerRefused(result, transfer)
    if refused:
        raise LedgerRefused(*refused[0])


async def expire_due(database: Database, *, now: datetime) -> int:
    """Give back what holds kept whose time is over, some hundred in one transaction; return how many."""
    async with database.begin() as tx:
        return await expire_holds(tx, now=now, limit=AT_ONCE)


async def expire_holds(tx: Transaction, *, now: datetime, limit: int) -> int:
    """Write an EXPIRE for each hold that is due and not settled, the oldest first; return how many."""
    due = [row["transfer_id"] for row in await tx.fetch(DUE, now, limit)]
    if not due:
        return 0
    between = await accounts_of_holds(tx, due)
    locked = await lock_accounts(tx, dict.fromkeys((id for pair in between.values() for id in pair), Need.LOCK))
    await lock_ids(tx, [id for id, pair in between.items() if all(map(locked.is_spread, pair))])
    # Read after the accounts are locked: what was settled meanwhile is seen, and nothing can be settled from here on.
    transfers, failed = await load_transfers(tx, due)
    books = Books(locked.accounts, transfers, failed)
    holds = [hold for hold_id in due if _is_open(hold := transfers[hold_id])]
    ledger_books.expire(books, holds)
    await write(tx, books, locked, now=now)
    return len(holds)


def _holds_to_ask(transfers: Iterable[Transfer]) -> Collection[UUID]:
    """Find the holds of settlements that leave out accounts."""
    return [each.pending_id for each in transfers if each.pending_id and not (each.debit and each.credit)]


def _needs(transfers: Iterable[Transfer], between: Mapping[UUID, tuple[int, int]]) -> dict[int, int]:
    """Say of each account what is to be known of it: its balance for balancing, its limit on the side that grows."""
    needs: dict[int, int] = dict.fromkeys((id for pair in between.values() for id in pair), Need.LOCK)
    for transfer in transfers:
        debit, credit = needs.get(transfer.debit, Need.LOCK), needs.get(transfer.credit, Need.LOCK)
        needs[transfer.debit] = debit | Need.DEBIT | (Need.BALANCE if transfer.balancing_debit else Need.LOCK)
        needs[transfer.credit] = credit | Need.CREDIT | (Need.BALANCE if transfer.balancing_credit else Need.LOCK)
    return needs


def _ids_without_a_lock(
    transfers: Iterable[Transfer], between: Mapping[UUID, tuple[int, int]], locked: Locked
) -> Collection[UUID]:
    """Find ids that others may book meanwhile, since two connections lock different rows of a spread account."""
    ids = set()
    for each in transfers:
        debit, credit = between.get(each.pending_id or each.id, (each.debit, each.credit))
        if locked.is_spread(debit) and locked.is_spread(credit):
            ids |= {each.id, each.pending_id or each.id}
    return ids


def _is_open(hold: Booked) -> bool:
    return hold.settled_by is None


DUE = """
select transfer_id from ledger_open_hold where expires_at <= $1 order by expires_at, transfer_id limit $2
"""
