"""The ledger's rows: accounts locked in the order of their ids, transfers as they stand, journals written whole."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache
from uuid import UUID

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.database.rows import rows_text
from wattline.domain.ledger import LAST_ID, NO_ID, Booked, Code, Kind, Transfer
from wattline.domain.ledger_accounts import Account, AccountRules
from wattline.domain.ledger_books import Books, Line

BIGINT_MAX = 2**63 - 1

# There are a handful of rules, and a batch locks hundreds of accounts.
_rules = cache(AccountRules)


class Need(IntEnum):
    """What a batch has to know of an account, as bits. A spread one is locked whole only when its balance decides."""

    LOCK = 0
    DEBIT = 1
    CREDIT = 2
    BALANCE = 4


class Flag(IntEnum):
    """The bits in which the flags of a transfer are kept."""

    LINKED = 1
    BALANCING_DEBIT = 2
    BALANCING_CREDIT = 4
    CLOSING_DEBIT = 8
    CLOSING_CREDIT = 16


@dataclass(frozen=True, slots=True)
class Locked:
    """Accounts that nobody else changes until this transaction ends. `server_pid` chooses the slots of spread ones."""

    accounts: dict[int, Account]
    server_pid: int

    def slot_of(self, account_id: int) -> int:
        """Name the row of an account's counters that this connection writes to."""
        return self.server_pid % self.accounts[account_id].rules.slots

    def is_spread(self, account_id: int) -> bool:
        """Tell whether two connections may write to an account at the same moment."""
        return account_id in self.accounts and self.accounts[account_id].rules.slots > 1


