"""Accounts: found or opened by whose they are, and their balances."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from wattline.database.connection import Connection, Transaction
from wattline.database.rows import rows_text
from wattline.domain.ledger import Balances, whole_minor
from wattline.domain.ledger_accounts import AccountRules, Owner, check_currency, rules_of
from wattline.operations import reference_data

__all__ = ["Owner", "account_of", "accounts_of", "balances", "set_credit_limit"]


async def account_of(tx: Transaction, owner: Owner, currency: str, *, now: datetime) -> int:
    """Find or open the account that somebody has in a currency, and return its id.

    Raises Invalid when the world has no such currency.
    """
    return (await accounts_of(tx, [owner], currency, now=now))[owner]


async def accounts_of(tx: Transaction, owners: Sequence[Owner], currency: str, *, now: datetime) -> Mapping[Owner, int]:
    """Find or open several accounts of one currency at once."""
    found = await _find(tx, owners, currency)
    missing = sorted({owner for owner in owners if owner not in found}, key=_by_name)
    if missing:
        await _open(tx, missing, currency, now)
        found = await _find(tx, owners, currency)
    return found


async def open_account(
    tx: Transaction, owner: Owner, currency: str, rules: AccountRules, *, now: datetime
) -> int | None:
    """Open an account by rules of its own; return its id, or None when there is one already.

    Raises Invalid when the world has no such currency.
    """
    check_currency(currency, reference_data.currencies())
    debits, credits = rules.debits_must_not_exceed_credits, rules.credits_must_not_exceed_debits
    opened: int | None = await tx.fetchval(OPEN, owner.kind, owner.key, currency, debits, credits, rules.slots, now)
    return opened


async def balances(connection: Connection, account_ids: Collection[int]) -> Mapping[int, Balances]:
    """Read the four counters of accounts, all as of one moment; unknown ids are left out."""
    rows = await connection.fetch(BALANCES, rows_text(list(account_ids)))
    return {row["id"]: Balances(**{name: value for name, value in row.items() if name != "id"}) for row in rows}


async def set_credit_limit(tx: Transaction, account_id: int, limit_minor: int) -> None:
    """Let a purse go this far below zero, from the next booking on. What was spent already stays spent.

    Nothing is written when nothing changes, so that two charges of one team need not wait for each other.
    """
    await tx.execute(SET_LIMIT, account_id, whole_minor("creditLimit", limit_minor))


async def _find(tx: Transaction, owners: Sequence[Owner], currency: str) -> dict[Owner, int]:
    kinds, keys = [owner.kind for owner in owners], [owner.key for owner in owners]
    rows = await tx.fetch(FIND, kinds, keys, currency)
    return {Owner(row["owner_kind"], row["owner_key"]): row["id"] for row in rows}


async def _open(tx: Transaction, owners: Sequence[Owner], currency: str, now: datetime) -> None:
    for owner in owners:
        await open_account(tx, owner, currency, rules_of(owner), now=now)


def _by_name(owner: Owner) -> tuple[str, str]:
    """Order owners, so that two transactions that open the same accounts do not wait for each other."""
    return owner.kind, owner.key


FIND = """
select account.owner_kind, account.owner_key, account.id
from unnest($1::text[], $2::text[]) as owner(kind, key)
join ledger_account account
  on account.owner_kind = owner.kind and account.owner_key = owner.key and account.currency = $3
"""

OPEN = """
with opened as (
  insert into ledger_account (owner_kind, owner_key, currency, debits_must_not_exceed_credits,
    credits_must_not_exceed_debits, slots, opened_at)
  values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning id, slots
), counters as (
  insert into ledger_balance (account_id, slot, alone)
  select id, slot, slots = 1 from opened, generate_series(0, slots - 1) as slot
)
select id from opened
"""

# Asked for as JSON, so that PostgreSQL keeps one plan: see operations/ledger_rows.py.
BALANCES = """
select account.id, account.currency, sum(balance.debits_pending)::bigint as debits_pending,
  sum(balance.debits_posted)::bigint as debits_posted, sum(balance.credits_pending)::bigint as credits_pending,
  sum(balance.credits_posted)::bigint as credits_posted, account.credit_limit_minor,
  bool_or(balance.closings > 0) as closed
from (select distinct text::bigint as id from json_array_elements_text($1::text::json) as text) asked
cross join lateral (
  select id, currency, credit_limit_minor from ledger_account where id = asked.id offset 0
) account
cross join lateral (select * from ledger_balance where account_id = account.id offset 0) balance
group by account.id, account.currency, account.credit_limit_minor
"""

# The highest limit there ever was explains what `verify` finds below today's.
SET_LIMIT = """
update ledger_account set credit_limit_minor = $2, credit_limit_highest_minor = greatest(credit_limit_highest_minor, $2)
where id = $1 and credit_limit_minor <> $2
"""
