"""Wallets in the Portal: whose there are, and what came in and went out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from wattline.database.connection import Connection
from wattline.domain.access import Right, Viewer, may
from wattline.domain.refusals import Unknown
from wattline.queries.portal_charge_money import owner_name

# Enough for every team of a big operator on a page that one can search in the browser.
WALLETS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletLine:
    """A wallet with its owner's name, what is in it, and how many payments keep money of it aside.

    `owed_minor`: what charges cost beyond their holds and nobody has paid; money that comes in pays it first.
    """

    id: int
    owner_type: str
    owner_id: int
    owner: str
    currency: str
    payment_method: str
    credit_limit_minor: int
    holds: int
    amount_minor: int
    credit_minor: int
    held_minor: int
    owed_minor: int

    @property
    def free_minor(self) -> int:
        """Money that is not kept aside; credit does not count, it can only be spent on charging."""
        return self.amount_minor - self.held_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfMoney:
    """What came in and went out on one day of the viewer's calendar, in minor units."""

    day: date
    in_minor: int
    out_minor: int


async def list_wallets(connection: Connection, viewer: Viewer) -> Sequence[WalletLine]:
    """List the viewer's own wallet, and those of their operators and teams if they may see these, operators first."""
    return [WalletLine(**dict(row)) for row in await connection.fetch(SEEN, *_eyes(viewer), None, WALLETS_MAX)]


async def wallet_line(connection: Connection, viewer: Viewer, wallet_id: int) -> WalletLine:
    """Load one wallet. Raises Unknown for those that the viewer may not see."""
    row = await connection.fetchrow(SEEN, *_eyes(viewer), wallet_id, 1)
    if row is None:
        raise Unknown("wallet", wallet_id)
    return WalletLine(**dict(row))


def _eyes(viewer: Viewer) -> tuple[object, ...]:
    return viewer.operator_ids, viewer.team_ids, may(viewer, Right.SEE_WALLETS), viewer.user_id


async def days_of_money(
    connection: Connection, wallet_id: int, *, start: datetime, zone: str
) -> Mapping[date, DayOfMoney]:
    """Add up what came in and went out per day since `start`. The caller has checked who may see it."""
    rows = await connection.fetch(DAYS, wallet_id, start, zone)
    return {row["day"]: DayOfMoney(**dict(row)) for row in rows}


def in_account(account: str) -> str:
    """Write the SQL of what is on a ledger account, and how much of it is kept aside."""
    return f"""select coalesce(sum(credits_posted - debits_posted), 0)::bigint as posted,
      coalesce(sum(debits_pending), 0)::bigint as held from ledger_balance where account_id = {account}"""


SEEN = f"""
select w.id, w.owner_type, w.owner_id, coalesce({owner_name("w")}, '') as owner, w.currency,
  coalesce(t.payment_method, 'source') as payment_method, coalesce(t.credit_limit_minor, 0) as credit_limit_minor,
  (select count(*) from wallet_transaction h where h.from_wallet_id = w.id and h.state = 'reserved') as holds,
  money.posted as amount_minor, credit.posted as credit_minor, money.held + credit.held as held_minor,
  greatest(0, -coalesce(debt.posted, 0)) as owed_minor
from wallet w left join team t on w.owner_type = 'team' and t.id = w.owner_id
  cross join lateral ({in_account("w.account_id")}) as money
  cross join lateral ({in_account("w.credit_account_id")}) as credit
  left join ledger_account owes on owes.owner_kind = 'receivable' and owes.currency = w.currency
    and owes.owner_key = w.owner_type || ':' || w.owner_id
  left join lateral ({in_account("owes.id")}) as debt on true
where ($5::bigint is null or w.id = $5) and (
  w.owner_type = 'user' and w.owner_id = $4
  or $3 and w.operator_id = any($1) and (
    w.owner_type = 'team' and ($2::bigint[] is null or w.owner_id = any($2))
    or w.owner_type = 'operator' and $2::bigint[] is null))
order by w.owner_type = 'user' desc, w.owner_type, owner, w.currency limit $6
"""

DAYS = """
select (at at time zone $3)::date as day, coalesce(sum(came), 0)::bigint as in_minor,
  coalesce(sum(went), 0)::bigint as out_minor
from (
  select coalesce(completed_at, created_at) as at, to_amount_minor as came, 0 as went from wallet_transaction
  where to_wallet_id = $1 and state = 'complete' and from_wallet_id is distinct from $1
    and created_at >= $2::timestamptz - interval '8 days'
  union all
  select coalesce(completed_at, created_at), 0, from_amount_minor from wallet_transaction
  where from_wallet_id = $1 and state = 'complete' and to_wallet_id is distinct from $1
    and created_at >= $2::timestamptz - interval '8 days'
) as moved
where at >= $2 group by 1 order by 1
"""
