"""People of a team: what each is let do, making somebody a member, letting them go, and who owns the team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database import outbox
from wattline.database.changes import update_row
from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.access import Place, Right, Viewer, must
from wattline.domain.facts import ChargeKeyChanged, MemberChanged, MemberCreated, MemberRemoved, TeamChanged
from wattline.domain.member import Member, WalletUse
from wattline.domain.refusals import AlreadyTaken, Invalid, NotAllowed, NotReady, Unknown
from wattline.domain.roles import TEAM_ROLES
from wattline.operations import audit
from wattline.operations.member_rows import (
    GROUP_COLUMNS,
    lock_group,
    lock_member,
    lock_team_of_members,
    member_fact,
    must_be_lettable,
    switches_of,
)

PATCHABLE = frozenset({
    *GROUP_COLUMNS, "access", "connector_ids", "member_group_id", "note", "display_name", "partner_external_id",
    "partner_custom_payload",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """Somebody of a team, accepted at once. `connector_ids` None is access to every charge point of the team."""

    team_id: int
    user_id: int
    role: str = "user"
    can_pay_with_team_wallet: bool = False
    can_manage_team_wallet: bool = False
    wallet_use: WalletUse = WalletUse.NONE
    country_ids: Sequence[int] = ()
    connector_ids: Sequence[int] | None = None
    price_group_id: int | None = None


async def add_member(database: Database, new: NewMember, *, asked_by: Viewer, now: datetime) -> int:
    """Make somebody a member and return the membership's id. Raises Unknown, or AlreadyTaken for a second time."""
    async with database.begin() as tx:
        team = await lock_team_of_members(tx, new.team_id, asked_by=asked_by)
        user = await tx.fetchrow("select * from users where id = $1", new.user_id)
        if user is None or user["operator_id"] not in asked_by.operator_ids:
            raise Unknown("user", new.user_id)
        row = await tx.fetchrow(
            ADD, team["operator_id"], new.team_id, new.user_id, user["email"], user["display_name"], new.role,
            "all" if new.connector_ids is None else "selected", list(new.connector_ids or ()), new.price_group_id,
            new.can_pay_with_team_wallet, new.can_manage_team_wallet, new.wallet_use, list(new.country_ids),
            asked_by.name, now,
        )  # fmt: skip
        if row is None:
            raise AlreadyTaken(f"{user['email']} is a member of this team already.")
        await outbox.add(tx, [member_fact(MemberCreated, row)], now=now)
        await audit.note(tx, asked_by, "create", "member", row["id"], now=now)
    member_id: int = row["id"]
    return member_id


async def member_of(connection: Connection, *, team_id: int, user_id: int) -> Member | None:
    """Find somebody's membership of a team."""
    row = await connection.fetchrow(FIND, team_id, user_id)
    return None if row is None else _member(row)


