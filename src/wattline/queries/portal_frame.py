"""What the Portal's navigation counts."""

from dataclasses import dataclass

from wattline.database.connection import Connection
from wattline.domain.access import Viewer


@dataclass(frozen=True, slots=True)
class RoomCounts:
    """The operator's name and looks, boxes in trouble (error or disconnected), and charges that run."""

    operator: str
    trouble: int
    running: int
    logo: str | None
    colour: str | None


async def count_rooms(connection: Connection, viewer: Viewer) -> RoomCounts:
    """Count for one viewer."""
    row = await connection.fetchrow(
        """
        select o.name as operator, o.logo_name as logo, o.colour,
          (select count(distinct k.charge_point_id) from connector_live l join connector k on k.id = l.connector_id
            join charge_point b on b.id = k.charge_point_id and b.connected_at is not null
            where l.operator_id = any($1) and l.state in ('error', 'disconnected') and k.deleted_at is null
              and ($2::bigint[] is null or k.team_id = any($2))) as trouble,
          (select count(*) from charge where operator_id = any($1) and completed_at is null
            and state in ('charging', 'paused') and ($2::bigint[] is null or team_id = any($2))) as running
        from operator o where o.id = $3
        """,
        viewer.operator_ids, viewer.team_ids, viewer.operator_id,
    )  # fmt: skip
    assert row is not None
    return RoomCounts(**dict(row))
