"""Gateways say that they live; whoever holds leases of one that fell silent lets go of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from wattline.database.connection import Database, Transaction
from wattline.operations import commands
from wattline.operations.connections import Lease, give_up_leases

log = structlog.get_logger()

# A gateway says that it lives every 5 s; three missed beats and a little are a death.
BEAT_SECONDS = 5.0
DEAD_AFTER = timedelta(seconds=17)

BEAT = """
insert into gateway (id, started_at, seen_at, calls) values ($1, $2, $2, $3)
on conflict (id) do update set seen_at = excluded.seen_at, calls = excluded.calls
returning started_at = $2 as is_new
"""


async def beat(
    database: Database, gateway_id: str, *, calls: Mapping[str, Mapping[str, int]] | None = None, now: datetime
) -> bool:
    """Say that a gateway lives. True when nobody knew it: it is new, or was taken for dead and lost its leases.

    `calls` are its OCPP calls so far, by direction (`received`, `sent`) and action.
    """
    async with database.begin() as tx:
        is_new: bool = await tx.fetchval(BEAT, gateway_id, now, dict(calls or {}))
    return is_new


async def bury_dead(database: Database, *, now: datetime) -> list[str]:
    """Let go of the leases of gateways that fell silent, and settle what they had sent; return their ids.

    Their boxes get a Disconnect line, unless they have come back through another gateway already.
    """
    async with database.begin() as tx:
        rows = await tx.fetch(
            "select id from gateway where seen_at < $1 order by id for update skip locked", now - DEAD_AFTER
        )
        dead = [row["id"] for row in rows]
        if dead:
            log.warning("gateways fell silent", gateways=dead)
            await _let_go(tx, dead, now)
    await commands.settle_unanswered(database, now=now)
    return dead


async def leave(database: Database, gateway_id: str, *, now: datetime) -> None:
    """Say goodbye: let go of everything at once, so that nobody waits for us."""
    async with database.begin() as tx:
        await _let_go(tx, [gateway_id], now)
    await commands.settle_unanswered(database, now=now)


async def _let_go(tx: Transaction, gateway_ids: list[str], now: datetime) -> None:
    held = await tx.fetch("select charge_point_id, epoch from lease where gateway_id = any($1)", gateway_ids)
    leases = [Lease(row["charge_point_id"], row["epoch"]) for row in held]
    await give_up_leases(tx, leases, detail={"because": "the gateway stopped"}, now=now)
    await tx.execute("delete from gateway where id = any($1)", gateway_ids)
