"""Connectors of the viewer as one row each: what the list of charge points is saved as, and read from again."""

from collections.abc import Sequence
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.queries.portal_states import STATE_SHOWN

COLUMNS = (
    "id", "name", "identity", "connector", "state", "site", "team", "types", "max_kw", "visibility", "active",
    "note", "external_id", "price_group", "vendor", "model", "firmware", "last_heard",
)  # fmt: skip


async def export_connectors(
    connection: Connection, viewer: Viewer, keys: Sequence[int] | None = None
) -> list[tuple[Any, ...]]:
    """List connectors by site and name; the values are in the order of COLUMNS, times aware.

    `keys` are those of rows of the list (see portal_charge_points.py), None all.
    """
    rows = await connection.fetch(
        f"""
        select k.id, k.name, b.identity, k.number, {STATE_SHOWN}, s.name, t.name,
          array_to_string(array(
            select c.name from connector_type c where c.id = any(k.connector_types) order by c.id), ', '),
          (k.max_power_w / 1000.0)::float, k.visibility, k.active_at is not null, k.note, k.partner_external_id,
          g.name, b.vendor, b.model, b.firmware_version, b.last_heard_at
        from connector k join team t on t.id = k.team_id left join charge_point b on b.id = k.charge_point_id
        left join site s on s.id = k.site_id left join connector_live l on l.connector_id = k.id
        left join price_group g on g.id = k.price_group_id
        where k.operator_id = any($1) and ($2::bigint[] is null or k.team_id = any($2)) and k.deleted_at is null
          and ($3::bigint[] is null or coalesce(k.charge_point_id, -k.id) = any($3))
        order by s.name nulls last, k.name, k.id
        """,
        viewer.operator_ids, viewer.team_ids, None if keys is None else list(keys),
    )  # fmt: skip
    return [tuple(row.values()) for row in rows]
