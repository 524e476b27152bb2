"""Charge points (connectors) as the Partner API and webhooks tell of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page
from wattline.queries.partner_places import LOCATION, OPERATOR, distance_from

# The kinds of plug of a connector `k`, in the order they were given.
PLUGS = """
coalesce((select jsonb_agg(jsonb_build_object('id', t.id, 'identifier', t.identifier, 'name', t.name)
            order by array_position(k.connector_types, t.id))
          from connector_type t where t.id = any(k.connector_types)), '[]') as plugs
"""


def _default(type_: str) -> str:
    return f"""(select d.id from price_group d where d.operator_id = k.operator_id and d.type = '{type_}'
    and d.is_default and d.deleted_at is null and (d.team_id = k.team_id or d.team_id is null)
  order by d.team_id is null limit 1)"""


# What counts at a connector `k` of site `s`, as operations/price_freeze.py decides it for a charge that begins: its own
# group, else the site's, else the team's or operator's default.
PRICE_GROUPS = f"""
coalesce(k.price_group_id, s.price_group_id,
  case when k.visibility = 'public' then {_default("public")} end) as public_group_id,
coalesce(k.cost_price_group_id, s.cost_price_group_id, {_default("cost")}) as cost_group_id,
coalesce(k.roaming_price_group_id, s.roaming_price_group_id,
  case when k.roaming then {_default("roaming")} end) as roaming_group_id,
coalesce(k.sponsored_price_group_id, s.sponsored_price_group_id) as sponsored_group_id
"""

BY_IDS = f"""
select k.*, {LOCATION}, {OPERATOR}, {PLUGS}, m.name as model_name, b.name as brand_name,
  l.state, l.meter_wh, l.cable_plugged_in, l.ocpp_status, l.status_at,
  h.identity, h.vendor as told_vendor, h.model as told_model, h.firmware_version, h.imsi, h.iccid,
  h.connected, h.connected_at, h.disconnected_at, {PRICE_GROUPS}
from connector k
  join operator o on o.id = k.operator_id
  left join connector_live l on l.connector_id = k.id
  left join charge_point h on h.id = k.charge_point_id
  left join site s on s.id = k.site_id
  left join country y on y.id = s.country_id
  left join model m on m.id = k.model_id
  left join brand b on b.id = m.brand_id
where k.id = any($1)
"""

# Planned once for all ids, unlike lists; see partner_charges.BY_ID.
BY_ID = BY_IDS.replace("any($1)\n", "$1\n")

LATITUDE, LONGITUDE = "coalesce(t.latitude, s.latitude)", "coalesce(t.longitude, s.longitude)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorFilter:
    """Which charge points somebody wants; None means any. `box` is least and greatest latitude, then longitude."""

    operator_id: int | None = None
    team_id: int | None = None
    site_id: int | None = None
    state: str | None = None
    partner_external_id: str | None = None
    updated_from: datetime | None = None
    include_deleted: bool = False
    near: tuple[float, float] | None = None
    box: tuple[float, float, float, float] | None = None


async def connectors_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of a charge point is made of, in the order of the ids, leaving out unknown ones."""
    if len(ids) == 1:
        return await connection.fetch(BY_ID, ids[0])
    rows = {row["id"]: row for row in await connection.fetch(BY_IDS, ids)}
    return [rows[connector_id] for connector_id in ids if connector_id in rows]


async def connector_by_id(connection: Connection, connector_id: int, *, viewer: Viewer) -> Record:
    """Return one charge point of the viewer's. Raises Unknown, also for one that was deleted."""
    row = await connection.fetchrow(BY_ID, connector_id)
    if row is None or row["deleted_at"] is not None or not viewer.sees(row["operator_id"], row["team_id"]):
        raise Unknown("charge point", connector_id)
    return row


async def find_connectors(connection: Connection, wanted: ConnectorFilter, window: Window, *, viewer: Viewer) -> Found:
    """Find a page of the viewer's charge points, by id, or nearest first."""
    conditions = Conditions()
    conditions.add("t.operator_id = any({})", list(viewer.operator_ids))
    if viewer.team_ids is not None:
        conditions.add("t.team_id = any({})", list(viewer.team_ids))
    plain = {
        "t.operator_id = {}": wanted.operator_id,
        "t.team_id = {}": wanted.team_id,
        "t.site_id = {}": wanted.site_id,
        "l.state = {}": wanted.state,
        "t.updated_at >= {}": wanted.updated_from,
    }
    for text, value in plain.items():
        if value is not None:
            conditions.add(text, value)
    conditions.partner_external_id("t.partner_external_id", wanted.partner_external_id)
    if not wanted.include_deleted:
        conditions.add("t.deleted_at is null")
    if wanted.box is not None:
        conditions.add(f"{LATITUDE} between {{}} and {{}}", *wanted.box[:2])
        conditions.add(f"{LONGITUDE} between {{}} and {{}}", *wanted.box[2:])
    source = "connector t left join connector_live l on l.connector_id = t.id left join site s on s.id = t.site_id"
    order = "t.id" if wanted.near is None else f"{distance_from(wanted.near, LATITUDE, LONGITUDE)}, t.id"
    return await find_page(connection, source, conditions, window, order=order)
