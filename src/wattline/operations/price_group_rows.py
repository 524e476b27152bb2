"""Price groups as rows, and what they are to the rules."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
from asyncpg import Record

from wattline.database.connection import Connection, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import Fact
from wattline.domain.price_terms import Extra, Pricing, PricingType
from wattline.domain.refusals import Unknown

# Fields of a Pricing that are columns of the same name; the id is the row's own.
COLUMNS = (
    "type", "price", "description", "tariff_id", "tag_id", "after_minutes", "end_at_fully_charged", "add_vat",
    "percentage", "price_min", "price_max", "fee_price_max", "quarter_hourly", "valid_from", "valid_to",
)  # fmt: skip


async def lock_group(tx: Transaction, price_group_id: int, *, asked_by: Viewer) -> Record:
    """Read a group for changing. Raises Unknown for somebody else's; an operator's own needs a view of every team."""
    row = await tx.fetchrow("select * from price_group where id = $1 and deleted_at is null for update", price_group_id)
    if row is None or not owns(asked_by, row):
        raise Unknown("price group", price_group_id)
    return row


def fact_of(kind: type[Fact], row: Any) -> Fact:
    """Make a fact about a group; of an operator's own only those hear who see every team."""
    team_ids = () if row["team_id"] is None else (row["team_id"],)
    return kind(entity_id=row["id"], operator_ids=(row["operator_id"],), team_ids=team_ids)


def owns(viewer: Viewer, row: Any) -> bool:
    """Tell whether a group, tariff or the like is the viewer's to change."""
    if row["team_id"] is None:
        return row["operator_id"] in viewer.operator_ids and viewer.team_ids is None
    return viewer.sees(row["operator_id"], row["team_id"])


def may_use(viewer: Viewer, row: Any) -> bool:
    """Tell whether a group, tariff or the like is there for the viewer: their team's, or an operator's for all."""
    if row["team_id"] is None:
        return row["operator_id"] in viewer.operator_ids
    return viewer.sees(row["operator_id"], row["team_id"])


async def prices_of(connection: Connection, price_group_id: int) -> tuple[Pricing, list[Pricing]]:
    """Return a group's master price, and its fees in order."""
    rows = await connection.fetch(
        "select * from pricing where price_group_id = $1 order by master desc, position", price_group_id
    )
    master, *fees = [pricing_of(row) for row in rows]
    return master, fees


def pricing_of(row: Any) -> Pricing:
    """Turn a row of table `pricing` into what the rules know."""
    fields = {column: row[column] for column in COLUMNS} | {"type": PricingType(row["type"])}
    return Pricing(id=row["id"], extras=msgspec.convert(row["extras"], tuple[Extra, ...]), **fields)


async def write_prices(
    tx: Transaction, price_group_id: int, master: Pricing, fees: Sequence[Pricing], *, now: datetime
) -> None:
    """Put a group's prices in the place of what it had."""
    await tx.execute("delete from pricing where price_group_id = $1", price_group_id)
    await tx.executemany(
        INSERT,
        [
            (price_group_id, position, position == 0, now, msgspec.to_builtins(pricing.extras),
             *(getattr(pricing, column) for column in COLUMNS))
            for position, pricing in enumerate([master, *fees])
        ],
    )  # fmt: skip


def shown(row: Any, master: Pricing, fees: Sequence[Pricing]) -> dict[str, Any]:
    """Write a group as its history keeps it."""
    group = {column: row[column] for column in ("name", "type", "currency", "minimum_minor", "maximum_minor")}
    state: dict[str, Any] = msgspec.to_builtins(group | {"prices": [asdict(pricing) for pricing in (master, *fees)]})
    return state


INSERT = f"""
insert into pricing (price_group_id, position, master, updated_at, extras, {", ".join(COLUMNS)})
values ({", ".join(f"${number}" for number in range(1, len(COLUMNS) + 6))})
"""
