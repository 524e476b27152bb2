"""Price groups: what charging costs, for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import Fact, PriceGroupChanged, PriceGroupCreated, PriceGroupDeleted
from wattline.domain.price_group import must_be_bounds, must_be_possible
from wattline.domain.price_terms import GroupType, Pricing
from wattline.domain.refusals import Invalid, NotReady
from wattline.operations import price_history
from wattline.operations.price_group_checks import must_be_lawful, must_know_parts
from wattline.operations.price_group_rows import fact_of, lock_group, prices_of, shown, write_prices
from wattline.operations.team_checks import must_know_team


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceGroupDraft:
    """What a price group says. `team_id` None: it is the operator's, for all its teams, in `currency`.

    `minimum_minor` and `maximum_minor` bound what one charge costs, VAT included. `tax_rate_ids` are sales taxes.
    """

    team_id: int | None
    name: str
    type: GroupType
    master: Pricing
    fees: tuple[Pricing, ...] = ()
    minimum_minor: int = 0
    maximum_minor: int | None = None
    spot_series_id: int | None = None
    tax_rate_ids: tuple[int, ...] = ()
    currency: str | None = None


async def create_price_group(database: Database, draft: PriceGroupDraft, *, asked_by: Viewer, now: datetime) -> int:
    """Make a price group and return its id; the first of its kind in a team becomes the default.

    Raises Invalid, Unknown.
    """
    must_be_possible(draft.master, draft.fees)
    must_be_bounds(draft.minimum_minor, draft.maximum_minor)
    async with database.begin() as tx:
        operator_id, currency = await _owner(tx, draft, asked_by)
        await must_know_parts(tx, draft, currency, asked_by=asked_by)
        # One default per kind and team: two first groups at once take turns.
        await tx.execute(
            "select pg_advisory_xact_lock(hashtextextended('price group default', $1))", draft.team_id or 0
        )
        group = await tx.fetchrow(
            INSERT, operator_id, draft.team_id, draft.name, draft.type, currency, draft.minimum_minor,
            draft.maximum_minor, draft.spot_series_id, list(draft.tax_rate_ids), now,
        )  # fmt: skip
        assert group is not None
        await write_prices(tx, group["id"], draft.master, draft.fees, now=now)
        await must_be_lawful(tx, group)
        await _tell(tx, PriceGroupCreated, group, now=now)
        await _keep(tx, "create", group, asked_by=asked_by, now=now)
    group_id: int = group["id"]
    return group_id


async def update_price_group(
    database: Database, price_group_id: int, draft: PriceGroupDraft, *, asked_by: Viewer, now: datetime
) -> None:
    """Put other prices into a group. Charges that have begun keep what they began with. Raises Invalid, Unknown."""
    must_be_possible(draft.master, draft.fees)
    must_be_bounds(draft.minimum_minor, draft.maximum_minor)
    async with database.begin() as tx:
        before = await lock_group(tx, price_group_id, asked_by=asked_by)
        if draft.team_id != before["team_id"]:
            raise Invalid("teamId", "cannot be changed: a price group stays with its team.")
        if draft.type != before["type"]:
            raise Invalid("type", "cannot be changed. Make another price group instead.")
        await must_know_parts(tx, draft, before["currency"], asked_by=asked_by)
        was = shown(before, *await prices_of(tx, price_group_id))
        after = await tx.fetchrow(
            UPDATE, price_group_id, draft.name, draft.minimum_minor, draft.maximum_minor, draft.spot_series_id,
            list(draft.tax_rate_ids), now,
        )  # fmt: skip
        assert after is not None
        await write_prices(tx, price_group_id, draft.master, draft.fees, now=now)
        await must_be_lawful(tx, after)
        await _tell(tx, PriceGroupChanged, after, now=now)
        await _keep(tx, "update", after, was=was, asked_by=asked_by, now=now)


async def set_default(database: Database, price_group_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Let a group be its team's default of its kind, instead of the one that was. Raises Unknown, PriceNotAllowed."""
    async with database.begin() as tx:
        group = await lock_group(tx, price_group_id, asked_by=asked_by)
        if group["is_default"]:
            return
        await tx.execute(NO_DEFAULT, group["operator_id"], group["team_id"], group["type"], now)
        await tx.execute("update price_group set is_default = true, updated_at = $2 where id = $1", group["id"], now)
        await must_be_lawful(tx, {**group, "is_default": True})
        await _tell(tx, PriceGroupChanged, group, now=now)
        was = shown(group, *await prices_of(tx, price_group_id))
        await _keep(tx, "default", group, was=was, asked_by=asked_by, now=now)


