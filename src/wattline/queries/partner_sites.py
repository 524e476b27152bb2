"""Sites as the Partner API and webhooks tell of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page
from wattline.queries.partner_places import ADDRESS, OPERATOR, distance_from

# `current_kind` is dc when one of its charge points is, as that is what drivers look for.
BY_IDS = f"""
select s.*, {ADDRESS}, {OPERATOR}, n.*,
  coalesce((select jsonb_agg(jsonb_build_object('id', p.id, 'identifier', p.identifier, 'name', p.name) order by p.id)
            from connector_type p where p.id = any(n.plug_ids)), '[]') as plugs
from site s
  join operator o on o.id = s.operator_id
  left join country y on y.id = s.country_id
  cross join lateral (
    select count(*) as charge_point_count, count(k.active_at) as active_charge_point_count,
      count(*) filter (where l.state = 'available') as available_charge_point_count,
      max(k.max_power_w) as max_power_w, max(k.current_kind) filter (where k.current_kind <> 'other') as current_kind,
      (select array_agg(distinct kind) from connector k2, unnest(k2.connector_types) as kind
       where k2.site_id = s.id and k2.deleted_at is null) as plug_ids
    from connector k left join connector_live l on l.connector_id = k.id
    where k.site_id = s.id and k.deleted_at is null) as n
where s.id = any($1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFilter:
    """Which sites somebody wants; None means any."""

    operator_id: int | None = None
    team_id: int | None = None
    partner_external_id: str | None = None
    include_deleted: bool = False
    near: tuple[float, float] | None = None


async def sites_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of a site is made of, in the order of the ids."""
    rows = {row["id"]: row for row in await connection.fetch(BY_IDS, ids)}
    return [rows[site_id] for site_id in ids if site_id in rows]


async def site_by_id(connection: Connection, site_id: int, *, viewer: Viewer) -> Record:
    """Return one site of the viewer's. Raises Unknown, also for one that was deleted."""
    rows = await sites_by_ids(connection, [site_id])
    if not rows or rows[0]["deleted_at"] is not None or not viewer.sees(rows[0]["operator_id"], rows[0]["team_id"]):
        raise Unknown("site", site_id)
    return rows[0]


async def find_sites(connection: Connection, wanted: SiteFilter, window: Window, *, viewer: Viewer) -> Found:
    """Find a page of the viewer's sites, by id, or nearest first."""
    conditions = Conditions()
    conditions.add("t.operator_id = any({})", list(viewer.operator_ids))
    if viewer.team_ids is not None:
        conditions.add("t.team_id = any({})", list(viewer.team_ids))
    if wanted.operator_id is not None:
        conditions.add("t.operator_id = {}", wanted.operator_id)
    if wanted.team_id is not None:
        conditions.add("t.team_id = {}", wanted.team_id)
    conditions.partner_external_id("t.partner_external_id", wanted.partner_external_id)
    if not wanted.include_deleted:
        conditions.add("t.deleted_at is null")
    order = "t.id" if wanted.near is None else f"{distance_from(wanted.near, 't.latitude', 't.longitude')}, t.id"
    return await find_page(connection, "site t", conditions, window, order=order)


async def connectors_of_sites(connection: Connection, site_ids: Sequence[int], team_id: int) -> list[int]:
    """List the ids of a team's connectors on some sites."""
    rows = await connection.fetch(
        "select id from connector where site_id = any($1) and team_id = $2 and deleted_at is null order by id",
        list(site_ids), team_id,
    )  # fmt: skip
    return [row["id"] for row in rows]
