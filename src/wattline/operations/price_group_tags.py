"""Tags of prices: words of the operator's own that stand beside the lines of a price."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database.changes import update_row
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.operations import audit

PATCHABLE = frozenset({"name", "description", "partner_external_id", "partner_custom_payload"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTag:
    """What a tag begins with."""

    name: str
    description: str | None = None
    partner_external_id: str | None = None
    partner_custom_payload: Any = None


async def create_tag(database: Database, new: NewTag, *, asked_by: Viewer, now: datetime) -> int:
    """Make a tag and return its id."""
    async with database.begin() as tx:
        tag_id: int = await tx.fetchval(
            """insert into price_group_tag (operator_id, name, description, partner_external_id,
                 partner_custom_payload, created_at) values ($1, $2, $3, $4, $5, $6) returning id""",
            asked_by.operator_id, new.name, new.description, new.partner_external_id, new.partner_custom_payload, now,
        )  # fmt: skip
        await audit.note(tx, asked_by, "create", "price-group-tag", tag_id, now=now)
    return tag_id


async def patch_tag(
    database: Database, tag_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> None:
    """Change columns of a tag (see PATCHABLE). Raises Unknown."""
    async with database.begin() as tx:
        before = await _lock(tx, tag_id, asked_by)
        changed = {**changes, "updated_at": now}
        await update_row(tx, "price_group_tag", tag_id, changed, allowed=PATCHABLE | {"updated_at"})
        detail = audit.changed(before, changes)
        await audit.note(tx, asked_by, "edit", "price-group-tag", tag_id, now=now, detail=detail)


async def delete_tag(database: Database, tag_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a tag away; prices lose it, lines of charges that began keep its id. Raises Unknown."""
    async with database.begin() as tx:
        await _lock(tx, tag_id, asked_by)
        await tx.execute("update pricing set tag_id = null where tag_id = $1", tag_id)
        await tx.execute("update price_group_tag set deleted_at = $2 where id = $1", tag_id, now)
        await audit.note(tx, asked_by, "delete", "price-group-tag", tag_id, now=now)


async def _lock(tx: Transaction, tag_id: int, asked_by: Viewer) -> Record:
    row = await tx.fetchrow("select * from price_group_tag where id = $1 and deleted_at is null for update", tag_id)
    if row is None or row["operator_id"] not in asked_by.operator_ids:
        raise Unknown("price group tag", tag_id)
    return row
