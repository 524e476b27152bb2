"""Giving a box the charge keys it may accept while it has no contact to us."""

from datetime import UTC, datetime
from typing import Any

from wattline.database.bus import Bus
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.operations import remote_actions
from wattline.operations.command_targets import Where, find_target
from wattline.operations.commands import CommandResult
from wattline.operations.local_lists import ListEntry, local_list


async def sync_charge_keys(
    database: Database, bus: Bus, where: Where, *, asked_by: Viewer, now: datetime
) -> CommandResult:
    """Send the whole list of keys, whatever the box has so far. Raises as every remote action does."""
    target = await find_target(database, where, asked_by=asked_by)
    keys = await local_list(database, target.charge_point_id, full=True, now=now)
    return await remote_actions.send_local_list(
        database, bus, where, version=keys.version, entries=[_entry(key) for key in keys.entries], full=True,
        asked_by=asked_by, now=now,
    )  # fmt: skip


def _entry(key: ListEntry) -> dict[str, Any]:
    info: dict[str, Any] = {"status": key.status or "Invalid"}
    if key.expires_at is not None:
        info["expiryDate"] = f"{key.expires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"idTag": key.id_tag, "idTagInfo": info}
