"""A connector's state follows from its box, its status and its charge; here it is worked out again and stored."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.database.rows import rows_text
from wattline.domain.connector import connector_state
from wattline.domain.facts import ConnectorChanged, Fact
from wattline.domain.values import ChargeState, ConnectorState


async def refresh(tx: Transaction, connector_ids: Sequence[int], *, now: datetime) -> list[Fact]:
    """Bring the states of these connectors up to date, with history, and the charges they have; return what changed.

    Call it after any change of a connector's status, connection, maintenance, hardware or charge.
    """
    rows = [(row, _state_of(row)) for row in await tx.fetch(READ, rows_text(connector_ids))]
    stale = [(row, state) for row, state in rows if state != row["state"] or row["current_id"] != row["charge_id"]]
    if stale:
        await tx.execute(WRITE, rows_text([_live(row, state) for row, state in stale]), now)
    return [_fact(row, state) for row, state in stale if state != row["state"]]


def _live(row: Record, state: ConnectorState) -> dict[str, object]:
    return {"id": row["id"], "state": state, "charge_id": row["current_id"], "moved": state != row["state"]}


def _state_of(row: Record) -> ConnectorState:
    charge_state = row["charge_state"]
    return connector_state(
        bound=row["charge_point_id"] is not None,
        connected=bool(row["connected"]),
        maintenance=row["maintenance_at"] is not None,
        ocpp_status=row["ocpp_status"],
        box_status=row["box_status"],
        charge_state=ChargeState(charge_state) if charge_state else None,
        raw_state=row["raw_state"],
        plugged_in=row["cable_plugged_in"],
    )


def _fact(row: Record, state: ConnectorState) -> Fact:
    return ConnectorChanged(
        entity_id=row["id"],
        operator_ids=(row["operator_id"],),
        team_ids=(row["team_id"],),
        charge_point_id=row["charge_point_id"],
        detail={"state": state},
    )


# What has begun has the connector, whatever is still hoped for. Older ones are history that a box told late.
# Ids come as JSON and `offset 0` has them looked up one by one, so that PostgreSQL keeps one plan: making one for each
# call took longer than all the rest.
READ = """
select k.id, k.operator_id, k.team_id, k.charge_point_id, k.maintenance_at, box.connected, box.status as box_status,
       live.state, live.ocpp_status, live.cable_plugged_in, live.charge_id,
       current.id as current_id, current.state as charge_state, current.raw_state
from (select text::bigint as id from json_array_elements_text($1::text::json) as text) asked
cross join lateral (select * from connector where id = asked.id and deleted_at is null offset 0) k
cross join lateral (select * from connector_live where connector_id = k.id offset 0) live
left join lateral (select * from charge_point where id = k.charge_point_id offset 0) box on true
left join lateral (
  select id, state, raw_state from charge where connector_id = k.id and completed_at is null
  order by started_at is null, coalesce(started_at, created_at) desc, id desc limit 1
) current on true
order by k.id
"""

# The history keeps what the box said at that moment, so that a day strip can say why.
WRITE = """
with new as (
  select * from json_to_recordset($1::text::json) as new(id bigint, state text, charge_id bigint, moved boolean)
), changed as (
  update connector_live live set
    charge_id = new.charge_id,
    state = new.state,
    state_since = case when new.moved then $2 else live.state_since end,
    updated_at = case when new.moved then $2 else live.updated_at end
  from new where live.connector_id = new.id
  returning live.*, new.moved
)
insert into connector_state (operator_id, connector_id, at, state, ocpp_status, error_code, error_info,
  vendor_error_code)
select operator_id, connector_id, $2, state, ocpp_status, error_code, error_info, vendor_error_code
from changed where moved
"""
