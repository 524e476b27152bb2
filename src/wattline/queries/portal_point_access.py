"""Who may use a charge point and when, as the Details tab of its page shows and changes it."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.public_hours import Span
from wattline.domain.refusals import Unknown


@dataclass(frozen=True, slots=True)
class PointAccess:
    """Of the connector with the lowest number; the others of the box are alike. `spans` empty: no hours are set."""

    connector_id: int
    team: str
    visibility: str
    show_on_map: bool
    active: bool
    spans: Sequence[Span]
    time_zone: str | None


async def access_of_box(connection: Connection, viewer: Viewer, charge_point_id: int) -> PointAccess:
    """Load it. Raises Unknown, also for somebody else's box."""
    row = await connection.fetchrow(ACCESS, charge_point_id, viewer.operator_ids, viewer.team_ids)
    if row is None:
        raise Unknown("charge point", charge_point_id)
    return PointAccess(
        connector_id=row["id"],
        team=row["team"],
        visibility=row["visibility"],
        show_on_map=row["show_on_map"],
        active=row["active_at"] is not None,
        spans=msgspec.convert(row["spans"] or [], list[Span]),
        time_zone=row["time_zone"],
    )


ACCESS = """
select k.id, t.name as team, k.visibility, k.show_on_map, k.active_at, h.spans, h.time_zone
from connector k join team t on t.id = k.team_id left join public_hours h on h.connector_id = k.id
where k.charge_point_id = $1 and k.deleted_at is null
  and k.operator_id = any($2) and ($3::bigint[] is null or k.team_id = any($3))
order by k.number limit 1
"""
