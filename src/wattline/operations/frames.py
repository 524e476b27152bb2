"""Raw frames, kept a few days to see what a charge point really said."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from wattline.database.connection import Database

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


async def bytes_of_frames(database: Database) -> int:
    """Return how much room the kept frames take on disk."""
    async with database.read() as connection:
        return int(await connection.fetchval(SIZE))
