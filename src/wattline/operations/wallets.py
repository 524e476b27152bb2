"""Wallets: found or opened by whose they are, and what is in them.

A wallet is a row with two ledger accounts: money, and credit that can be spent but not withdrawn.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection, Transaction
from wattline.domain.ledger_accounts import Owner
from wattline.domain.refusals import Unknown
from wattline.operations.ledger_accounts import accounts_of, balances, set_credit_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """A purse. `owner_type` is team, operator or user."""

    id: int
    operator_id: int
    owner_type: str
    owner_id: int
    currency: str
    account_id: int
    credit_account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is in a wallet, in minor units.

    `spendable_minor` is what a charge may hold: money, credit, and how far below zero the wallet may go, less what is
    held already.
    """

    amount_minor: int
    credit_minor: int
    held_minor: int
    spendable_minor: int
    spendable_credit_minor: int


async def wallet_of(tx: Transaction, owner_type: str, owner_id: int, currency: str, *, now: datetime) -> Wallet:
    """Find somebody's wallet of a currency, or open it. Raises Unknown when there is no such owner."""
    found = await tx.fetchrow(FIND, owner_type, owner_id, currency)
    return _wallet(found) if found is not None else await _open(tx, owner_type, owner_id, currency, now)


async def wallet_by_id(connection: Connection, wallet_id: int) -> Wallet:
    """Read a wallet. Raises Unknown."""
    row = await connection.fetchrow("select * from wallet where id = $1", wallet_id)
    if row is None:
        raise Unknown("wallet", wallet_id)
    return _wallet(row)


async def wallets_by_id(connection: Connection, wallet_ids: Collection[int]) -> Mapping[int, Wallet]:
    """Read wallets, by their id."""
    rows = await connection.fetch("select * from wallet where id = any($1::bigint[])", wallet_ids)
    return {row["id"]: _wallet(row) for row in rows}


async def wallets_among(
    connection: Connection, wallet_ids: Collection[int], owner_type: str, owner_ids: Collection[int], currency: str
) -> list[Wallet]:
    """Read wallets by their id, and some owners' of a currency."""
    return [_wallet(row) for row in await connection.fetch(AMONG, wallet_ids, owner_type, owner_ids, currency)]


async def wallets_of(
    tx: Transaction, owner_type: str, owner_ids: Collection[int], currency: str, *, now: datetime
) -> Mapping[int, Wallet]:
    """Find several owners' wallets of a currency, by whose they are, or open them. Raises Unknown."""
    rows = await tx.fetch(FIND_ALL, owner_type, owner_ids, currency) if owner_ids else []
    found = {row["owner_id"]: _wallet(row) for row in rows}
    missing = sorted(set(owner_ids) - found.keys())
    return found | {each: await _open(tx, owner_type, each, currency, now) for each in missing}


async def contents_of(connection: Connection, wallets: Sequence[Wallet]) -> Mapping[int, Contents]:
    """Tell what is in wallets, by their id."""
    accounts = [account for wallet in wallets for account in (wallet.account_id, wallet.credit_account_id)]
    found = await balances(connection, accounts)
    contents = {}
    for wallet in wallets:
        money, credit = found[wallet.account_id], found[wallet.credit_account_id]
        contents[wallet.id] = Contents(
            amount_minor=money.posted_minor,
            credit_minor=credit.posted_minor,
            held_minor=money.debits_pending + credit.debits_pending,
            spendable_minor=max(0, money.available_minor) + max(0, credit.available_minor),
            spendable_credit_minor=max(0, credit.available_minor),
        )
    return contents


async def _open(tx: Transaction, owner_type: str, owner_id: int, currency: str, now: datetime) -> Wallet:
    operator_id = await _operator_of(tx, owner_type, owner_id)
    money, credit = Owner(owner_type, str(owner_id)), Owner("credit", f"{owner_type}:{owner_id}")
    accounts = await accounts_of(tx, [money, credit], currency, now=now)
    await tx.execute(OPEN, operator_id, owner_type, owner_id, currency, accounts[money], accounts[credit], now)
    if owner_type == "team":
        await keep_credit_limit(tx, owner_id, currency, accounts[money])
    row = await tx.fetchrow(FIND, owner_type, owner_id, currency)
    assert row is not None
    return _wallet(row)


async def keep_credit_limit(tx: Transaction, team_id: int, currency: str, account_id: int) -> None:
    """Let a team's purse go as far below zero as its way of paying allows: prepaid teams not at all.

    The limit is an amount of the team's own currency, so its purses in others have none. A purse that is lower than
    a new limit may stay there, and go no further: else it could take in a sale, but not pay the fees out of it.
    """
    limit: int = await tx.fetchval(LIMIT, team_id, currency, account_id)
    await set_credit_limit(tx, account_id, limit)


async def _operator_of(tx: Transaction, owner_type: str, owner_id: int) -> int:
    operator_id: int | None = await tx.fetchval(OPERATOR_OF[owner_type], owner_id)
    if operator_id is None:
        raise Unknown(owner_type, owner_id)
    return operator_id


def _wallet(row: Record) -> Wallet:
    return Wallet(**{name: row[name] for name in Wallet.__dataclass_fields__})


FIND = "select * from wallet where owner_type = $1 and owner_id = $2 and currency = $3"

FIND_ALL = "select * from wallet where owner_type = $1 and owner_id = any($2::bigint[]) and currency = $3"

AMONG = """
select * from wallet
where id = any($1::bigint[]) or (owner_type = $2 and owner_id = any($3::bigint[]) and currency = $4)
"""

OPEN = """
insert into wallet (operator_id, owner_type, owner_id, currency, account_id, credit_account_id, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (owner_type, owner_id, currency) do nothing
"""

OPERATOR_OF = {
    "team": "select operator_id from team where id = $1",
    "user": "select operator_id from users where id = $1",
    "operator": "select id from operator where id = $1",
}

LIMIT = """
select greatest(
  case when payment_method <> 'source' and currency = $2 then credit_limit_minor else 0 end,
  (select sum(debits_pending + debits_posted - credits_posted)::bigint from ledger_balance where account_id = $3))
from team where id = $1
"""
