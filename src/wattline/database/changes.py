"""Writing only the columns that somebody changed."""

from collections.abc import Collection, Mapping
from typing import Any

from wattline.database.connection import Transaction


async def update_row(
    tx: Transaction, table: str, row_id: int, changes: Mapping[str, Any], *, allowed: Collection[str]
) -> None:
    """Set the named columns of one row. Column names come from our own code, never from a caller's text."""
    assert changes.keys() <= set(allowed), changes.keys() - set(allowed)
    if not changes:
        return
    assignments = ", ".join(f"{column} = ${number}" for number, column in enumerate(changes, start=2))
    await tx.execute(f"update {table} set {assignments} where id = $1", row_id, *changes.values())
