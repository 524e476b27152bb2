"""Partitions are made before they are needed and dropped whole when their time is over."""

from datetime import UTC, datetime, timedelta

from wattline.database import partitions
from wattline.database.connection import Connection, Database
from wattline.settings import Retention

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def frame_at(connection: Connection, at: datetime, body: str = "[]") -> None:
    await connection.execute(
        "insert into frame (operator_id, charge_point_id, at, inbound, body) values (1, 1, $1, true, $2)", at, body
    )


async def tables_of_frames(connection: Connection) -> list[str]:
    rows = await connection.fetch("select distinct tableoid::regclass::text as name from frame order by 1")
    return [row["name"] for row in rows]


async def test_partitions_are_made_ahead_and_only_once(database: Database) -> None:
    async with database.begin() as tx:
        made = await partitions.make(tx, now=NOON)
    assert "reading_202611" in made
    assert {"frame_20261120", "frame_20261123", "log_line_20261120", "reading_202701"} <= set(made)
    async with database.begin() as tx:
        assert await partitions.make(tx, now=NOON) == []


async def test_rows_that_came_early_move_to_their_new_partition(database: Database) -> None:
    async with database.begin() as tx:
        await frame_at(tx, NOON)
        assert await tables_of_frames(tx) == ["frame_other"]
        await tx.execute(
            "insert into log_line (operator_id, charge_point_id, at, kind, detail) values (1, 1, $1, 'Connect', '{}')",
            NOON,
        )
        await partitions.make(tx, now=NOON)
        assert await tables_of_frames(tx) == ["frame_20261120"]
        await tx.execute(
            "insert into log_line (operator_id, charge_point_id, at, kind, detail) values (1, 1, $1, 'Connect', '{}')",
            NOON,
        )
        assert await tx.fetchval("select count(distinct id) from log_line") == 2


async def test_old_frames_are_dropped_by_the_day(database: Database) -> None:
    async with database.begin() as tx:
        await partitions.make(tx, now=NOON)
        await frame_at(tx, NOON)
        await frame_at(tx, NOON - timedelta(days=40))
        kept_for = Retention(frame_days=3, log_days=30)
        assert await partitions.drop_old(tx, now=NOON + timedelta(days=3), retention=kept_for) == []
        assert await tables_of_frames(tx) == ["frame_20261120"]
        dropped = await partitions.drop_old(tx, now=NOON + timedelta(days=4), retention=kept_for)
        assert dropped == ["frame_20261120"]
        assert await tables_of_frames(tx) == []


async def test_the_oldest_frames_go_first_when_all_are_too_large(database: Database) -> None:
    async with database.begin() as tx:
        for days in (-2, -1, 0):
            await partitions.make(tx, now=NOON + timedelta(days=days))
            await frame_at(tx, NOON + timedelta(days=days), "x" * 1_000)
        dropped = await partitions.drop_old(tx, now=NOON, retention=Retention(frame_bytes_max=1))
        assert dropped == ["frame_20261118", "frame_20261119"]
        assert await tables_of_frames(tx) == ["frame_20261120"]
