"""Finding a charge key by what a box read, and judging it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.charge_key import Key, KeyStatus, Place, lookup_keys, may_charge
from wattline.domain.facts import ChargeKeyScanned, Fact
from wattline.domain.refusals import Unknown

# A tap is one Authorize and one StartTransaction within seconds: one scan.
SCAN_LASTS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Judged:
    """A tag that was held to a reader: its key, if we know it, and whether that may charge there."""

    key: Record | None
    status: KeyStatus


async def judge(tx: Transaction, id_tag: str, place: Place, *, now: datetime) -> Judged:
    """Find the key a tag stands for and decide whether it may charge at this place."""
    wanted = lookup_keys(id_tag)
    rows = {row["identifier_key"]: row for row in await tx.fetch(FIND, wanted)}
    row = next((rows[form] for form in wanted if form in rows), None)
    return Judged(row, may_charge(None if row is None else as_key(row), place, now=now))


async def place_of_box(tx: Transaction, charge_point_id: int) -> Place:
    """Tell what a whole box is like as a place to charge: public when one of its connectors is.

    OCPP 1.6 authorises a key for a box, before it says for which connector.
    """
    row = await tx.fetchrow(BOX, charge_point_id)
    if row is None:
        raise Unknown("charge point", charge_point_id)
    return Place(row["operator_id"], row["team_id"], row["public"], row["country_id"])


def as_key(row: Record) -> Key:
    """Take what the rules need from a row with its team's `stopped`."""
    return Key(
        operator_id=row["operator_id"],
        team_id=row["team_id"],
        own_network=row["own_network"],
        operator_network=row["operator_network"],
        active_until=row["active_until"],
        blocked_at=row["blocked_at"],
        team_stopped=row["team_stopped"],
        country_ids=frozenset(row["country_ids"]),
        operator_ids=frozenset(row["operator_ids"]),
    )


async def note_scan(tx: Transaction, key: Record, charge_point_id: int, *, now: datetime) -> Sequence[Fact]:
    """Remember that a known key was held to a reader; return the fact, once per tap."""
    if key["scanned_at"] is not None and now - key["scanned_at"] < SCAN_LASTS:
        return []
    await tx.execute("update charge_key set scanned_at = $2 where id = $1", key["id"], now)
    scanned = ChargeKeyScanned(
        entity_id=key["id"],
        operator_ids=(key["operator_id"],),
        team_ids=(key["team_id"],),
        charge_point_id=charge_point_id,
    )
    return [scanned]


BOX = """
select box.operator_id, box.team_id, exists (
  select from connector k
  where k.charge_point_id = box.id and k.deleted_at is null
    and k.visibility = 'public' and k.active_at is not null) as public,
  coalesce((
    select site.country_id from connector k join site on site.id = k.site_id
    where k.charge_point_id = box.id and k.deleted_at is null and site.country_id is not null order by k.id limit 1),
    (select country_id from team where team.id = box.team_id)) as country_id
from charge_point box where box.id = $1
"""

FIND = """
select key.*, team.frozen_at is not null or team.blocked_at is not null as team_stopped
from charge_key key join team on team.id = key.team_id
where key.identifier_key = any($1) and key.deleted_at is null
"""
