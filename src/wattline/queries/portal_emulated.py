"""Which of the charge points that an emulator plays are the viewer's, and keys to tap there."""

from collections.abc import Sequence
from dataclasses import dataclass

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.identity import identity_key

KEYS_MAX = 20


@dataclass(frozen=True, slots=True)
class EmulatedBox:
    """A box of the viewer's that an emulator plays, or is meant to; with the names of its connectors."""

    id: int
    identity: str
    names: tuple[str, ...]


async def emulated_boxes(connection: Connection, viewer: Viewer, played: Sequence[str]) -> list[EmulatedBox]:
    """List the viewer's boxes among these identities, and those marked as emulated that are not, by name."""
    rows = await connection.fetch(
        """
        select b.id, b.identity, array_agg(k.name order by k.number) as names
        from charge_point b join connector k on k.charge_point_id = b.id and k.deleted_at is null
        where (b.identity_key = any($3) or b.emulated) and b.deleted_at is null and b.operator_id = any($1)
          and ($2::bigint[] is null or b.team_id = any($2))
        group by b.id order by min(k.name), b.id
        """,
        viewer.operator_ids, viewer.team_ids, [identity_key(identity) for identity in played],
    )  # fmt: skip
    return [EmulatedBox(row["id"], row["identity"], tuple(row["names"])) for row in rows]


async def keys_to_tap(connection: Connection, viewer: Viewer) -> list[tuple[str, str]]:
    """List some charge keys to hold to a reader: their number and name."""
    rows = await connection.fetch(
        """
        select identifier, coalesce(name, '') as name from charge_key
        where type = 'rfid' and deleted_at is null and operator_id = any($1)
          and ($2::bigint[] is null or team_id = any($2))
        order by id limit $3
        """,
        viewer.operator_ids, viewer.team_ids, KEYS_MAX,
    )  # fmt: skip
    return [(row["identifier"], row["name"]) for row in rows]
