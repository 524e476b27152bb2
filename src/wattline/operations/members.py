"""People of a team, and teams nested in another one. Inviting and answering by mail comes with the people's pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection, Database
from wattline.domain.access import Viewer
from wattline.domain.member import Member, WalletUse
from wattline.domain.refusals import AlreadyTaken, Invalid, Unknown
from wattline.operations import audit
from wattline.operations.team_checks import lock_team


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
        team = await lock_team(tx, new.team_id, asked_by=asked_by)
        user = await tx.fetchrow("select * from users where id = $1", new.user_id)
        if user is None or user["operator_id"] not in asked_by.operator_ids:
            raise Unknown("user", new.user_id)
        member_id: int | None = await tx.fetchval(
            ADD, team["operator_id"], new.team_id, new.user_id, user["email"], user["display_name"], new.role,
            "all" if new.connector_ids is None else "selected", list(new.connector_ids or ()), new.price_group_id,
            new.can_pay_with_team_wallet, new.can_manage_team_wallet, new.wallet_use, list(new.country_ids),
            asked_by.name, now,
        )  # fmt: skip
        if member_id is None:
            raise AlreadyTaken(f"{user['email']} is a member of this team already.")
        await audit.note(tx, asked_by, "create", "member", member_id, now=now)
    return member_id


async def member_of(connection: Connection, *, team_id: int, user_id: int) -> Member | None:
    """Find somebody's membership of a team."""
    row = await connection.fetchrow(FIND, team_id, user_id)
    return None if row is None else _member(row)


async def nest_team(
    database: Database,
    *,
    parent_team_id: int,
    join_code: str,
    price_group_id: int | None = None,
    connector_ids: Sequence[int] | None = None,
    asked_by: Viewer,
    now: datetime,
) -> int:
    """Let another team's members charge at this team's charge points; return the relation's id.

    The other team is named by its join code, so it may be anybody's: who knows the code was given it.
    """
    async with database.begin() as tx:
        parent = await lock_team(tx, parent_team_id, asked_by=asked_by)
        nested_id: int | None = await tx.fetchval(
            "select id from team where join_code in ($1, upper($1)) and deleted_at is null", join_code.strip()
        )
        if nested_id is None:
            raise Unknown("team with the join code", join_code)
        if nested_id == parent_team_id:
            raise Invalid("joinCode", "is the team's own. Ask the other team for its code.")
        relation_id: int | None = await tx.fetchval(
            NEST, parent["operator_id"], parent_team_id, nested_id, price_group_id,
            "all" if connector_ids is None else "selected", list(connector_ids or ()), now,
        )  # fmt: skip
        if relation_id is None:
            raise AlreadyTaken("That team is nested in this one already.")
        await audit.note(tx, asked_by, "nest", "team", nested_id, now=now)
    return relation_id


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
returning id
"""

FIND = "select * from member where team_id = $1 and user_id = $2 and deleted_at is null"

NEST = """
insert into nested_team (operator_id, parent_team_id, nested_team_id, price_group_id, access, connector_ids, state,
  invited_at, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, 'accepted', $7, $7, $7)
on conflict (parent_team_id, nested_team_id) where deleted_at is null do nothing
returning id
"""
