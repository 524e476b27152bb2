"""Locking the purses of everybody who pays or is paid when one charge takes the place of another.

Such a transaction books twice: it pays for the charge before, and holds money for the next. Each booking locks its
accounts in the order of their ids (operations/ledger.py); taken together they would not, and at a busy site two such
transactions would wait for each other.
"""

from wattline.database.connection import Transaction


async def lock_purses(
    tx: Transaction, connector_id: int, *, team_id: int | None, user_id: int | None, except_charge_id: int | None = None
) -> None:
    """Lock what the unfinished charges of a connector and its next payer may move, if there are such charges at all.

    `except_charge_id` is the charge that begins. Accounts over which counters are spread are left out: two connections
    seldom meet there.
    """
    await tx.execute(LOCK, connector_id, team_id, user_id, except_charge_id)


LOCK = """
with before as (
  select payment.payer_wallet_id, payment.owner_wallet_id
  from charge join charge_payment payment on payment.charge_id = charge.id
  where charge.connector_id = $1 and charge.completed_at is null and payment.state = 'held'
    and charge.id is distinct from $4::bigint
), purse as (
  select wallet.* from before join wallet on wallet.id in (before.payer_wallet_id, before.owner_wallet_id)
  union
  select wallet.* from wallet
  where exists (select from before) and (wallet.owner_type, wallet.owner_id) in (('team', $2), ('user', $3))
), account as (
  select unnest(array[account_id, credit_account_id]) as id from purse
  union
  select debt.id from purse join ledger_account debt
    on debt.owner_kind = 'receivable' and debt.owner_key = purse.owner_type || ':' || purse.owner_id
)
select from ledger_balance where account_id in (select id from account) order by account_id, slot for no key update
"""
