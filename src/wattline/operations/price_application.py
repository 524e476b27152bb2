"""Applying a price group to charge points, sites and members."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import ConnectorChanged, Fact, PriceGroupChanged, SiteChanged
from wattline.domain.price_group_places import MEMBER_COLUMNS, PLACE_COLUMNS
from wattline.domain.price_terms import GroupType
from wattline.domain.refusals import Invalid, Unknown
from wattline.operations import price_history
from wattline.operations.price_group_checks import must_be_lawful
from wattline.operations.price_group_rows import fact_of, lock_group


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Where a group is to count, besides where it does already. `reset_cost` takes cost groups away there.

    `only` refuses groups of any other type.
    """

    connector_ids: tuple[int, ...] = ()
    site_ids: tuple[int, ...] = ()
    member_ids: tuple[int, ...] = ()
    reset_cost: bool = False
    only: GroupType | None = None


async def apply_price_group(
    database: Database, price_group_id: int, to: Application, *, asked_by: Viewer, now: datetime
) -> None:
    """Let a group count somewhere. Raises Unknown, PriceNotAllowed, and Invalid for places its kind is not for."""
    async with database.begin() as tx:
        group = await lock_group(tx, price_group_id, asked_by=asked_by)
        type_ = GroupType(group["type"])
        if to.only is not None and type_ is not to.only:
            raise Invalid(f"{to.only}PriceGroupId", f"must be a price group of type {to.only}.")
        facts: list[Fact] = [fact_of(PriceGroupChanged, group)]
        if to.connector_ids or to.site_ids:
            column = PLACE_COLUMNS.get(type_)
            if column is None:
                raise Invalid("selectedChargePointIds", f"a price group of type {type_} is not for charge points.")
            facts += await _put_up(tx, "connector", column, group, to.connector_ids, to, asked_by, now)
            facts += await _put_up(tx, "site", column, group, to.site_ids, to, asked_by, now)
        if to.member_ids:
            await _give(tx, type_, group, to.member_ids, asked_by, now)
        await must_be_lawful(tx, group)
        await outbox.add(tx, facts, now=now)
        places = {"chargePoints": to.connector_ids, "sites": to.site_ids, "teamMembers": to.member_ids}
        await price_history.note(
            tx, asked_by, "apply", "application", price_group_id, operator_id=group["operator_id"], became=places,
            now=now,
        )  # fmt: skip


async def _put_up(
    tx: Transaction, table: str, column: str, group: Record, ids: tuple[int, ...], to: Application, asked_by: Viewer,
    now: datetime,
) -> list[Fact]:  # fmt: skip
    what, field, fact = _WORDS[table]
    rows = await tx.fetch(
        f"select id, operator_id, team_id from {table} where id = any($1) and deleted_at is null", ids
    )
    _must_be_all(ids, [row for row in rows if asked_by.sees(row["operator_id"], row["team_id"])], what)
    if any(row["team_id"] != group["team_id"] for row in rows) and group["team_id"] is not None:
        raise Invalid(field, "must belong to the team of the price group.")
    reset = ", cost_price_group_id = null" if to.reset_cost and column != "cost_price_group_id" else ""
    await tx.execute(
        f"update {table} set {column} = $2, updated_at = $3{reset} where id = any($1)", ids, group["id"], now
    )
    return [fact(entity_id=row["id"], operator_ids=(row["operator_id"],), team_ids=(row["team_id"],)) for row in rows]


async def _give(
    tx: Transaction, type_: GroupType, group: Record, ids: tuple[int, ...], asked_by: Viewer, now: datetime
) -> None:
    column = MEMBER_COLUMNS.get(type_)
    if column is None:
        raise Invalid("selectedTeamMemberIds", f"a price group of type {type_} is not for members.")
    rows = await tx.fetch("select id, operator_id, team_id from member where id = any($1) and deleted_at is null", ids)
    _must_be_all(ids, [row for row in rows if asked_by.sees(row["operator_id"], row["team_id"])], "team member")
    if any(row["team_id"] != group["team_id"] for row in rows) and group["team_id"] is not None:
        raise Invalid("selectedTeamMemberIds", "must belong to the team of the price group.")
    await tx.execute(f"update member set {column} = $2, updated_at = $3 where id = any($1)", ids, group["id"], now)


def _must_be_all(ids: tuple[int, ...], found: list[Record], what: str) -> None:
    missing = set(ids) - {row["id"] for row in found}
    if missing:
        raise Unknown(what, min(missing))


_WORDS: dict[str, tuple[str, str, type[Fact]]] = {
    "connector": ("charge point", "selectedChargePointIds", ConnectorChanged),
    "site": ("site", "selectedSiteIds", SiteChanged),
}
