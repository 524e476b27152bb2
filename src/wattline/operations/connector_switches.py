"""Switching charge points between testing and full use, and between work on them and service."""

from datetime import datetime

from wattline.database import outbox
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.operations import connector_states
from wattline.operations.charge_points import lock_connector, note_changed


async def activate(database: Database, connector_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Put a charge point to full use. One that is active already keeps its date."""
    async with database.begin() as tx:
        connector = await lock_connector(tx, connector_id, asked_by=asked_by)
        await tx.execute("update connector set active_at = coalesce(active_at, $2) where id = $1", connector_id, now)
        await note_changed(tx, connector, "activate", asked_by, now)


async def deactivate(database: Database, connector_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a charge point back to testing."""
    async with database.begin() as tx:
        connector = await lock_connector(tx, connector_id, asked_by=asked_by)
        await tx.execute("update connector set active_at = null where id = $1", connector_id)
        await note_changed(tx, connector, "deactivate", asked_by, now)


async def begin_maintenance(database: Database, connector_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Show a charge point as being worked on. One that is already keeps its date."""
    async with database.begin() as tx:
        connector = await lock_connector(tx, connector_id, asked_by=asked_by)
        since = connector["maintenance_at"] or now
        await tx.execute("update connector set maintenance_at = $2 where id = $1", connector_id, since)
        await outbox.add(tx, await connector_states.refresh(tx, [connector_id], now=now), now=now)
        await note_changed(tx, connector, "maintenance-on", asked_by, now)


async def end_maintenance(database: Database, connector_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Give a charge point back to drivers."""
    async with database.begin() as tx:
        connector = await lock_connector(tx, connector_id, asked_by=asked_by)
        await tx.execute("update connector set maintenance_at = null where id = $1", connector_id)
        await outbox.add(tx, await connector_states.refresh(tx, [connector_id], now=now), now=now)
        await note_changed(tx, connector, "maintenance-off", asked_by, now)
