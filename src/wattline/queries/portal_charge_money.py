"""The money of one charge: how it is paid, and every movement that it caused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.price import PricedCharge
from wattline.domain.price_terms import PriceTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A movement on wallets; names are those of their owners, None is the world outside."""

    id: int
    at: datetime
    kind: str
    state: str
    giver: str | None
    taker: str | None
    amount_minor: int
    currency: str
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeMoney:
    """How a charge is paid. `terms` None: no price counted. `priced` None: not settled.

    `payer_wallet_id` is that of a wallet the viewer may see, `card` the brand and last four digits of one that pays.
    """

    payer_kind: str
    payer_key: str | None
    payer: str | None
    payer_wallet_id: int | None
    currency: str
    state: str
    held_minor: int
    owed_minor: int
    debt_paid_at: datetime | None
    held_at: datetime | None
    settled_at: datetime | None
    terms: PriceTerms | None
    priced: PricedCharge | None
    card: Mapping[str, str | None] | None


async def money_of_charge(connection: Connection, viewer: Viewer, charge_id: int) -> ChargeMoney | None:
    """Tell how a charge is paid; None when no money moves for it. The caller has checked who may see it."""
    row = await connection.fetchrow(MONEY, charge_id, viewer.operator_ids, viewer.team_ids)
    if row is None:
        return None
    told: dict[str, Any] = dict(row)
    return ChargeMoney(
        **told
        | {
            "terms": _read(told["terms"], PriceTerms),
            "priced": _read(told["priced"], PricedCharge),
        }
    )


async def movements_of_charge(connection: Connection, viewer: Viewer, charge_id: int, *, own: bool) -> Sequence[Booked]:
    """List the movements of a charge, and what was given back of it. Who only paid does not see the owner's fees."""
    rows = await connection.fetch(MOVEMENTS, str(charge_id), viewer.operator_ids, viewer.team_ids, own)
    return [Booked(**dict(row)) for row in rows]


def _read(value: object, type_: Any) -> Any:
    return None if value is None else msgspec.convert(value, type_)


def owner_name(wallet: str) -> str:
    """Write the SQL that names the owner of a wallet, a row called `wallet`."""
    return f"""case {wallet}.owner_type when 'team' then (select name from team where id = {wallet}.owner_id)
      when 'operator' then (select name from operator where id = {wallet}.owner_id)
      when 'user' then (select display_name from users where id = {wallet}.owner_id) end"""


MONEY = f"""
select m.payer_kind, m.payer_key, {owner_name("w")} as payer,
  case when w.operator_id = any($2) and w.owner_type <> 'user'
    and ($3::bigint[] is null or w.owner_type = 'team' and w.owner_id = any($3)) then w.id end as payer_wallet_id,
  m.currency, m.state,
  coalesce((select sum(held) from unnest(m.hold_minors) held), 0)::bigint as held_minor, m.owed_minor, m.debt_paid_at,
  m.held_at, m.settled_at, m.terms, m.priced, p.card
from charge_payment m left join wallet w on w.id = m.payer_wallet_id left join payment p on p.id = m.payment_id
where m.charge_id = $1
"""

MOVEMENTS = f"""
with sale as (
  select * from wallet_transaction where reference_type = 'CHARGE' and reference_id = $1
), about as (
  select * from sale union
  select r.* from wallet_transaction r where r.refund_of in (select id from sale)
)
select t.id, coalesce(t.completed_at, t.created_at) as at, t.kind, t.state, {owner_name("g")} as giver,
  {owner_name("k")} as taker, t.from_amount_minor as amount_minor, t.from_currency as currency, t.note
from about t left join wallet g on g.id = t.from_wallet_id left join wallet k on k.id = t.to_wallet_id
where $4 or (t.kind in ('charge', 'refund')
  and (t.from_operator_id = any($2) and ($3::bigint[] is null or t.from_team_id = any($3))
    or t.to_operator_id = any($2) and ($3::bigint[] is null or t.to_team_id = any($3))))
order by at, t.id
"""
