"""Finding the transaction that a stop means which names none of ours; the rule is domain/nameless_stop.py."""

from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.box_time import is_dated, trusted_time
from wattline.domain.meter import Meter, power_limit_w
from wattline.domain.nameless_stop import NamelessStop, OpenTransaction, meant
from wattline.operations.transaction_repeats import earlier_stop


async def find_meant(
    tx: Transaction,
    charge_point_id: int,
    told_id: int,
    meter_wh: int | None,
    id_tag: str | None,
    *,
    stopped_at: datetime,
    received_at: datetime,
) -> int | None:
    """Return our number of the transaction that such a stop ends, or ended when it came before; None if unsure."""
    earlier = await earlier_stop(
        tx, charge_point_id, told_id, meter_wh, id_tag, stopped_at=stopped_at, received_at=received_at
    )
    if earlier is not None:
        return earlier
    stop = NamelessStop(
        ocpp_transaction_id=told_id,
        stopped_at=trusted_time(stopped_at, received_at=received_at),
        is_dated=is_dated(stopped_at, received_at=received_at),
        meter_wh=meter_wh,
        id_tag=id_tag,
    )
    found = meant(stop, [_candidate(row) for row in await tx.fetch(OPEN, charge_point_id)])
    return None if found is None else found.ocpp_transaction_id


def _candidate(row: Record) -> OpenTransaction:
    started_at = trusted_time(row["started_at"], received_at=row["start_received_at"])
    start_wh = row["meter_start_wh"]
    last_wh = row["meter_last_wh"]
    if last_wh is None:
        # No charge of ours, or none that runs: nothing was read since the start.
        meter = Meter(start_wh, start_wh, started_at)
    else:
        meter = Meter(row["charge_start_wh"], last_wh, row["meter_last_at"], row["energy_wh"])
    return OpenTransaction(
        ocpp_transaction_id=row["ocpp_transaction_id"],
        id_tag=row["id_tag"],
        started_at=started_at,
        start_wh=start_wh,
        meter=meter,
        power_limit=power_limit_w(current_kind=row["current_kind"], max_power_w=row["max_power_w"]),
    )


# A box has one transaction open on each connector at most: the one that began last.
OPEN = """
select distinct on (t.connector_number) t.ocpp_transaction_id, t.id_tag, t.started_at, t.start_received_at,
  t.meter_start_wh, c.meter_start_wh as charge_start_wh, c.meter_last_wh, c.meter_last_at, c.energy_wh,
  k.current_kind, k.max_power_w
from transaction t
left join charge c on c.id = t.charge_id and c.transaction_id = t.id
left join connector k on k.charge_point_id = t.charge_point_id and k.number = t.connector_number
  and k.deleted_at is null
where t.charge_point_id = $1 and t.stopped_at is null
order by t.connector_number, t.started_at desc, t.id desc
"""
