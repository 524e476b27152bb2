"""What somebody without an account sees: a public charge point, and the charge that a card of theirs pays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection
from wattline.domain.access import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPoint:
    """A public connector, by the door of whoever stands before it."""

    connector_id: int
    operator_id: int
    team_id: int
    operator: str
    seller: str
    name: str
    number: int | None
    plug: str | None
    max_power_w: int | None
    place: str | None
    time_zone: str
    currency: str
    state: str
    plugged_in: bool
    in_contact: bool
    maintenance: bool
    busy: bool

    @property
    def viewer(self) -> Viewer:
        """Whoever pays here, as verbs want to know who asks: they see this team's charge points and nothing else."""
        return Viewer(
            name="pay page", operator_id=self.operator_id, operator_ids=(self.operator_id,), team_ids=(self.team_id,)
        )


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


async def pay_point(connection: Connection, connector_id: int) -> PayPoint | None:
    """Find a connector that is open to the public; None for all others."""
    row = await connection.fetchrow(POINT + PUBLIC, connector_id)
    return None if row is None else PayPoint(**dict(row))


async def point_of_charge(connection: Connection, connector_id: int) -> PayPoint:
    """Find the connector of a charge that was paid there, whoever may charge at it by now."""
    row = await connection.fetchrow(POINT, connector_id)
    assert row is not None
    return PayPoint(**dict(row))


async def paid_charge(connection: Connection, key: str) -> PaidCharge | None:
    """Find the charge that a payment from the pay page is for."""
    row = await connection.fetchrow(CHARGE, key, SOURCE)
    return None if row is None else PaidCharge(**dict(row))


# The start source of charges that are begun there.
SOURCE = "pay-page"

POINT = """
select k.id as connector_id, k.operator_id, k.team_id, o.name as operator, coalesce(t.company_name, t.name) as seller,
  k.name, k.number, (select name from connector_type y where y.id = k.connector_types[1]) as plug, k.max_power_w,
  nullif(concat_ws(', ', s.name, s.address1, nullif(concat_ws(' ', s.zip_code, s.city), '')), '') as place,
  coalesce(s.time_zone, 'UTC') as time_zone, t.currency, live.state, live.cable_plugged_in as plugged_in,
  exists (select from lease where charge_point_id = k.charge_point_id) as in_contact,
  k.maintenance_at is not null as maintenance,
  exists (select from charge c where c.connector_id = k.id and c.completed_at is null and c.stopped_at is null) as busy
from connector k join team t on t.id = k.team_id join operator o on o.id = k.operator_id
  join connector_live live on live.connector_id = k.id left join site s on s.id = k.site_id
where k.id = $1
"""

PUBLIC = """
  and k.deleted_at is null and k.visibility = 'public' and k.active_at is not null and k.charge_point_id is not null
"""

CHARGE = """
select c.id as charge_id, c.human_readable_id, c.connector_id, c.state, c.started_at is not null as began,
  c.failed_at is not null as failed, c.failure_reason, c.forced_at is not null as forced, c.energy_wh, c.price_minor,
  m.state = 'settled' as settled, c.currency, c.started_at, c.stopped_at, p.amount_minor as held_minor,
  p.state as payment_state, p.provider, p.action, p.card
from payment p join charge c on c.id = p.charge_id join charge_payment m on m.payment_id = p.id
where p.key = $1 and c.start_source = $2
"""
