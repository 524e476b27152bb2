"""What the history of a tariff says of its weeks: a group of dates with its periods, as it was and as it became."""

from collections.abc import Mapping
from datetime import datetime

from wattline.database.connection import Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.operations import price_history
from wattline.operations.tariff_rows import period_of

State = Mapping[str, object]


async def state_of(tx: Transaction, tariff_id: int, group_id: int) -> State:
    """Say what a group of dates is. Raises Unknown for that of another tariff."""
    group = await tx.fetchrow("select * from tariff_period_group where id = $1 and tariff_id = $2", group_id, tariff_id)
    if group is None:
        raise Unknown("tariff period group", group_id)
    rows = await tx.fetch("select * from tariff_recurring_period where group_id = $1 order by id", group_id)
    return {
        "description": group["description"],
        "from": group["active_from"].isoformat(),
        "to": group["active_to"].isoformat(),
        "periods": [[*period_of(row)[:4], str(row["price"])] for row in rows],
    }


async def note_week(
    tx: Transaction, asked_by: Viewer, tariff_id: int, was: State | None, became: State | None, *, now: datetime
) -> None:
    """Write down that a week of a tariff changed, came or went."""
    operator_id: int = await tx.fetchval("select operator_id from tariff where id = $1", tariff_id)
    await price_history.note(
        tx, asked_by, "week", "tariff", tariff_id, operator_id=operator_id, was=was, became=became, now=now
    )
