"""Member groups: templates of what members may do. Whoever is in a group has exactly what the group has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database import outbox
from wattline.database.changes import update_row
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import MemberChanged
from wattline.domain.member_terms import PLAIN, Terms
from wattline.domain.naming import checked_name
from wattline.domain.refusals import AlreadyTaken
from wattline.operations import audit
from wattline.operations.member_rows import (
    GROUP_COLUMNS,
    columns_of,
    lock_group,
    lock_team_of_members,
    member_fact,
    must_be_lettable,
    switches_of,
)

PATCHABLE = frozenset({"name", "description", *GROUP_COLUMNS})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroup:
    """What a group begins with; `terms.connector_ids` is each member's own matter and does not count."""

    team_id: int
    name: str
    description: str = ""
    terms: Terms = PLAIN


async def create_group(database: Database, new: NewGroup, *, asked_by: Viewer, now: datetime) -> int:
    """Make a group and return its id. Raises Unknown, Invalid, NotAllowed, AlreadyTaken for a name in use."""
    name = checked_name(new.name)
    async with database.begin() as tx:
        team = await lock_team_of_members(tx, new.team_id, asked_by=asked_by)
        columns = columns_of(new.terms)
        await must_be_lettable(tx, team, columns, asked_by=asked_by)
        await _must_be_free(tx, team["id"], name)
        row = {
            "operator_id": team["operator_id"], "team_id": team["id"], "name": name, "description": new.description,
            **{column: columns[column] for column in GROUP_COLUMNS}, "created_at": now, "updated_at": now,
        }  # fmt: skip
        places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
        group_id: int = await tx.fetchval(
            f"insert into member_group ({', '.join(row)}) values ({places}) returning id", *row.values()
        )
        await audit.note(tx, asked_by, "create", "member-group", group_id, now=now)
    return group_id


async def edit_group(
    database: Database, group_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> int:
    """Change a group (see PATCHABLE) and with it all its members; return how many these are.

    Raises Unknown, Invalid, NotAllowed, AlreadyTaken.
    """
    async with database.begin() as tx:
        group = await lock_group(tx, group_id, asked_by=asked_by)
        team = await lock_team_of_members(tx, group["team_id"], asked_by=asked_by)
        if "name" in changes:
            changes = {**changes, "name": checked_name(changes["name"])}
            await _must_be_free(tx, team["id"], changes["name"], besides=group_id)
        after = {**dict(group), **changes}
        await must_be_lettable(tx, team, after, asked_by=asked_by, already=switches_of(group))
        await update_row(
            tx, "member_group", group_id, {**changes, "updated_at": now}, allowed=PATCHABLE | {"updated_at"}
        )
        members = await _pass_on(tx, group_id, {column: after[column] for column in GROUP_COLUMNS}, now)
        await outbox.add(tx, [member_fact(MemberChanged, row) for row in members], now=now)
        detail = audit.changed(group, changes)
        await audit.note(tx, asked_by, "edit", "member-group", group_id, now=now, detail=detail)
    return len(members)


async def delete_group(database: Database, group_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a group away; its members keep what they may do, each for themselves. Raises Unknown, NotAllowed."""
    async with database.begin() as tx:
        await lock_group(tx, group_id, asked_by=asked_by)
        await tx.execute("update member_group set deleted_at = $2, updated_at = $2 where id = $1", group_id, now)
        await tx.execute(
            "update member set member_group_id = null, updated_at = $2 where member_group_id = $1", group_id, now
        )
        await audit.note(tx, asked_by, "delete", "member-group", group_id, now=now)


async def _pass_on(tx: Transaction, group_id: int, told: Mapping[str, Any], now: datetime) -> list[Record]:
    assignments = ", ".join(f"{column} = ${place}" for place, column in enumerate(told, start=3))
    return await tx.fetch(
        f"""update member set {assignments}, updated_at = $2 where member_group_id = $1 and deleted_at is null
            returning id, operator_id, team_id""",
        group_id, now, *told.values(),
    )  # fmt: skip


async def _must_be_free(tx: Transaction, team_id: int, name: str, *, besides: int | None = None) -> None:
    if await tx.fetchval(NAMED, team_id, name, besides):
        raise AlreadyTaken(f"There is a member group {name} in this team already.")


NAMED = """
select exists (select from member_group where team_id = $1 and lower(name) = lower($2) and deleted_at is null
  and id is distinct from $3)
"""
