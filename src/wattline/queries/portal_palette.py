"""What the palette finds: charge points, charges and sites by a few letters."""

from dataclasses import dataclass

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.queries.portal_states import STATE_SHOWN

BOXES_MAX, CHARGES_MAX, SITES_MAX = 4, 3, 3


@dataclass(frozen=True, slots=True)
class FoundBox:
    """A charge point, by its key (see portal_charge_points)."""

    key: int
    names: tuple[str, ...]
    identity: str | None
    state: str


@dataclass(frozen=True, slots=True)
class FoundCharge:
    """A charge by its number for people, or the partner's own."""

    id: int
    human_readable_id: str
    state: str
    failed: bool
    where: str


@dataclass(frozen=True, slots=True)
class FoundSite:
    """A site."""

    id: int
    name: str
    connectors: int


async def find_boxes(connection: Connection, viewer: Viewer, text: str) -> list[FoundBox]:
    """Find charge points by name or identity; those that begin with the text come first."""
    rows = await connection.fetch(
        f"""
        with boxes as (
          select coalesce(k.charge_point_id, -k.id) as key, array_agg(k.name order by k.number) as names,
            min(b.identity) as identity, bool_or(k.name ilike $3 || '%' or b.identity ilike $3 || '%') as begins,
            bool_or(k.name ilike '%' || $3 || '%' or b.identity ilike '%' || $3 || '%') as matches,
            (array_agg({STATE_SHOWN} order by array_position($5, {STATE_SHOWN})))[1] as state
          from connector k left join charge_point b on b.id = k.charge_point_id
          left join connector_live l on l.connector_id = k.id
          where k.operator_id = any($1) and ($2::bigint[] is null or k.team_id = any($2)) and k.deleted_at is null
          group by 1
        )
        select key, names, identity, state from boxes where matches
        order by not begins, array_position($5, state), names[1] limit $4
        """,
        viewer.operator_ids, viewer.team_ids, text, BOXES_MAX, ["error", "disconnected", "busy-charging"],
    )  # fmt: skip
    return [FoundBox(**(dict(row) | {"names": tuple(row["names"])})) for row in rows]


async def find_charges(connection: Connection, viewer: Viewer, text: str) -> list[FoundCharge]:
    """Find charges whose number begins with the text, or whose partner's id is the text."""
    rows = await connection.fetch(
        """
        select c.id, c.human_readable_id, c.state, c.failed_at is not null as failed, k.name as where
        from charge c join connector k on k.id = c.connector_id
        where c.operator_id = any($1) and ($2::bigint[] is null or c.team_id = any($2))
          and (c.human_readable_id like upper($3) || '%' or c.partner_external_id = $3)
        order by c.created_at desc limit $4
        """,
        viewer.operator_ids, viewer.team_ids, text, CHARGES_MAX,
    )  # fmt: skip
    return [FoundCharge(**dict(row)) for row in rows]


async def find_sites(connection: Connection, viewer: Viewer, text: str) -> list[FoundSite]:
    """Find sites by name."""
    rows = await connection.fetch(
        """
        select s.id, s.name,
          (select count(*) from connector k where k.site_id = s.id and k.deleted_at is null) as connectors
        from site s where s.operator_id = any($1) and ($2::bigint[] is null or s.team_id = any($2))
          and s.deleted_at is null and s.name ilike '%' || $3 || '%' order by s.name limit $4
        """,
        viewer.operator_ids, viewer.team_ids, text, SITES_MAX,
    )  # fmt: skip
    return [FoundSite(**dict(row)) for row in rows]
