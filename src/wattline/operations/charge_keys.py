"""Charge keys: people add, edit, block and delete them; boxes ask whether one may charge, or keep a list of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database import outbox
from wattline.database.changes import update_row
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.charge_key import KEY_LENGTHS, KeyStatus, identifier_key, is_same_tag, must_be_valid
from wattline.domain.facts import ChargeKeyChanged, ChargeKeyCreated, ChargeKeyDeleted, Fact
from wattline.domain.refusals import AlreadyTaken, Invalid, Unknown
from wattline.operations import audit
from wattline.operations.charge_key_rows import judge, note_scan, place_of_box
from wattline.operations.local_lists import ListEntry, LocalList, local_list
from wattline.operations.reader_waits import note_unknown_tap

__all__ = [
    "KeyAnswer", "ListEntry", "LocalList", "NewChargeKey", "add_charge_key", "authorise", "block_charge_key",
    "delete_charge_key", "edit_charge_key", "local_list", "report_lost", "unblock_charge_key",
]  # fmt: skip

PATCHABLE = frozenset({
    "team_id", "user_id", "name", "own_network", "roaming_network", "operator_network", "active_until",
    "partner_external_id", "partner_custom_payload", "country_ids", "operator_ids", "own_wallet", "vehicle", "provider",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChargeKey:
    """A key as somebody adds it; `type` is `rfid` or `vehicleId`, the identifier without `VID:`.

    Empty `country_ids` and `operator_ids` bind nothing. `own_wallet`: the member's own wallet pays, not the team's.
    `vehicle` and `provider` are names: the car it belongs to, and whose card it is where it is not ours.
    """

    team_id: int
    type: str
    identifier: str
    user_id: int | None = None
    name: str | None = None
    own_network: bool = True
    roaming_network: bool = True
    operator_network: bool = True
    active_until: datetime | None = None
    blocked_at: datetime | None = None
    partner_external_id: str | None = None
    partner_custom_payload: Any = None
    country_ids: Sequence[int] = ()
    operator_ids: Sequence[int] = ()
    own_wallet: bool = False
    vehicle: str | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAnswer:
    """The idTagInfo for a tag. We have no groups of keys yet, so no parent."""

    status: KeyStatus
    expires_at: datetime | None = None


async def authorise(database: Database, charge_point_id: int, id_tag: str, *, now: datetime) -> KeyAnswer:
    """Answer an Authorize: tags of charges asked for at this box are let in, then keys by their rules."""
    async with database.begin() as tx:
        tags = await tx.fetch(TAGS_ASKED_FOR, charge_point_id)
        if any(is_same_tag(id_tag, row["id_tag"]) for row in tags):
            return KeyAnswer(status=KeyStatus.ACCEPTED)
        judged = await judge(tx, id_tag, await place_of_box(tx, charge_point_id), now=now)
        if judged.key is None:
            await note_unknown_tap(tx, charge_point_id, id_tag, now=now)
            return KeyAnswer(status=judged.status)
        await outbox.add(tx, await note_scan(tx, judged.key, charge_point_id, now=now), now=now)
        return KeyAnswer(status=judged.status, expires_at=judged.key["active_until"])


async def add_charge_key(
    database: Database,
    new: NewChargeKey,
    *,
    asked_by: Viewer,
    lengths: frozenset[int] = KEY_LENGTHS,
    now: datetime,
) -> int:
    """Add a key to a team, which pays for what it charges; return its id.

    `lengths` are the allowed numbers of hex characters, a setting. Raises Invalid, Unknown for somebody else's team,
    and AlreadyTaken when the identifier is in use.
    """
    must_be_valid(new.identifier, new.type, lengths=lengths)
    async with database.begin() as tx:
        operator_id = await _operator_of(tx, new.team_id, asked_by)
        await _must_know_user(tx, new.user_id, operator_id)
        await _must_know_places(tx, new.country_ids, new.operator_ids, asked_by)
        key_id: int | None = await tx.fetchval(
            ADD, operator_id, new.team_id, new.user_id, new.type, new.identifier.strip(),
            identifier_key(new.identifier, new.type), new.name, new.own_network, new.roaming_network,
            new.operator_network, new.active_until, new.blocked_at, new.partner_external_id,
            new.partner_custom_payload, now, list(new.country_ids), list(new.operator_ids), new.own_wallet, new.vehicle,
            new.provider,
        )  # fmt: skip
        if key_id is None:
            raise AlreadyTaken(f"The charge key {new.identifier} is in use already. Delete it where it is first.")
        created = audit.changed({}, {"identifier": new.identifier.strip(), "team_id": new.team_id, "name": new.name})
        await _tell(tx, ChargeKeyCreated, key_id, operator_id, new.team_id, "create", asked_by, now, created)
    return key_id


async def edit_charge_key(
    database: Database, key_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> None:
    """Change columns of a key (see PATCHABLE). Blocking has verbs of its own."""
    async with database.begin() as tx:
        key = await _lock(tx, key_id, asked_by)
        unknown = sorted(changes.keys() - PATCHABLE)
        if unknown:
            raise Invalid(unknown[0], "cannot be changed")
        team_id = changes.get("team_id", key["team_id"])
        if await _operator_of(tx, team_id, asked_by) != key["operator_id"]:
            raise Unknown("team", team_id)
        await _must_know_user(tx, changes.get("user_id"), key["operator_id"])
        await _must_know_places(tx, changes.get("country_ids", ()), changes.get("operator_ids", ()), asked_by)
        await update_row(tx, "charge_key", key_id, changes, allowed=PATCHABLE)
        await _touch(tx, key, "edit", asked_by, now, audit.changed(dict(key), changes))


async def block_charge_key(database: Database, key_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Let a key charge nowhere. One that is blocked keeps its date."""
    async with database.begin() as tx:
        key = await _lock(tx, key_id, asked_by)
        await tx.execute("update charge_key set blocked_at = coalesce(blocked_at, $2) where id = $1", key_id, now)
        await _touch(tx, key, "block", asked_by, now)