async def accounts_of_holds(tx: Transaction, holds: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Find between which accounts holds were booked, which never changes."""
    rows = await tx.fetch(OF_HOLDS, holds) if holds else []
    return {row["id"]: (row["debit_account_id"], row["credit_account_id"]) for row in rows}


async def lock_accounts(tx: Transaction, needs: Mapping[int, int]) -> Locked:
    """Lock accounts in the order of their ids; what is not there is left out."""
    needed = [{"id": id, "need": need} for id, need in needs.items() if 0 < id < BIGINT_MAX]
    server_pid = tx.get_server_pid()
    rows = await tx.fetch(LOCK_ACCOUNTS, rows_text(needed), server_pid)
    accounts: dict[int, Account] = {}
    for row in rows:
        account = accounts.get(row["id"])
        if account is None:
            account = accounts[row["id"]] = _account(row)
        account.debits_pending += row["debits_pending"]
        account.debits_posted += row["debits_posted"]
        account.credits_pending += row["credits_pending"]
        account.credits_posted += row["credits_posted"]
        account.closings += row["closings"]
    return Locked(accounts, server_pid)


async def lock_ids(tx: Transaction, ids: Collection[UUID]) -> None:
    """Let nobody else book these ids until this transaction ends."""
    if ids:
        await tx.execute(LOCK_IDS, sorted(ids))


async def load_transfers(tx: Transaction, ids: Collection[UUID]) -> tuple[dict[UUID, Booked], set[UUID]]:
    """Load transfers as they stand, and which of the ids failed."""
    rows = await tx.fetch(LOAD, rows_text([each for each in ids if each not in (NO_ID, LAST_ID)]))
    found = {row["id"]: _booked(row) for row in rows if row["id"] is not None}
    return found, {row["asked"] for row in rows if row["id"] is None}


async def write(tx: Transaction, books: Books, locked: Locked, *, now: datetime) -> None:
    """Write journals, transfers and entries in one statement; balances and the list of open holds follow them."""
    if books.written:
        transfers = [_row(lines, position, locked) for lines in books.written for position in range(len(lines))]
        await tx.execute(WRITE, rows_text(transfers), now)
    if books.newly_failed:
        ids, results = zip(*books.newly_failed, strict=True)
        await tx.execute(WRITE_FAILED, ids, results, now)


def _account(row: Record) -> Account:
    rules = _rules(row["debits_must_not_exceed_credits"], row["credits_must_not_exceed_debits"], row["slots"])
    return Account(row["id"], row["currency"], rules, row["credit_limit_minor"])


def _booked(row: Record) -> Booked:
    flags = row["flags"]
    transfer = Transfer(
        id=row["id"],
        debit=row["debit_account_id"],
        credit=row["credit_account_id"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        code=Code(row["code"]),
        kind=Kind(row["kind"]),
        pending_id=row["pending_id"],
        timeout_seconds=row["timeout_seconds"],
        linked=bool(flags & Flag.LINKED),
        balancing_debit=bool(flags & Flag.BALANCING_DEBIT),
        balancing_credit=bool(flags & Flag.BALANCING_CREDIT),
        closing_debit=bool(flags & Flag.CLOSING_DEBIT),
        closing_credit=bool(flags & Flag.CLOSING_CREDIT),
        reference=row["reference"],
    )
    return Booked(transfer, row["expires_at"], Kind(row["settled_by"]) if row["settled_by"] else None)


def _row(lines: Sequence[Line], position: int, locked: Locked) -> dict[str, object]:
    line = lines[position]
    transfer = line.booked.transfer
    return {
        "id": transfer.id,
        "journal_id": lines[0].booked.transfer.id,
        "position": position,
        "chain": len(lines),
        "kind": transfer.kind,
        "debit_account_id": transfer.debit,
        "credit_account_id": transfer.credit,
        "amount_minor": transfer.amount_minor,
        "currency": transfer.currency,
        "code": transfer.code,
        "pending_id": transfer.pending_id,
        "timeout_seconds": transfer.timeout_seconds,
        "expires_at": line.booked.expires_at,
        "flags": _flags(transfer),
        "reference": transfer.reference,
        "pending_minor": line.debit.pending_minor,
        "posted_minor": line.debit.posted_minor,
        "debit_closing": line.debit.closing,
        "credit_closing": line.credit.closing,
        "debit_slot": locked.slot_of(transfer.debit),
        "credit_slot": locked.slot_of(transfer.credit),
    }


def _flags(transfer: Transfer) -> int:
    return (
        transfer.linked * Flag.LINKED
        | transfer.balancing_debit * Flag.BALANCING_DEBIT
        | transfer.balancing_credit * Flag.BALANCING_CREDIT
        | transfer.closing_debit * Flag.CLOSING_DEBIT
        | transfer.closing_credit * Flag.CLOSING_CREDIT
    )


OF_HOLDS = "select id, debit_account_id, credit_account_id from ledger_transfer where id = any($1::uuid[])"

# What is asked for comes as JSON, of whose length PostgreSQL assumes nothing: so it keeps one plan, instead of making
# one for each batch. And `offset 0` leaves it no choice but to look into the index once for each id, however large
# the tables have grown since.

# Rows are locked one after the other in an order that all keep (account, slot), so that no two batches wait for each
# other. The bits of `need` are those of Need.
LOCK_ACCOUNTS = """
select account.*, balance.*
from (
  select id, need from json_to_recordset($1::text::json) as needed(id bigint, need int) order by id offset 0
) needed
cross join lateral (
  select id, currency, debits_must_not_exceed_credits, credits_must_not_exceed_debits, credit_limit_minor, slots
  from ledger_account where id = needed.id offset 0
) account
cross join lateral (
  select debits_pending, debits_posted, credits_pending, credits_posted, closings from ledger_balance
  where account_id = needed.id and (
    slot = $2 % account.slots
    or needed.need & 4 > 0
    or (account.debits_must_not_exceed_credits and needed.need & 1 > 0)
    or (account.credits_must_not_exceed_debits and needed.need & 2 > 0)
  )
  order by slot for no key update
) balance
"""

LOCK_IDS = "select pg_advisory_xact_lock(hashtextextended(id::text, 0)) from unnest($1::uuid[]) as id"

LOAD = """
select asked.id as asked, transfer.*, settled.kind as settled_by
from (select text::uuid as id from json_array_elements_text($1::text::json) as text) asked
left join lateral (select * from ledger_transfer where id = asked.id offset 0) transfer on true
left join lateral (select kind from ledger_transfer where pending_id = asked.id offset 0) settled on true
left join lateral (select result from ledger_failed where transfer_id = asked.id offset 0) failed on true
where transfer.id is not null or failed.result is not null
"""

WRITE = """
with moved as materialized (
  select * from json_to_recordset($1::text::json) as moved(
    id uuid, journal_id uuid, position int, chain int, kind text, debit_account_id bigint, credit_account_id bigint,
    amount_minor bigint, currency text, code smallint, pending_id uuid, timeout_seconds int, expires_at timestamptz,
    flags smallint, reference text, pending_minor bigint, posted_minor bigint, debit_closing smallint,
    credit_closing smallint, debit_slot smallint, credit_slot smallint)
), journal as (
  insert into ledger_journal (id, transfers, booked_at)
  select journal_id, chain, $2 from moved where position = 0
), transfer as (
  insert into ledger_transfer (id, journal_id, position, kind, debit_account_id, credit_account_id, amount_minor,
    currency, code, pending_id, timeout_seconds, expires_at, flags, reference)
  select id, journal_id, position, kind, debit_account_id, credit_account_id, amount_minor,
    currency, code, pending_id, timeout_seconds, expires_at, flags, reference from moved
)
insert into ledger_entry
  (journal_id, transfer_id, account_id, side, currency, pending_minor, posted_minor, closing, slot)
select moved.journal_id, moved.id, leg.account_id, leg.side, moved.currency, moved.pending_minor, moved.posted_minor,
  leg.closing, leg.slot
from moved cross join lateral (values
  (debit_account_id, -1, debit_closing, debit_slot),
  (credit_account_id, 1, credit_closing, credit_slot)
) as leg(account_id, side, closing, slot)
"""

WRITE_FAILED = """
insert into ledger_failed (transfer_id, result, failed_at)
select id, result, $3 from unnest($1::uuid[], $2::text[]) as failed(id, result)
on conflict do nothing
"""
