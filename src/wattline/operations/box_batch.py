"""Many boxes at once: the rows that they and their charge points become, written table by table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Transaction
from wattline.database.rows import rows_text
from wattline.domain.access import Viewer
from wattline.domain.facts import ConnectorCreated
from wattline.domain.values import ConnectorState
from wattline.operations import connector_states

Row = Mapping[str, Any]


async def insert_boxes(tx: Transaction, boxes: Sequence[Row], *, now: datetime) -> dict[str, int]:
    """Insert boxes that have an `identity_key` and the other columns; return their ids by it.

    Boxes whose identity somebody has are missing there.
    """
    rows = await tx.fetch(BOXES, rows_text([_with_hex(box) for box in boxes]), now)
    return {row["identity_key"]: row["id"] for row in rows}


async def connector_ids(tx: Transaction, count: int) -> list[int]:
    """Take so many ids of connectors."""
    rows = await tx.fetch(
        "select nextval(pg_get_serial_sequence('connector', 'id')) as id from generate_series(1, $1)", count
    )
    return [row["id"] for row in rows]


async def insert_bound_connectors(
    tx: Transaction, connectors: Sequence[Row], *, asked_by: Viewer, now: datetime
) -> None:
    """Insert connectors with everything that comes with them: their live part, integration, facts and audit."""
    text = rows_text(connectors)
    await tx.execute(CONNECTORS, text, now)
    await tx.execute(LIVE, text, ConnectorState.PASSIVE, now)
    await tx.execute(INTEGRATIONS, text, now)
    await tx.execute(AUDIT, text, asked_by.operator_id, asked_by.name, now)
    created = [
        ConnectorCreated(
            entity_id=row["id"],
            operator_ids=(row["operator_id"],),
            team_ids=(row["team_id"],),
        )
        for row in connectors
    ]
    changed = await connector_states.refresh(tx, [row["id"] for row in connectors], now=now)
    await outbox.add(tx, [*created, *changed], now=now)


async def taken_identities(tx: Transaction, identity_keys: Sequence[str]) -> list[Record]:
    """Lock the boxes that have one of these identities, whoever owns them."""
    return await tx.fetch(
        "select * from charge_point where identity_key = any($1) and deleted_at is null order by id for update",
        list(identity_keys),
    )


def _with_hex(box: Row) -> Row:
    return {**box, "password_hmac": box["password_hmac"].hex()}


BOXES = """
insert into charge_point (operator_id, team_id, identity, identity_key, password_hmac, model_id, emulated, created_at,
  updated_at)
select operator_id, team_id, identity, identity_key, decode(password_hmac, 'hex'), model_id, emulated, $2::timestamptz,
  $2
from json_to_recordset($1::text::json) as box (operator_id bigint, team_id bigint, identity text, identity_key text,
  password_hmac text, model_id bigint, emulated boolean)
on conflict (identity_key) where deleted_at is null do nothing returning id, identity_key
"""

CONNECTORS = """
insert into connector (id, operator_id, team_id, site_id, charge_point_id, number, name, model_id, connector_types,
  current_kind, max_power_w, visibility, show_on_map, active_at, note, evse_id, partner_external_id,
  partner_custom_payload, created_at, updated_at)
select id, operator_id, team_id, site_id, charge_point_id, number, name, model_id, connector_types, current_kind,
  max_power_w, visibility, show_on_map, case when active then $2::timestamptz end, note, evse_id, partner_external_id,
  partner_custom_payload, $2, $2
from json_to_recordset($1::text::json) as k (id bigint, operator_id bigint, team_id bigint, site_id bigint,
  charge_point_id bigint, number int, name text, model_id bigint, connector_types bigint[], current_kind text,
  max_power_w int, visibility text, show_on_map boolean, active boolean, note text, evse_id text,
  partner_external_id text, partner_custom_payload jsonb)
"""

LIVE = """
insert into connector_live (connector_id, operator_id, state, state_since, updated_at)
select id, operator_id, $2, $3::timestamptz, $3
from json_to_recordset($1::text::json) as k (id bigint, operator_id bigint)
"""

INTEGRATIONS = """
insert into integration (operator_id, connector_id, charge_point_id, number, serial_number, active_at, created_at,
  updated_at)
select operator_id, id, charge_point_id, number, identity, $2::timestamptz, $2, $2
from json_to_recordset($1::text::json) as k (operator_id bigint, id bigint, charge_point_id bigint, number int,
  identity text)
"""

AUDIT = """
insert into audit (operator_id, at, who, deed, entity_type, entity_id)
select $2::bigint, $4::timestamptz, $3, 'create', 'charge-point', id::text
from json_to_recordset($1::text::json) as k (id bigint)
"""