async def report_lost(database: Database, key_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Block a key that somebody lost, and remember since when. Whoever finds it charges nowhere with it."""
    async with database.begin() as tx:
        key = await _lock(tx, key_id, asked_by)
        await tx.execute(
            """update charge_key set lost_at = coalesce(lost_at, $2), blocked_at = coalesce(blocked_at, $2)
               where id = $1""",
            key_id, now,
        )  # fmt: skip
        await _touch(tx, key, "report-lost", asked_by, now)


async def unblock_charge_key(database: Database, key_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Let a blocked key charge again; one that was lost is found."""
    async with database.begin() as tx:
        key = await _lock(tx, key_id, asked_by)
        await tx.execute("update charge_key set blocked_at = null, lost_at = null where id = $1", key_id)
        await _touch(tx, key, "unblock", asked_by, now)


async def delete_charge_key(database: Database, key_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a key away; its charges stay, and its identifier is free again."""
    async with database.begin() as tx:
        key = await _lock(tx, key_id, asked_by)
        await tx.execute("update charge_key set deleted_at = $2, updated_at = $2 where id = $1", key_id, now)
        await _tell(tx, ChargeKeyDeleted, key_id, key["operator_id"], key["team_id"], "delete", asked_by, now)


async def _lock(tx: Transaction, key_id: int, asked_by: Viewer) -> Record:
    row = await tx.fetchrow("select * from charge_key where id = $1 and deleted_at is null for update", key_id)
    if row is None or not asked_by.sees(row["operator_id"], row["team_id"]):
        raise Unknown("charge key", key_id)
    return row


async def _operator_of(tx: Transaction, team_id: int, asked_by: Viewer) -> int:
    operator_id: int | None = await tx.fetchval(
        "select operator_id from team where id = $1 and deleted_at is null", team_id
    )
    if operator_id is None or not asked_by.sees(operator_id, team_id):
        raise Unknown("team", team_id)
    return operator_id


async def _must_know_user(tx: Transaction, user_id: int | None, operator_id: int) -> None:
    if user_id is not None and not await tx.fetchval(KNOWS_USER, user_id, operator_id):
        raise Unknown("user", user_id)


async def _must_know_places(
    tx: Transaction, country_ids: Sequence[int], operator_ids: Sequence[int], asked_by: Viewer
) -> None:
    known = await tx.fetchval("select count(*) from country where id = any($1)", list(country_ids))
    if known != len(set(country_ids)):
        raise Invalid("countries", "must be countries of the list.")
    foreign = set(operator_ids) - set(asked_by.operator_ids)
    if foreign:
        raise Unknown("operator", min(foreign))


async def _touch(
    tx: Transaction,
    key: Record,
    deed: str,
    asked_by: Viewer,
    now: datetime,
    detail: Mapping[str, object] | None = None,
) -> None:
    team_id = await tx.fetchval("update charge_key set updated_at = $2 where id = $1 returning team_id", key["id"], now)
    await _tell(tx, ChargeKeyChanged, key["id"], key["operator_id"], team_id, deed, asked_by, now, detail)


async def _tell(
    tx: Transaction,
    kind: type[Fact],
    key_id: int,
    operator_id: int,
    team_id: int,
    deed: str,
    asked_by: Viewer,
    now: datetime,
    detail: Mapping[str, object] | None = None,
) -> None:
    await outbox.add(tx, [kind(entity_id=key_id, operator_ids=(operator_id,), team_ids=(team_id,))], now=now)
    await audit.note(tx, asked_by, deed, "charge-key", key_id, now=now, detail=detail)


TAGS_ASKED_FOR = """
select c.id_tag
from connector k join charge c on c.connector_id = k.id and c.completed_at is null and c.charge_key_id is null
where k.charge_point_id = $1 and c.stopped_at is null
"""

ADD = """
insert into charge_key (operator_id, team_id, user_id, type, identifier, identifier_key, name, own_network,
  roaming_network, operator_network, active_until, blocked_at, partner_external_id, partner_custom_payload, created_at,
  updated_at, country_ids, operator_ids, own_wallet, vehicle, provider)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, $18, $19, $20)
on conflict (identifier_key) where deleted_at is null do nothing returning id
"""

KNOWS_USER = """
select exists (select from users where id = $1 and operator_id = $2)
  or exists (select from member where user_id = $1 and operator_id = $2 and deleted_at is null)
"""
