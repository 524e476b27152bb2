"""Giving a box the charge keys it may accept while it has no contact to us."""

from datetime import UTC, datetime
from typing import Any

from wattline.database.bus import Bus
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.operations import remote_actions
from wattline.operations.command_targets import Where, find_target
from wattline.operations.commands import CommandResult
from wattline.operations.local_lists import ListEntry, LocalList, local_list


async def sync_charge_keys(
    database: Database, bus: Bus, where: Where, *, asked_by: Viewer, now: datetime
) -> CommandResult:
    """Send what changed since the box accepted its last list, or the whole list when it has none or will not have that.

    Raises as every remote action does.
    """
    target = await find_target(database, where, asked_by=asked_by)
    keys = await local_list(database, target.charge_point_id, now=now)
    result = await _send(database, bus, where, keys, asked_by, now)
    if keys.full or result.outcome != "refused":
        return result
    # Its list is not the one we think it has: VersionMismatch, or Failed.
    whole = await local_list(database, target.charge_point_id, full=True, now=now)
    return await _send(database, bus, where, whole, asked_by, now)


async def _send(
    database: Database, bus: Bus, where: Where, keys: LocalList, asked_by: Viewer, now: datetime
) -> CommandResult:
    return await remote_actions.send_local_list(
        database, bus, where, version=keys.version, entries=[_entry(key) for key in keys.entries], full=keys.full,
        asked_by=asked_by, now=now,
    )  # fmt: skip


def _entry(key: ListEntry) -> dict[str, Any]:
    """Put a key into OCPP's words; one without idTagInfo is taken off the list (OCPP 1.6 section 7.8)."""
    if key.status is None:
        return {"idTag": key.id_tag}
    info: dict[str, Any] = {"status": key.status}
    if key.expires_at is not None:
        info["expiryDate"] = f"{key.expires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"idTag": key.id_tag, "idTagInfo": info}
