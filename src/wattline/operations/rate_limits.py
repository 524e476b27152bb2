"""Requests are counted per API key in blocks of time. Each process counts for itself and adds up here now and then."""

from datetime import datetime, timedelta
from typing import NamedTuple

from wattline.database.connection import Database


class Block(NamedTuple):
    """A block of time that runs: when it began, and how many requests all processes have reported."""

    started_at: datetime
    used: int


async def add_requests(database: Database, subject: str, requests: int, *, lasts: timedelta, now: datetime) -> Block:
    """Add requests to the subject's running block, or begin a new one with them when none runs."""
    async with database.begin() as tx:
        row = await tx.fetchrow(
            """insert into rate_window as w (subject, started_at, used) values ($1, $2, $3)
               on conflict (subject) do update set
                 used = case when w.started_at <= $4 then $3 else w.used + $3 end,
                 started_at = case when w.started_at <= $4 then $2 else w.started_at end
               returning started_at, used""",
            subject, now, requests, now - lasts,
        )  # fmt: skip
    assert row is not None
    return Block(row["started_at"], row["used"])
