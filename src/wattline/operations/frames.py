"""Raw frames, kept a few days to see what a charge point really said."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from wattline.database.commands import channel_of
from wattline.database.connection import Database, wake
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.operations import audit

# The storage of all partitions together; the catalogue knows it without reading a row.
SIZE = "select coalesce(sum(pg_total_relation_size(inhrelid)), 0) from pg_inherits where inhparent = 'frame'::regclass"


class FrameRow(NamedTuple):
    """One frame as it crossed the wire; the fields are the columns of table `frame`."""

    operator_id: int
    charge_point_id: int
    at: datetime
    inbound: bool
    action: str | None
    message_id: str | None
    body: str


async def keep_frames(database: Database, frames: Sequence[FrameRow]) -> None:
    """Store frames in one go."""
    async with database.begin() as tx:
        await tx.copy_records_to_table("frame", records=frames, columns=FrameRow._fields)


async def record_all_frames(
    database: Database, charge_point_id: int, *, everything: bool, asked_by: Viewer, now: datetime
) -> None:
    """Record heartbeats and meter values of a box as well, or no longer; at once, if it is connected.

    Raises Unknown.
    """
    async with database.begin() as tx:
        box = await tx.fetchrow(
            "select operator_id, team_id from charge_point where id = $1 and deleted_at is null for update",
            charge_point_id,
        )
        if box is None or not asked_by.sees(box["operator_id"], box["team_id"]):
            raise Unknown("charge point", charge_point_id)
        await tx.execute("update charge_point set record_all_frames = $2 where id = $1", charge_point_id, everything)
        holder = await tx.fetchval("select gateway_id from lease where charge_point_id = $1", charge_point_id)
        if holder is not None:
            text = f"record {charge_point_id} {'all' if everything else 'some'}"
            wake(tx, channel_of(holder), text)
        await audit.note(tx, asked_by, "record-frames", "box", charge_point_id, now=now, detail={"all": everything})


async def bytes_of_frames(database: Database) -> int:
    """Return how much room the kept frames take on disk."""
    async with database.read() as connection:
        return int(await connection.fetchval(SIZE))
