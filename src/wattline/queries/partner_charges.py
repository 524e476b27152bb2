"""Charges as the Partner API and webhooks tell of them."""

from collections.abc import Sequence
from typing import Any

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.partner_places import LOCATION, OPERATOR

BY_IDS = f"""
select c.*, k.name as connector_name, k.evse_id, k.max_power_w, k.current_kind, k.model_id,
  k.deleted_at as connector_deleted_at,
  {LOCATION}, {OPERATOR}, m.name as model_name, b.name as brand_name,
  p.name as paying_team_name, p.owner_user_id as paying_team_owner_id, u.display_name as user_name,
  a.partner_external_id as charge_key_partner_external_id, x.name as currency_name, x.decimals as currency_decimals,
  cost.price_group_id as cost_price_group_id
from charge c
  join connector k on k.id = c.connector_id
  join operator o on o.id = c.operator_id
  left join site s on s.id = c.site_id
  left join country y on y.id = s.country_id
  left join model m on m.id = k.model_id
  left join brand b on b.id = m.brand_id
  left join team p on p.id = c.paying_team_id
  left join users u on u.id = c.user_id
  left join charge_key a on a.id = c.charge_key_id
  left join currency x on x.identifier = upper(c.currency)
  left join charge_cost cost on cost.charge_id = c.id
where c.id = any($1)
"""

# Planned once for all ids. Lists are planned anew each time, as their length matters, and with so many tables that
# takes longer than the query.
BY_ID = BY_IDS.replace("any($1)", "$1")


async def charges_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shapes of a charge are made of, in the order of the ids, leaving out unknown ones."""
    if len(ids) == 1:
        return await connection.fetch(BY_ID, ids[0])
    rows = {row["id"]: row for row in await connection.fetch(BY_IDS, ids)}
    return [rows[charge_id] for charge_id in ids if charge_id in rows]


async def charge_by_id(connection: Connection, charge_id: int, *, viewer: Viewer) -> Record:
    """Return one charge of the viewer's, at their charge points or paid by them. Raises Unknown."""
    row = await connection.fetchrow(BY_ID, charge_id)
    if row is None or not sees_charge(viewer, row):
        raise Unknown("charge", charge_id)
    return row


def sees_charge(viewer: Viewer, row: Any) -> bool:
    """Tell whether a charge exists for a viewer: as the charge point's owner or as the payer."""
    if owns_charge(viewer, row):
        return True
    return row["paying_team_id"] is not None and viewer.sees(row["paying_operator_id"], row["paying_team_id"])


def owns_charge(viewer: Viewer, row: Any) -> bool:
    """Tell whether a charge is at a charge point of the viewer's."""
    return viewer.sees(row["operator_id"], row["team_id"])


async def currency_decimals(connection: Connection, connector_id: int) -> int:
    """Tell how many decimals the currency at a connector has; 2 when we do not know it."""
    decimals: int | None = await connection.fetchval(
        """select x.decimals from connector k join team t on t.id = k.team_id
             join currency x on x.identifier = upper(t.currency) where k.id = $1""",
        connector_id,
    )
    return 2 if decimals is None else decimals