async def delete_price_group(database: Database, price_group_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a group away; where it counted, the default of its kind does from now on. Raises Unknown, NotReady."""
    async with database.begin() as tx:
        group = await lock_group(tx, price_group_id, asked_by=asked_by)
        if group["is_default"] and await tx.fetchval(OTHERS, group["operator_id"], group["team_id"], group["type"]):
            raise NotReady("This is the default price group of its kind. Make another one the default first.")
        was = shown(group, *await prices_of(tx, price_group_id))
        for statement in DETACH:
            await tx.execute(statement, price_group_id)
        await tx.execute(
            "update price_group set deleted_at = $2, is_default = false where id = $1", price_group_id, now
        )
        await _tell(tx, PriceGroupDeleted, group, now=now)
        await price_history.note(
            tx, asked_by, "delete", "price-group", price_group_id, operator_id=group["operator_id"], was=was, now=now
        )


async def _owner(tx: Transaction, draft: PriceGroupDraft, asked_by: Viewer) -> tuple[int, str]:
    """Return operator and currency of a new group."""
    if draft.team_id is not None:
        operator_id = await must_know_team(tx, draft.team_id, asked_by=asked_by)
        return operator_id, await tx.fetchval("select currency from team where id = $1", draft.team_id)
    if asked_by.team_ids is not None:
        raise Invalid("teamId", "is missing: only who sees every team makes price groups for all of them.")
    if draft.currency is None:
        raise Invalid("currency", "is missing: a price group of an operator needs one.")
    return asked_by.operator_id, draft.currency


async def _tell(tx: Transaction, kind: type[Fact], group: Record, *, now: datetime) -> None:
    await outbox.add(tx, [fact_of(kind, group)], now=now)


async def _keep(
    tx: Transaction, deed: str, group: Record, *, was: Mapping[str, Any] | None = None, asked_by: Viewer, now: datetime
) -> None:
    became = shown(group, *await prices_of(tx, group["id"]))
    await price_history.note(
        tx, asked_by, deed, "price-group", group["id"], operator_id=group["operator_id"], was=was, became=became,
        now=now,
    )  # fmt: skip


INSERT = """
insert into price_group (operator_id, team_id, name, type, currency, minimum_minor, maximum_minor, spot_series_id,
  tax_rate_ids, created_at, is_default)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, not exists (
  select from price_group d where d.operator_id = $1 and d.team_id is not distinct from $2 and d.type = $4
    and d.is_default and d.deleted_at is null))
returning *
"""

UPDATE = """
update price_group set name = $2, minimum_minor = $3, maximum_minor = $4, spot_series_id = $5, tax_rate_ids = $6,
  updated_at = $7
where id = $1 returning *
"""

NO_DEFAULT = """
update price_group set is_default = false, updated_at = $4
where operator_id = $1 and team_id is not distinct from $2 and type = $3 and is_default and deleted_at is null
"""

OTHERS = """
select count(*) > 1 from price_group
where operator_id = $1 and team_id is not distinct from $2 and type = $3 and deleted_at is null
"""

DETACH = (
    *(
        f"update {table} set {column} = null where {column} = $1"
        for table in ("connector", "site")
        for column in ("price_group_id", "roaming_price_group_id", "cost_price_group_id", "sponsored_price_group_id")
    ),
    *(f"update member set {column} = null where {column} = $1" for column in ("price_group_id", "cost_group_id")),
    "update nested_team set price_group_id = null where price_group_id = $1",
)
