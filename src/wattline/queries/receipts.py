"""The receipt of a charge, by its id, or found by a day and by what a terminal printed or a card shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.price import PricedCharge


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receipt shows. `priced` is None until the charge is paid for; `session` is what the terminal told us.

    `held_minor` is what our books or the card's bank kept aside, `owed_minor` what that did not cover. `card` is that
    of a payment of ours. `buyer` is the team that pays from its wallet. `seller_country` is a two-letter code.
    """

    charge_id: int
    human_readable_id: str
    state: str
    failed: bool
    forced: bool
    created_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None
    completed_at: datetime | None
    settled_at: datetime | None
    energy_wh: int
    connector: str
    evse_id: str
    site: str | None
    address: str | None
    time_zone: str
    seller: str
    seller_number: str | None
    seller_vat_number: str | None
    seller_address: str | None
    seller_country: str | None
    buyer: str | None
    buyer_vat_number: str | None
    buyer_address: str | None
    session: Any
    card: Any
    payer_kind: str | None
    held_minor: int
    owed_minor: int
    refunded_minor: int
    refunds: int
    vat_category: str | None
    prices_include_vat: bool
    currency: str
    decimals: int
    priced: PricedCharge | None
    price_minor: int | None


# A charge may run for days before it ends, and driver and server may disagree about midnight.
AROUND = timedelta(days=8)

SHOWN = """
select c.id as charge_id, c.human_readable_id, c.state, c.failed_at is not null as failed,
  c.forced_at is not null as forced, c.created_at, c.started_at, c.stopped_at, c.completed_at, p.settled_at,
  c.energy_wh, k.name as connector, k.evse_id, s.name as site,
  nullif(concat_ws(', ', s.address1, nullif(concat_ws(' ', s.zip_code, s.city), '')), '') as address,
  coalesce(s.time_zone, 'UTC') as time_zone,
  coalesce(w.company_name, w.name) as seller, w.company_registration_number as seller_number,
  w.vat_number as seller_vat_number, y.alpha2_code as seller_country,
  nullif(concat_ws(', ', w.address1, w.address2, nullif(concat_ws(' ', w.zip_code, w.city), ''), y.name), '')
    as seller_address,
  coalesce(b.company_name, b.name) as buyer, b.vat_number as buyer_vat_number,
  nullif(concat_ws(', ', b.address1, b.address2, nullif(concat_ws(' ', b.zip_code, b.city), '')), '') as buyer_address,
  c.payment_session as session, m.card, p.payer_kind,
  coalesce(m.amount_minor, (select sum(each) from unnest(p.hold_minors) each), 0)::bigint as held_minor,
  coalesce(p.owed_minor, 0) as owed_minor, r.refunded_minor, r.refunds, p.terms ->> 'vat_category' as vat_category,
  coalesce((p.terms ->> 'prices_include_vat')::boolean, true) as prices_include_vat,
  c.currency, coalesce(x.decimals, 2) as decimals, p.priced, c.price_minor
from charge c
  join connector k on k.id = c.connector_id
  join team t on t.id = c.team_id
  join operator o on o.id = t.operator_id
  -- An operator sells as the company that its settings name, unless its own team names another.
  cross join lateral (
    select t.company_name, t.name, t.company_registration_number, t.vat_number, t.address1, t.address2, t.zip_code,
      t.city, t.country_id where t.company_name is not null or t.type <> 'operator' or o.company_name is null
    union all
    select o.company_name, o.name, o.company_registration_number, o.vat_number, o.address1, null, o.zip_code, o.city,
      o.country_id where t.company_name is null and t.type = 'operator' and o.company_name is not null
  ) w
  left join country y on y.id = w.country_id
  left join site s on s.id = coalesce(c.site_id, k.site_id)
  left join charge_payment p on p.charge_id = c.id
  left join payment m on m.id = p.payment_id
  left join team b on b.id = c.paying_team_id and b.id <> c.team_id and p.payer_kind = 'wallet'
  left join currency x on x.identifier = upper(c.currency)
  cross join lateral (
    select coalesce(sum(back.to_amount_minor), 0)::bigint as refunded_minor, count(*)::int as refunds
    from wallet_transaction sale join wallet_transaction back on back.refund_of = sale.id
    where sale.reference_type = 'CHARGE' and sale.reference_id = c.id::text and sale.kind = 'charge'
  ) r
"""

# Whatever is found, both indexes are asked once, and nobody learns more from two charges than from none.
FIND = (
    """
with candidate as (
  select id from charge
  where payment_session is not null and created_at between $3 and $4
    and (payment_session ->> 'externalId' = any($1) or payment_session ->> 'cardLast4' = $2)
  union
  select charge_id from payment
  where purpose = 'charge' and charge_id is not null and card ->> 'last4' = $2 and created_at between $3 and $4
    and state not in ('refused', 'cancelled')
  union
  select c.id from charge c join payment on payment.charge_id = c.id where c.human_readable_id = any($1)
)
"""
    + SHOWN
    + """
where c.id in (select id from candidate)
  and $5::date between (coalesce(c.started_at, c.created_at) at time zone coalesce(s.time_zone, 'UTC'))::date
    and (coalesce(c.stopped_at, c.started_at, c.created_at) at time zone coalesce(s.time_zone, 'UTC'))::date
limit 2
"""
)


async def find_receipt(connection: Connection, *, day: date, number: str) -> Receipt | None:
    """Find the one charge of a day, where the charge point stands, by a terminal's number or four digits of a card.

    None when there is none, and when there are several: the answer must not tell the one from the other.
    """
    midnight = datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")
    last4 = number if is_digits_of_card(number) else None
    spellings = [number, number.upper()]
    rows = await connection.fetch(FIND, spellings, last4, midnight - AROUND, midnight + timedelta(days=2), day)
    return _receipt(rows[0]) if len(rows) == 1 else None


def is_digits_of_card(number: str) -> bool:
    """Tell whether somebody looks by the last four digits of a card, of which there are but ten thousand."""
    return len(number) == 4 and number.isascii() and number.isdecimal()


async def receipt_of(connection: Connection, charge_id: int) -> Receipt | None:
    """Return the receipt of a charge for somebody who has shown that they may see it; None when it is not paid for."""
    return next(iter(await receipts_of(connection, [charge_id])), None)


async def receipts_of(connection: Connection, charge_ids: Sequence[int]) -> list[Receipt]:
    """Return the receipts of those charges that are paid for, by id."""
    rows = await connection.fetch(SHOWN + "where c.id = any($1) and p.priced is not null order by c.id", charge_ids)
    return [_receipt(row) for row in rows]


def _receipt(row: Record) -> Receipt:
    values = dict(row)
    priced = values.pop("priced")
    return Receipt(**values, priced=None if priced is None else msgspec.convert(priced, PricedCharge))
