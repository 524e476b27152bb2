"""The lines that the begin and the end of a transaction leave in a box's log, refused and unknown ones as well."""

from collections.abc import Mapping
from datetime import datetime

from wattline.database.connection import Transaction
from wattline.domain.facts import Fact
from wattline.domain.log_lines import LogKind, LogLine
from wattline.operations import logs

OF_TRANSACTION = """
select box.operator_id, t.connector_number, t.charge_id
from charge_point box
left join transaction t on t.charge_point_id = box.id and t.ocpp_transaction_id = $2::bigint
where box.id = $1
"""


async def write_line(
    tx: Transaction,
    kind: LogKind,
    charge_point_id: int,
    ocpp_transaction_id: int,
    *,
    told_at: datetime,
    detail: Mapping[str, object],
    message_id: str | None,
    now: datetime,
) -> list[Fact]:
    """Write a line about a transaction as it is now; return the facts to tell."""
    row = await tx.fetchrow(OF_TRANSACTION, charge_point_id, ocpp_transaction_id)
    if row is None:
        return []
    line = LogLine(
        operator_id=row["operator_id"],
        charge_point_id=charge_point_id,
        connector_number=row["connector_number"],
        charge_id=row["charge_id"],
        kind=kind,
        at=now,
        told_at=told_at,
        detail={"transactionId": ocpp_transaction_id, **detail},
        message_id=message_id,
    )
    return await logs.write(tx, [line])
