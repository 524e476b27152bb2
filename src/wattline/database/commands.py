"""Commands to charge points are rows: written with the change that wants them, sent by whoever holds the socket."""

from collections.abc import Mapping
from datetime import datetime

from wattline.database.connection import Connection, Transaction, wake

# A command for a box without contact fails at once, but its row is kept: the log shows that somebody asked.
ADD = """
with holder as (select gateway_id from lease where charge_point_id = $1),
added as (
  insert into command (operator_id, charge_point_id, charge_id, action, payload, purpose, asked_by, created_at,
    deadline_at, outcome, answered_at)
  select $2, $1, $3, $4, $5, $6, $7, $8, $9,
    case when not exists (select from holder) then 'no-contact' end,
    case when not exists (select from holder) then $8::timestamptz end
  returning id)
select added.id, holder.gateway_id from added left join holder on true
"""


def channel_of(gateway_id: str) -> str:
    """Name the channel on which a gateway hears of its work.

    `call <charge point>`, `close <charge point> <epoch>`, or `record <charge point> all|some`.
    """
    return f"gateway_{gateway_id}"


async def add(
    tx: Transaction,
    *,
    charge_point_id: int,
    operator_id: int,
    action: str,
    payload: Mapping[str, object],
    purpose: str,
    asked_by: str,
    charge_id: int | None = None,
    deadline_at: datetime,
    now: datetime,
) -> int:
    """Queue one OCPP call for a box and wake its gateway when the transaction commits; return the command's id.

    Without contact to the box the row is written with the outcome `no-contact`; ask `has_contact` first to refuse.
    `payload` is the OCPP request in JSON shape. After `deadline_at` a command that was not sent never will be.
    """
    row = await tx.fetchrow(
        ADD, charge_point_id, operator_id, charge_id, action, dict(payload), purpose, asked_by, now, deadline_at
    )
    assert row is not None
    command_id: int = row["id"]
    if row["gateway_id"] is not None:
        wake(tx, channel_of(row["gateway_id"]), f"call {charge_point_id}")
    return command_id


async def has_contact(connection: Connection, charge_point_id: int) -> bool:
    """Tell whether some gateway holds a socket of this box."""
    return await connection.fetchrow("select from lease where charge_point_id = $1", charge_point_id) is not None
