"""The list of keys that a box keeps for the time without contact (OCPP 1.6 section 5.15, SendLocalList)."""

from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Database, Transaction
from wattline.domain.charge_key import KeyStatus, may_charge
from wattline.domain.refusals import Unknown
from wattline.operations.charge_key_rows import as_key, place_of_box

# Few boxes keep more, and a longer list would not fit in one frame. The keys used last come first.
ENTRIES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One key on the list; `status` None takes it off the list."""

    id_tag: str
    status: KeyStatus | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalList:
    """What to send: the whole list, or what changed since the box accepted the version before."""

    version: int
    full: bool
    entries: tuple[ListEntry, ...]


async def local_list(database: Database, charge_point_id: int, *, full: bool = False, now: datetime) -> LocalList:
    """Compose the next version of a box's list: only the changes when it has one already, unless `full` is wanted.

    Blocked and expired keys stay on the list, so that the box refuses them without asking.
    """
    async with database.begin() as tx:
        box = await tx.fetchrow(BOX, charge_point_id)
        if box is None:
            raise Unknown("charge point", charge_point_id)
        since = None if full else box["local_list_at"]
        entries = await _entries(tx, charge_point_id, since, now)
    return LocalList(version=box["local_list_version"] + 1, full=since is None, entries=tuple(entries))


async def note_accepted(tx: Transaction, charge_point_id: int, version: int, *, composed_at: datetime | None) -> None:
    """Remember that a box has a version, with the keys as they were at a moment; None when we do not know them."""
    await tx.execute(
        "update charge_point set local_list_version = $2, local_list_at = $3 where id = $1",
        charge_point_id, version, composed_at,
    )  # fmt: skip


async def note_told_version(tx: Transaction, charge_point_id: int, version: int) -> None:
    """Remember which version a box says it has. One we did not send makes the next list a whole one."""
    await tx.execute(
        """update charge_point set local_list_version = $2,
             local_list_at = case local_list_version when $2 then local_list_at end
           where id = $1""",
        charge_point_id, version,
    )  # fmt: skip


async def _entries(tx: Transaction, charge_point_id: int, since: datetime | None, now: datetime) -> list[ListEntry]:
    place = await place_of_box(tx, charge_point_id)
    rows = await tx.fetch(KEYS, place.operator_id, since, ENTRIES_MAX)
    entries = []
    for row in rows:
        gone = row["deleted_at"] is not None
        status = KeyStatus.INVALID if gone else may_charge(as_key(row), place, now=now)
        kept = status is not KeyStatus.INVALID
        if kept or since is not None:
            info = (status, row["active_until"]) if kept else (None, None)
            entries.append(ListEntry(row["identifier"], *info))
    return entries


BOX = "select local_list_version, local_list_at from charge_point where id = $1"

# A vehicle's address is written as boxes read it, with its prefix.
KEYS = """
select key.operator_id, key.team_id, key.own_network, key.operator_network, key.active_until, key.blocked_at,
       key.country_ids, key.operator_ids, key.deleted_at,
       team.frozen_at is not null or team.blocked_at is not null as team_stopped,
       case key.type when 'vehicleId' then 'VID:' else '' end || key.identifier as identifier
from charge_key key join team on team.id = key.team_id
where key.operator_id = $1
  and (($2::timestamptz is null and key.deleted_at is null) or key.updated_at >= $2 or team.updated_at >= $2)
order by key.deleted_at nulls first, key.scanned_at desc nulls last, key.id
limit $3
"""
