"""A public charge point, as somebody without an account sees it."""

from dataclasses import dataclass

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


async def pay_point(connection: Connection, connector_id: int) -> PayPoint | None:
    """Find a connector that is open to the public; None for all others."""
    row = await connection.fetchrow(POINT + PUBLIC, connector_id)
    return None if row is None else PayPoint(**dict(row))


async def point_of_charge(connection: Connection, connector_id: int) -> PayPoint:
    """Find the connector of a charge that was paid there, whoever may charge at it by now."""
    row = await connection.fetchrow(POINT, connector_id)
    assert row is not None
    return PayPoint(**dict(row))


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
