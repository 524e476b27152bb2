"""Who changed which price when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class PriceChange:
    """One change: `was` and `became` hold everything as it was before and afterwards."""

    at: datetime
    who: str
    deed: str
    was: Any
    became: Any


async def price_changes(
    connection: Connection, entity_type: str, entity_id: int, *, viewer: Viewer
) -> Sequence[PriceChange]:
    """Return the changes of a price-group, tariff or tax-rate, or where a group was applied, the newest first."""
    rows = await connection.fetch(CHANGES, entity_type, entity_id, list(viewer.operator_ids), SHOWN_MAX)
    return [PriceChange(**row) for row in rows]


CHANGES = """
select at, who, deed, was, became from price_history
where entity_type = $1 and entity_id = $2 and operator_id = any($3) order by id desc limit $4
"""
