"""What follows from the outcome of a command, beside the line in the log. One row per OCPP action that has effects."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.facts import Fact
from wattline.operations import charges, devices, local_lists


async def follow(tx: Transaction, command: Record, *, now: datetime) -> list[Fact]:
    """Do what follows from a settled row of table `command`."""
    effect = EFFECTS.get(command["action"])
    return [] if effect is None else await effect(tx, command, now)


async def _start_answered(tx: Transaction, command: Record, now: datetime) -> list[Fact]:
    if command["charge_id"] is None:
        return []
    return await charges.note_start_answer(
        tx, command["charge_id"], command["id"], command["outcome"], command["answer"], now=now
    )


async def _stop_answered(tx: Transaction, command: Record, now: datetime) -> list[Fact]:
    if command["charge_id"] is None:
        return []
    return await charges.note_stop_answer(
        tx, command["charge_id"], command["id"], command["outcome"], command["answer"], now=now
    )


async def _configuration_told(tx: Transaction, command: Record, now: datetime) -> list[Fact]:
    keys = command["answer"].get("configurationKey") or []
    if keys:
        await devices.store_configuration(tx, command["charge_point_id"], keys, now=now)
    return []


async def _configuration_changed(tx: Transaction, command: Record, now: datetime) -> list[Fact]:
    if command["outcome"] == "accepted":
        key = command["payload"] | {"readonly": False}
        await devices.store_configuration(tx, command["charge_point_id"], [key], now=now)
    return []


async def _local_list_sent(tx: Transaction, command: Record, now: datetime) -> list[Fact]:
    version = command["payload"].get("listVersion")
    if command["outcome"] == "accepted" and _is_version(version):
        # Of a list that somebody sent by hand we do not know what was on it.
        composed_at = command["created_at"] if command["purpose"] == "local-list" else None
        await local_lists.note_accepted(tx, command["charge_point_id"], version, composed_at=composed_at)
    return []


async def _local_list_version_told(tx: Transaction, command: Record, now: datetime) -> list[Fact]:
    version = command["answer"].get("listVersion")
    if _is_version(version):
        await local_lists.note_told_version(tx, command["charge_point_id"], version)
    return []


def _is_version(version: object) -> bool:
    return isinstance(version, int) and version >= 0


EFFECTS: Mapping[str, Callable[[Transaction, Record, datetime], Awaitable[list[Fact]]]] = {
    "RemoteStartTransaction": _start_answered,
    "ReserveNow": _start_answered,
    "RemoteStopTransaction": _stop_answered,
    "GetConfiguration": _configuration_told,
    "ChangeConfiguration": _configuration_changed,
    "SendLocalList": _local_list_sent,
    "GetLocalListVersion": _local_list_version_told,
}
