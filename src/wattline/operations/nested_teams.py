"""Teams nested in another: their members may charge there, at a price that was agreed (product rules section 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database.changes import update_row
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Place, Right, Viewer, must
from wattline.domain.refusals import AlreadyTaken, Invalid, NotReady, Unknown
from wattline.operations import audit
from wattline.operations.member_rows import FOREIGN_CONNECTOR, GROUP_FITS
from wattline.operations.team_checks import lock_team

PATCHABLE = frozenset({"price_group_id", "note", "access", "connector_ids", "updated_at"})
NOTE_LENGTH_MAX = 255
# Changes of who is nested in whom wait for each other, so that two at once cannot close a circle.
NESTING_LOCK = 7_400_107


@dataclass(frozen=True, slots=True, kw_only=True)
class Nesting:
    """What the other team's members get. `connector_ids` None is access to every charge point of the parent."""

    parent_team_id: int
    price_group_id: int | None = None
    connector_ids: Sequence[int] | None = None
    note: str | None = None


async def nest_team(
    database: Database, new: Nesting, *, join_code: str, accepted: bool, asked_by: Viewer, now: datetime
) -> int:
    """Invite another team, named by its join code, and return the relation's id.

    Who knows the code was given it, so it may be anybody's team. `accepted` is for who speaks for both sides.
    Raises Unknown, Invalid for circles and foreign charge points, AlreadyTaken.
    """
    async with database.begin() as tx:
        await tx.execute("select pg_advisory_xact_lock($1)", NESTING_LOCK)
        parent = await lock_team(tx, new.parent_team_id, asked_by=asked_by)
        must(asked_by, Right.NEST_TEAMS, Place(parent["operator_id"], parent["id"]))
        nested_id: int | None = await tx.fetchval(
            "select id from team where join_code in ($1, upper($1)) and deleted_at is null", join_code.strip()
        )
        if nested_id is None:
            raise Unknown("team with the join code", join_code)
        await _must_be_no_circle(tx, new.parent_team_id, nested_id)
        await _must_fit(tx, parent["id"], new.price_group_id, new.connector_ids or ())
        relation_id: int | None = await tx.fetchval(
            NEST, parent["operator_id"], new.parent_team_id, nested_id, new.price_group_id,
            "all" if new.connector_ids is None else "selected", list(new.connector_ids or ()),
            "accepted" if accepted else "invited", checked_note(new.note), asked_by.user_id, now,
        )  # fmt: skip
        if relation_id is None:
            raise AlreadyTaken("That team is nested in this one already, or invited.")
        await audit.note(tx, asked_by, "nest", "team", nested_id, now=now)
    return relation_id


async def answer_nesting(
    database: Database, relation_id: int, *, accept: bool, asked_by: Viewer, now: datetime
) -> None:
    """Accept or reject for the nested team. Raises Unknown, NotAllowed, NotReady when it was answered."""
    async with database.begin() as tx:
        await tx.execute("select pg_advisory_xact_lock($1)", NESTING_LOCK)
        relation = await _lock(tx, relation_id, asked_by=asked_by, sides=("nested",))
        if relation["state"] != "invited":
            raise NotReady(f"This was answered already: it is {relation['state'].removesuffix('_at')}.")
        if accept:
            await _must_be_no_circle(tx, relation["parent_team_id"], relation["nested_team_id"])
        state, gone = ("accepted", None) if accept else ("rejected_at", now)
        await tx.execute(
            "update nested_team set state = $2, deleted_at = $3, updated_at = $4 where id = $1",
            relation_id, state, gone, now,
        )  # fmt: skip
        await audit.note(tx, asked_by, "accept" if accept else "reject", "nested-team", relation_id, now=now)


async def edit_nesting(
    database: Database, relation_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> None:
    """Change what the nested team gets, for the parent (see PATCHABLE). Raises Unknown, NotAllowed, Invalid."""
    async with database.begin() as tx:
        relation = await _lock(tx, relation_id, asked_by=asked_by, sides=("parent",))
        after = {**dict(relation), **changes}
        await _must_fit(tx, relation["parent_team_id"], after["price_group_id"], after["connector_ids"])
        checked_note(after["note"])
        await update_row(tx, "nested_team", relation_id, {**changes, "updated_at": now}, allowed=PATCHABLE)
        detail = audit.changed(relation, changes)
        await audit.note(tx, asked_by, "edit", "nested-team", relation_id, now=now, detail=detail)


async def end_nesting(database: Database, relation_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Let go of a nested team, or leave a parent; charges that run go on. Raises Unknown, NotAllowed."""
    async with database.begin() as tx:
        await _lock(tx, relation_id, asked_by=asked_by, sides=("parent", "nested"))
        await tx.execute("update nested_team set deleted_at = $2, updated_at = $2 where id = $1", relation_id, now)
        await audit.note(tx, asked_by, "end", "nested-team", relation_id, now=now)


def checked_note(note: str | None) -> str | None:
    """Return a note that is short enough. Raises Invalid."""
    if note is not None and len(note) > NOTE_LENGTH_MAX:
        raise Invalid("note", f"is longer than {NOTE_LENGTH_MAX} characters.")
    return note


async def _lock(tx: Transaction, relation_id: int, *, asked_by: Viewer, sides: Sequence[str]) -> Record:
    """Read a relation for changing, as somebody who speaks for one of the sides."""
    row = await tx.fetchrow(LOCK, relation_id)
    if row is None:
        raise Unknown("nested team", relation_id)
    seen = [side for side in ("parent", "nested") if asked_by.sees(row[f"{side}_operator_id"], row[f"{side}_team_id"])]
    if not seen:
        raise Unknown("nested team", relation_id)
    must(asked_by, Right.NEST_TEAMS)
    if not set(seen) & set(sides):
        raise NotReady("That is for the other team to do.")
    return row


async def _must_be_no_circle(tx: Transaction, parent_id: int, nested_id: int) -> None:
    if nested_id == parent_id:
        raise Invalid("joinCode", "is the team's own. Ask the other team for its code.")
    if await tx.fetchval(IS_ABOVE, nested_id, parent_id):
        raise Invalid("joinCode", "belongs to a team in which this one is nested already: that would be a circle.")


async def _must_fit(tx: Transaction, team_id: int, price_group_id: int | None, connector_ids: Sequence[int]) -> None:
    if price_group_id is not None and not await tx.fetchval(GROUP_FITS, price_group_id, team_id):
        raise Invalid("priceGroupId", f"{price_group_id} is no price group of this team or its operator.")
    foreign = await tx.fetchval(FOREIGN_CONNECTOR, list(connector_ids), team_id)
    if foreign is not None:
        raise Invalid("selectedChargePointIds", f"{foreign} is no charge point of this team.")


NEST = """
insert into nested_team (operator_id, parent_team_id, nested_team_id, price_group_id, access, connector_ids, state,
  note, invited_by_user_id, invited_at, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10)
on conflict (parent_team_id, nested_team_id) where deleted_at is null do nothing
returning id
"""

LOCK = """
select n.*, p.operator_id as parent_operator_id, t.operator_id as nested_operator_id
from nested_team n join team p on p.id = n.parent_team_id join team t on t.id = n.nested_team_id
where n.id = $1 and n.deleted_at is null for update of n
"""

# Whether $1 stands above $2, through any number of teams between.
IS_ABOVE = """
with recursive above (team_id) as (
  select parent_team_id from nested_team where nested_team_id = $2 and deleted_at is null
  union
  select n.parent_team_id from nested_team n join above a on n.nested_team_id = a.team_id where n.deleted_at is null)
select exists (select from above where team_id = $1)
"""
