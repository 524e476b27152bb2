"""Proving the books: what follows from the journal is worked out again and compared with what stands there."""

from collections.abc import Mapping
from dataclasses import dataclass

from wattline.database.connection import Database, Transaction

# A list that long says enough.
ROWS_MAX = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was counted, and the rows that are wrong: none when the books are right."""

    accounts: int
    journals: int
    transfers: int
    entries: int
    wrong: tuple[Mapping[str, object], ...]


async def verify(database: Database) -> Verdict:
    """Check all books as of one moment, while others go on working.

    PostgreSQL does the sums, and spills to disk what does not fit into its memory; only what is wrong comes here.
    """
    async with database.begin() as tx:
        await tx.execute("set transaction isolation level repeatable read, read only")
        await tx.execute("set local statement_timeout = 0")
        counts = await tx.fetchrow(COUNTS)
        assert counts is not None
        wrong = [row for question, sql in CHECKS.items() for row in await _ask(tx, question, sql)]
        return Verdict(**dict(counts), wrong=tuple(wrong))


async def _ask(tx: Transaction, question: str, sql: str) -> list[dict[str, object]]:
    rows = await tx.fetch(f"{sql} limit {ROWS_MAX}")
    return [{"check": question, "what": row[0], "stands": str(row[1]), "should": str(row[2])} for row in rows]


COUNTS = """
select (select count(*) from ledger_account) as accounts, (select count(*) from ledger_journal) as journals,
  (select count(*) from ledger_transfer) as transfers, (select count(*) from ledger_entry) as entries
"""

# Each answers with rows of three: what is wrong, what stands there, what it should be.
CHECKS: Mapping[str, str] = {
    "a balance is the sum of its entries": """
        select 'account ' || balance.account_id || ' slot ' || balance.slot,
          (balance.debits_pending, balance.debits_posted, balance.credits_pending, balance.credits_posted,
            balance.closings),
          (coalesce(sums.dp, 0), coalesce(sums.dpo, 0), coalesce(sums.cp, 0), coalesce(sums.cpo, 0),
            coalesce(sums.closings, 0))
        from ledger_balance balance
        full join (
          select account_id, slot,
            coalesce(sum(pending_minor) filter (where side = -1), 0) as dp,
            coalesce(sum(posted_minor) filter (where side = -1), 0) as dpo,
            coalesce(sum(pending_minor) filter (where side = 1), 0) as cp,
            coalesce(sum(posted_minor) filter (where side = 1), 0) as cpo,
            sum(closing) as closings
          from ledger_entry group by account_id, slot
        ) sums on sums.account_id = balance.account_id and sums.slot = balance.slot
        where (balance.debits_pending, balance.debits_posted, balance.credits_pending, balance.credits_posted,
            balance.closings)
          is distinct from (coalesce(sums.dp, 0), coalesce(sums.dpo, 0), coalesce(sums.cp, 0), coalesce(sums.cpo, 0),
            coalesce(sums.closings, 0))""",
    "the books sum to zero in each currency": """
        select account.currency,
          (sum(balance.debits_pending), sum(balance.debits_posted)),
          (sum(balance.credits_pending), sum(balance.credits_posted))
        from ledger_balance balance join ledger_account account on account.id = balance.account_id
        group by account.currency
        having sum(balance.debits_pending) <> sum(balance.credits_pending)
          or sum(balance.debits_posted) <> sum(balance.credits_posted)""",
    "a journal sums to zero in each currency": """
        select 'journal ' || journal_id || ' ' || currency,
          (sum(side * pending_minor), sum(side * posted_minor)), (0, 0)
        from ledger_entry group by journal_id, currency
        having sum(side * pending_minor) <> 0 or sum(side * posted_minor) <> 0""",
    "a transfer has the two entries that it means": """
        with meant as (
          select transfer.id, transfer.journal_id, transfer.currency, transfer.debit_account_id,
            transfer.credit_account_id,
            case when transfer.kind = 'hold' then transfer.amount_minor else -coalesce(hold.amount_minor, 0) end
              as pending_minor,
            case when transfer.kind in ('plain', 'post') then transfer.amount_minor else 0 end as posted_minor
          from ledger_transfer transfer
          left join ledger_transfer hold on hold.id = transfer.pending_id
        ), legs as (
          select id, journal_id, currency, debit_account_id as account_id, -1 as side, pending_minor, posted_minor
          from meant
          union all
          select id, journal_id, currency, credit_account_id, 1, pending_minor, posted_minor from meant
        )
        select 'transfer ' || coalesce(legs.id, entry.transfer_id),
          (entry.account_id, entry.side, entry.currency, entry.pending_minor, entry.posted_minor, entry.journal_id),
          (legs.account_id, legs.side, legs.currency, legs.pending_minor, legs.posted_minor, legs.journal_id)
        from legs
        full join ledger_entry entry on entry.transfer_id = legs.id and entry.side = legs.side
        where (entry.account_id, entry.currency, entry.pending_minor, entry.posted_minor, entry.journal_id)
          is distinct from (legs.account_id, legs.currency, legs.pending_minor, legs.posted_minor, legs.journal_id)""",
    "a settlement belongs to a hold and is no larger": """
        select 'transfer ' || transfer.id, (transfer.kind, transfer.amount_minor), (hold.kind, hold.amount_minor)
        from ledger_transfer transfer
        left join ledger_transfer hold on hold.id = transfer.pending_id
        where transfer.pending_id is not null
          and (hold.kind is distinct from 'hold' or transfer.amount_minor > hold.amount_minor)""",
    "an open hold is one that nothing settled": """
        select 'hold ' || coalesce(held.id, listed.transfer_id), listed.expires_at, held.expires_at
        from (
          select transfer.id, transfer.expires_at from ledger_transfer transfer
          left join ledger_transfer settled on settled.pending_id = transfer.id
          where transfer.kind = 'hold' and settled.id is null
        ) held
        full join ledger_open_hold listed on listed.transfer_id = held.id
        where held.id is null or listed.transfer_id is null or listed.expires_at is distinct from held.expires_at""",
    "a limit is kept": """
        select 'account ' || account.id, (sum(balance.debits_pending), sum(balance.debits_posted)),
          (sum(balance.credits_pending), sum(balance.credits_posted), account.credit_limit_highest_minor)
        from ledger_account account join ledger_balance balance on balance.account_id = account.id
        group by account.id
        having (account.debits_must_not_exceed_credits
            and sum(balance.debits_pending + balance.debits_posted)
              > sum(balance.credits_posted) + account.credit_limit_highest_minor)
          or (account.credits_must_not_exceed_debits
            and sum(balance.credits_pending + balance.credits_posted) > sum(balance.debits_posted))
          or sum(balance.debits_pending) < 0 or sum(balance.credits_pending) < 0""",
    "a journal has its transfers": """
        select 'journal ' || journal.id, coalesce(found.transfers, 0), journal.transfers
        from ledger_journal journal
        left join (select journal_id, count(*) as transfers from ledger_transfer group by journal_id) found
          on found.journal_id = journal.id
        where found.transfers is distinct from journal.transfers""",
}
