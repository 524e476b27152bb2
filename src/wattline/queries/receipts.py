"""The public receipt of a charge, found by a day and by what a terminal printed or a card shows."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from wattline.database.connection import Connection
from wattline.domain.price import PricedCharge


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receipt shows. `priced` is None until the charge is paid for; `session` is what the terminal told us."""

    charge_id: int
    human_readable_id: str
    state: str
    failed: bool
    forced: bool
    created_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None
    completed_at: datetime | None
    energy_wh: int
    connector: str
    site: str | None
    address: str | None
    time_zone: str
    seller: str
    seller_vat_number: str | None
    seller_address: str | None
    session: Any
    currency: str
    decimals: int
    priced: PricedCharge | None
    price_minor: int | None


# A charge may run for days before it ends, and driver and server may disagree about midnight.
AROUND = timedelta(days=8)

# Whatever is found, both indexes are asked once, and nobody learns more from two charges than from none.
FIND = """
select c.id as charge_id, c.human_readable_id, c.state, c.failed_at is not null as failed,
  c.forced_at is not null as forced, c.created_at, c.started_at, c.stopped_at, c.completed_at, c.energy_wh,
  k.name as connector, s.name as site, concat_ws(', ', s.address1, nullif(concat_ws(' ', s.zip_code, s.city), ''))
  as address, coalesce(s.time_zone, 'UTC') as time_zone, coalesce(t.company_name, t.name) as seller,
  t.vat_number as seller_vat_number,
  concat_ws(', ', t.address1, nullif(concat_ws(' ', t.zip_code, t.city), '')) as seller_address,
  c.payment_session as session, c.currency, coalesce(x.decimals, 2) as decimals, p.priced, c.price_minor
from charge c
  join connector k on k.id = c.connector_id
  join team t on t.id = c.team_id
  left join site s on s.id = coalesce(c.site_id, k.site_id)
  left join charge_payment p on p.charge_id = c.id
  left join currency x on lower(x.identifier) = lower(c.currency)
where c.payment_session is not null and c.created_at between $3 and $4
  and (c.payment_session ->> 'externalId' = any($1) or c.payment_session ->> 'cardLast4' = $2)
  and $5::date between (coalesce(c.started_at, c.created_at) at time zone coalesce(s.time_zone, 'UTC'))::date
    and (coalesce(c.stopped_at, c.started_at, c.created_at) at time zone coalesce(s.time_zone, 'UTC'))::date
limit 2
"""


async def find_receipt(connection: Connection, *, day: date, number: str) -> Receipt | None:
    """Find the one charge of a day, where the charge point stands, by a terminal's number or four digits of a card.

    None when there is none, and when there are several: the answer must not tell the one from the other.
    """
    midnight = datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")
    last4 = number if len(number) == 4 and number.isdecimal() else None
    spellings = [number, number.upper()]
    rows = await connection.fetch(FIND, spellings, last4, midnight - AROUND, midnight + timedelta(days=2), day)
    if len(rows) != 1:
        return None
    values = dict(rows[0])
    priced = values.pop("priced")
    return Receipt(**values, priced=None if priced is None else msgspec.convert(priced, PricedCharge))
