"""Price history: who changed which price, when, from what to what; the audit log is told as well."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wattline.database.connection import Transaction
from wattline.domain.access import Viewer
from wattline.operations import audit


async def note(
    tx: Transaction,
    asked_by: Viewer,
    deed: str,
    entity_type: str,
    entity_id: int,
    *,
    operator_id: int,
    was: Mapping[str, Any] | None = None,
    became: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Write down a change. `was` and `became` are JSON-like, or None where there is nothing."""
    await tx.execute(NOTE, operator_id, entity_type, entity_id, now, asked_by.name, deed, was, became)
    before, after = _flat(was or {}), _flat(became or {})
    detail = audit.changed(before, {**dict.fromkeys(before), **after})
    # Where a group was applied is told of the group.
    thing = "price-group" if entity_type == "application" else entity_type
    await audit.note(tx, asked_by, deed, thing, entity_id, now=now, detail=detail)


def _flat(state: Mapping[str, Any]) -> dict[str, Any]:
    """Write each price of a group as fields of its own; their ids are new with every edit and say nothing."""
    told = {name: value for name, value in state.items() if name != "prices"}
    for place, price in enumerate(state.get("prices", ()), start=1):
        told |= {f"price {place} {name}": value for name, value in price.items() if name != "id"}
    return {name: value for name, value in told.items() if value not in (None, "", [], ())}


NOTE = """
insert into price_history (operator_id, entity_type, entity_id, at, who, deed, was, became)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
