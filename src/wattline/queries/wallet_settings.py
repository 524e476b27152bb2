"""What is set on a wallet: its cards, how it fills and empties itself, its bank account, what became of withdrawals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.refusals import Unknown

WITHDRAWALS_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletSettings:
    """How a wallet fills and empties itself. Of a bank account only the end is shown."""

    refill_card_id: int | None
    refill_amount_minor: int | None
    refill_below_minor: int
    iban_end: str | None
    bank_holder: str | None
    withdraw_monthly: bool
    withdraw_leave_minor: int
    withdraw_month: date | None
    withdrawable_minor: int
    has_payouts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLine:
    """A saved card that may fill the wallet."""

    id: int
    provider: str
    brand: str | None
    last4: str | None
    expires_month: int | None
    expires_year: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefillLine:
    """One filling: `state` is asked, done or failed; the payment's own state says what it waits for."""

    payment_id: int
    movement_id: int
    automatic: bool
    state: str
    asked_at: datetime
    ended_at: datetime | None
    amount_minor: int
    currency: str
    payment_state: str
    action: Any
    failure_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalLine:
    """One withdrawal: pending, paid or refused; `note` is why it was refused."""

    movement_id: int
    amount_minor: int
    currency: str
    iban_end: str
    bank_holder: str
    state: str
    asked_at: datetime
    asked_by: str
    ended_at: datetime | None
    note: str | None


async def wallet_settings(connection: Connection, wallet_id: int) -> WalletSettings:
    """Load what is set on a wallet; the caller has checked who may see it. Raises Unknown."""
    row = await connection.fetchrow(SETTINGS, wallet_id)
    if row is None:
        raise Unknown("wallet", wallet_id)
    return WalletSettings(**dict(row))


async def cards_of_wallet(connection: Connection, wallet_id: int) -> Sequence[CardLine]:
    """List the cards that whose wallet it is has saved, the newest first."""
    return [CardLine(**dict(row)) for row in await connection.fetch(CARDS, wallet_id)]


async def refill_line(connection: Connection, wallet_id: int, payment_id: int) -> RefillLine:
    """Load one filling of a wallet. Raises Unknown."""
    row = await connection.fetchrow(f"{REFILLS} and r.payment_id = $2", wallet_id, payment_id)
    if row is None:
        raise Unknown("refill", payment_id)
    return RefillLine(**dict(row))


async def last_automatic_refill(connection: Connection, wallet_id: int) -> RefillLine | None:
    """Load what happened last when a wallet was to fill itself."""
    row = await connection.fetchrow(f"{REFILLS} and r.automatic order by r.payment_id desc limit 1", wallet_id)
    return None if row is None else RefillLine(**dict(row))


async def withdrawals_of(connection: Connection, wallet_id: int) -> Sequence[WithdrawalLine]:
    """List a wallet's withdrawals, the newest first."""
    return [WithdrawalLine(**dict(row)) for row in await connection.fetch(WITHDRAWALS, wallet_id, WITHDRAWALS_SHOWN)]


SETTINGS = """
select w.refill_card_id, w.refill_amount_minor, w.refill_below_minor, w.iban_end, w.bank_holder, w.withdraw_monthly,
  w.withdraw_leave_minor, w.withdraw_month,
  (select coalesce(sum(credits_posted - debits_posted - debits_pending), 0)::bigint from ledger_balance
   where account_id = w.account_id) as withdrawable_minor,
  coalesce(t.payment_method, 'source') <> 'operator_transaction' as has_payouts
from wallet w left join team t on w.owner_type = 'team' and t.id = w.owner_id
where w.id = $1
"""

CARDS = """
select c.id, c.provider, c.brand, c.last4, c.expires_month, c.expires_year
from wallet w join saved_card c on c.operator_id = w.operator_id and c.state = 'ready' and c.provider_ref is not null
  and case w.owner_type when 'user' then c.user_id = w.owner_id when 'team' then c.team_id = w.owner_id
    else c.user_id is null and c.team_id is null end
where w.id = $1 order by c.id desc
"""

REFILLS = """
select r.payment_id, r.movement_id, r.automatic, r.state, r.asked_at, r.ended_at, p.amount_minor, p.currency,
  p.state as payment_state, p.action, p.failure_text
from refill r join payment p on p.id = r.payment_id
where r.wallet_id = $1
"""

# By the wallet's movements, which have an index for what is rare.
WITHDRAWALS = """
select d.movement_id, d.amount_minor, d.currency, d.iban_end, d.bank_holder, d.state, d.asked_at, t.asked_by,
  d.ended_at, case d.state when 'refused' then t.note end as note
from wallet_transaction t join withdrawal d on d.movement_id = t.id
where t.from_wallet_id = $1 and t."group" = 'withdraw'
order by t.created_at desc, t.id desc limit $2
"""