async def edit_member(
    database: Database, member_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> None:
    """Change what a member is let do (see PATCHABLE); `member_group_id` puts them in a group, None takes them out.

    Raises Unknown, NotAllowed, and Invalid for switches that their group sets.
    """
    async with database.begin() as tx:
        member, team = await lock_member(tx, member_id, asked_by=asked_by)
        if asked_by.user_id is not None and member["user_id"] == asked_by.user_id and asked_by.role in TEAM_ROLES:
            raise NotAllowed(needed="of somebody else: nobody changes what they may do themselves")
        after = {**changes, **await _from_group(tx, member, changes, asked_by)}
        new = {**dict(member), **after}
        await must_be_lettable(tx, team, new, asked_by=asked_by, already=switches_of(member))
        if member["user_id"] is not None and member["user_id"] == team["owner_user_id"] and new["role"] != "admin":
            raise NotReady("The owner is an admin of the team. Hand the team over first.")
        await update_row(tx, "member", member_id, {**after, "updated_at": now}, allowed=PATCHABLE | {"updated_at"})
        await outbox.add(tx, [member_fact(MemberChanged, member)], now=now)
        await audit.note(tx, asked_by, "edit", "member", member_id, now=now, detail=audit.changed(member, after))


async def remove_member(database: Database, member_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a member out of the team, or an invitation back. Charges that run go on and are paid as they began.

    Keys of the team that were theirs are blocked: they start nothing more. Everybody may leave by themselves but the
    owner: a team has one. Raises Unknown, NotAllowed, NotReady.
    """
    async with database.begin() as tx:
        leaving = await tx.fetchrow(OWN, member_id, asked_by.user_id)
        if leaving is not None:
            row, team = leaving, await tx.fetchrow("select * from team where id = $1 for update", leaving["team_id"])
            assert team is not None
        else:
            row, team = await lock_member(tx, member_id, asked_by=asked_by)
        if row["user_id"] is not None and row["user_id"] == team["owner_user_id"]:
            raise NotReady("The owner cannot leave: a team always has one. Hand the team over to another member first.")
        await tx.execute("update member set deleted_at = $2, updated_at = $2 where id = $1", member_id, now)
        await tx.execute(
            "update invitation set revoked_at = $2 where member_id = $1 and used_at is null", member_id, now
        )
        blocked = await tx.fetch(BLOCK_KEYS, row["team_id"], row["user_id"], now)
        keys = [member_fact(ChargeKeyChanged, key) for key in blocked]
        await outbox.add(tx, [member_fact(MemberRemoved, row), *keys], now=now)
        await audit.note(tx, asked_by, "leave" if leaving else "remove", "member", member_id, now=now)


async def hand_over(database: Database, member_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Make a member the team's owner; who was stays an admin. Raises Unknown, NotAllowed, NotReady."""
    async with database.begin() as tx:
        member, team = await lock_member(tx, member_id, asked_by=asked_by)
        must(asked_by, Right.CHANGE_TEAM, Place(team["operator_id"], team["id"]))
        if member["state"] != "accepted" or member["user_id"] is None:
            raise NotReady("Only somebody who accepted can become the owner.")
        await tx.execute(
            "update member set role = 'admin', member_group_id = null, updated_at = $2 where id = $1", member_id, now
        )
        await tx.execute(
            "update team set owner_user_id = $2, updated_at = $3 where id = $1", team["id"], member["user_id"], now
        )
        changed = TeamChanged(entity_id=team["id"], operator_ids=(team["operator_id"],), team_ids=(team["id"],))
        await outbox.add(tx, [member_fact(MemberChanged, member), changed], now=now)
        detail = audit.changed(team, {"owner_user_id": member["user_id"]})
        await audit.note(tx, asked_by, "hand-over", "team", team["id"], now=now, detail=detail)


async def _from_group(tx: Transaction, member: Record, changes: Mapping[str, Any], asked_by: Viewer) -> dict[str, Any]:
    group_id = changes.get("member_group_id", member["member_group_id"])
    if group_id is None:
        return {}
    group = await lock_group(tx, group_id, asked_by=asked_by)
    if group["team_id"] != member["team_id"]:
        raise Unknown("member group", group_id)
    told = {column: group[column] for column in GROUP_COLUMNS}
    if other := [column for column in GROUP_COLUMNS if column in changes and changes[column] != told[column]]:
        raise Invalid(other[0], f"is set by the group {group['name']}. Change the group, or take the member out of it.")
    return told


def _member(row: Record) -> Member:
    return Member(
        id=row["id"],
        team_id=row["team_id"],
        user_id=row["user_id"],
        accepted=row["state"] == "accepted",
        can_pay_with_team_wallet=row["can_pay_with_team_wallet"],
        wallet_use=WalletUse(row["wallet_use"]),
        country_ids=frozenset(row["country_ids"]),
        connector_ids=None if row["access"] == "all" else frozenset(row["connector_ids"]),
        price_group_id=row["price_group_id"],
    )


ADD = """
insert into member (operator_id, team_id, user_id, email, display_name, role, access, connector_ids, price_group_id,
  can_pay_with_team_wallet, can_manage_team_wallet, wallet_use, country_ids, state, accepted_by, accepted_at,
  created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'accepted', $14, $15, $15, $15)
on conflict (team_id, user_id) where user_id is not null and deleted_at is null do nothing
returning *
"""

FIND = "select * from member where team_id = $1 and user_id = $2 and deleted_at is null"

OWN = "select * from member where id = $1 and user_id = $2 and state = 'accepted' and deleted_at is null"

BLOCK_KEYS = """
update charge_key set blocked_at = $3, updated_at = $3
where team_id = $1 and user_id = $2 and blocked_at is null and deleted_at is null returning id, operator_id, team_id
"""
