"""Charge points in software that belong to the viewer."""

from dataclasses import dataclass

from wattline.database.connection import Connection
from wattline.domain.access import Viewer

BOXES_MAX, KEYS_MAX = 100, 20


@dataclass(frozen=True, slots=True)
class EmulatedBox:
    """A box that is played by an emulator."""

    id: int
    identity: str
    names: tuple[str, ...]
    states: tuple[str, ...]


async def list_emulated(connection: Connection, viewer: Viewer) -> list[EmulatedBox]:
    """List the viewer's emulated charge points by name."""
    rows = await connection.fetch(
        """
        select b.id, b.identity, array_agg(k.name order by k.number) as names,
          array_agg(coalesce(l.state, 'passive') order by k.number) as states
        from charge_point b join connector k on k.charge_point_id = b.id and k.deleted_at is null
        left join connector_live l on l.connector_id = k.id
        where b.emulated and b.deleted_at is null and b.operator_id = any($1) and ($2::bigint[] is null or b.team_id = any($2))
        group by b.id order by min(k.name), b.id limit $3
        """,
        viewer.operator_ids, viewer.team_ids, BOXES_MAX,
    )  # fmt: skip
    return [EmulatedBox(row["id"], row["identity"], tuple(row["names"]), tuple(row["states"])) for row in rows]


async def list_keys(connection: Connection, viewer: Viewer) -> list[tuple[str, str]]:
    """List some charge keys to tap: their number and name."""
    rows = await connection.fetch(
        """
        select identifier, coalesce(name, '') as name from charge_key
        where type = 'rfid' and deleted_at is null and operator_id = any($1) and ($2::bigint[] is null or team_id = any($2))
        order by id limit $3
        """,
        viewer.operator_ids, viewer.team_ids, KEYS_MAX,
    )  # fmt: skip
    return [(row["identifier"], row["name"]) for row in rows]
