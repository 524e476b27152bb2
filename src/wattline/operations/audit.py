"""Who did what: one row beside each change that somebody asked for."""

from collections.abc import Mapping
from datetime import datetime

from wattline.database.connection import Transaction
from wattline.domain.access import Viewer


async def note(
    tx: Transaction,
    asked_by: Viewer,
    deed: str,
    entity_type: str,
    entity_id: object,
    *,
    now: datetime,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Keep who did `deed` to what. `detail` must be JSON-like and hold no secrets."""
    await tx.execute(
        """insert into audit (operator_id, at, who, deed, entity_type, entity_id, detail)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        asked_by.operator_id, now, asked_by.name, deed, entity_type, str(entity_id), detail,
    )  # fmt: skip
