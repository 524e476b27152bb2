"""Rows of members and member groups: reading one to change it, checking what it is let do, telling of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.access import Place, Right, Viewer, must
from wattline.domain.facts import Fact
from wattline.domain.member_terms import Terms, must_be_givable, must_be_possible
from wattline.domain.refusals import Invalid, Unknown
from wattline.domain.roles import Switch
from wattline.operations.team_checks import lock_team

SWITCH_COLUMNS = tuple(switch.column for switch in Switch)
# What a member of a group has from it.
GROUP_COLUMNS = ("role", "price_group_id", "cost_group_id", "wallet_use", "country_ids", *SWITCH_COLUMNS)


async def lock_team_of_members(tx: Transaction, team_id: int, *, asked_by: Viewer) -> Record:
    """Read a team whose members are to be changed. Raises Unknown for somebody else's, NotAllowed."""
    team = await lock_team(tx, team_id, asked_by=asked_by)
    must(asked_by, Right.MANAGE_MEMBERS, Place(team["operator_id"], team_id))
    return team


async def lock_member(tx: Transaction, member_id: int, *, asked_by: Viewer) -> tuple[Record, Record]:
    """Read a member for changing, with the team, which is locked first. Raises Unknown for somebody else's."""
    team_id = await tx.fetchval("select team_id from member where id = $1", member_id)
    if team_id is None:
        raise Unknown("team member", member_id)
    try:
        team = await lock_team_of_members(tx, team_id, asked_by=asked_by)
    except Unknown:
        raise Unknown("team member", member_id) from None
    row = await tx.fetchrow("select * from member where id = $1 and deleted_at is null for update", member_id)
    if row is None:
        raise Unknown("team member", member_id)
    return row, team


async def lock_group(tx: Transaction, group_id: int, *, asked_by: Viewer) -> Record:
    """Read a member group for changing. Raises Unknown for somebody else's."""
    row = await tx.fetchrow("select * from member_group where id = $1 and deleted_at is null for update", group_id)
    if row is None or not asked_by.sees(row["operator_id"], row["team_id"]):
        raise Unknown("member group", group_id)
    must(asked_by, Right.MANAGE_MEMBERS, Place(row["operator_id"], row["team_id"]))
    return row


def columns_of(terms: Terms) -> dict[str, Any]:
    """Write terms as columns of a member."""
    return {
        "role": terms.role,
        "access": "all" if terms.connector_ids is None else "selected",
        "connector_ids": list(terms.connector_ids or ()),
        "price_group_id": terms.price_group_id,
        "cost_group_id": terms.cost_group_id,
        "wallet_use": terms.wallet_use,
        "country_ids": list(terms.country_ids),
        **{switch.column: switch in terms.switches for switch in Switch},
    }


def switches_of(row: Any) -> frozenset[Switch]:
    """Read the switches of a member or a group."""
    return frozenset(switch for switch in Switch if row[switch.column])


async def must_be_lettable(
    tx: Transaction,
    team: Record,
    columns: Mapping[str, Any],
    *,
    asked_by: Viewer,
    already: frozenset[Switch] = frozenset(),
) -> None:
    """Check all that a member of this team is to be let do. What they have `already`, nobody needs to hold to keep.

    Raises Invalid, NotAllowed.
    """
    switches = switches_of(columns)
    must_be_possible(columns["role"], switches)
    must_be_givable(asked_by, columns["role"], switches - already)
    await _must_be_of_team(tx, team, columns.get("connector_ids", ()))
    for column, field in (("price_group_id", "priceGroupId"), ("cost_group_id", "costGroupId")):
        if columns[column] is not None and not await tx.fetchval(GROUP_FITS, columns[column], team["id"]):
            raise Invalid(field, f"{columns[column]} is no price group of this team or its operator.")
    unknown = await tx.fetchval(UNKNOWN_COUNTRY, list(columns["country_ids"]))
    if unknown is not None:
        raise Invalid("canPayForChargesCountryIds", f"{unknown} is not a country. GET /countries lists them.")


async def _must_be_of_team(tx: Transaction, team: Record, connector_ids: Sequence[int]) -> None:
    foreign = await tx.fetchval(FOREIGN_CONNECTOR, list(connector_ids), team["id"])
    if foreign is not None:
        raise Invalid("chargePointIds", f"{foreign} is no charge point of this team.")


def member_fact(kind: type[Fact], row: Any) -> Fact:
    """Tell of a member."""
    return kind(entity_id=row["id"], operator_ids=(row["operator_id"],), team_ids=(row["team_id"],))


GROUP_FITS = """
select true from price_group g join team t on t.id = $2 left join operator o on o.id = t.operator_id
where g.id = $1 and g.deleted_at is null and (g.team_id = t.id
  or g.team_id is null and g.operator_id in (t.operator_id, o.parent_operator_id))
"""

UNKNOWN_COUNTRY = "select c from unnest($1::bigint[]) c where not exists (select from country where id = c) limit 1"

FOREIGN_CONNECTOR = """
select k from unnest($1::bigint[]) k
where not exists (select from connector where id = k and team_id = $2 and deleted_at is null) limit 1
"""
