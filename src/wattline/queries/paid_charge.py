"""The charge that somebody without an account pays by card, for whoever has the key of its payment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection

# The start source of charges that are begun there.
SOURCE = "pay-page"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidCharge:
    """A charge, for whoever has the key of its payment. `payment_state` and `action` are the payment's."""

    charge_id: int
    human_readable_id: str
    connector_id: int
    state: str
    began: bool
    failed: bool
    failure_reason: str | None
    forced: bool
    energy_wh: int
    price_minor: int | None
    settled: bool
    currency: str
    started_at: datetime | None
    stopped_at: datetime | None
    held_minor: int
    payment_state: str
    provider: str
    action: Mapping[str, str] | None
    card: Mapping[str, str | None] | None


async def paid_charge(connection: Connection, key: str) -> PaidCharge | None:
    """Find the charge that a payment from the pay page is for."""
    row = await connection.fetchrow(CHARGE, key, SOURCE)
    return None if row is None else PaidCharge(**dict(row))


CHARGE = """
select c.id as charge_id, c.human_readable_id, c.connector_id, c.state, c.started_at is not null as began,
  c.failed_at is not null as failed, c.failure_reason, c.forced_at is not null as forced, c.energy_wh, c.price_minor,
  m.state = 'settled' as settled, c.currency, c.started_at, c.stopped_at, p.amount_minor as held_minor,
  p.state as payment_state, p.provider, p.action, p.card
from payment p join charge c on c.id = p.charge_id join charge_payment m on m.payment_id = p.id
where p.key = $1 and c.start_source = $2
"""
