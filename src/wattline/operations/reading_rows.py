"""Readings as rows: stored each once, with the charge they belong to; and the figures that follow from them.

Two statements for a whole batch, whatever its size; neither looks at the readings that are there already.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Transaction
from wattline.database.rows import rows_text
from wattline.domain.facts import Fact


class NewReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One meterValue in our words and units. `measured_at` is the box's own time, where it can be true.

    `sampled` are its sampledValues as they came; `fingerprint` tells readings of the same moment apart.
    """

    operator_id: int
    charge_point_id: int
    connector_number: int
    ocpp_transaction_id: int | None
    measured_at: datetime
    received_at: datetime
    context: str | None
    energy_wh: int | None
    power_w: int | None
    current_a: float | None
    voltage_v: float | None
    soc_percent: float | None
    sampled: Any
    fingerprint: int


class ReadingOutcome(StrEnum):
    """What became of one reading. All but repeats are stored, even those whose transaction we do not know."""

    STORED = "stored"
    REPEAT = "repeat"
    NO_TRANSACTION = "no-transaction"


async def store(tx: Transaction, batch: Sequence[NewReading]) -> list[Record]:
    """Insert readings, each once; return a row for each with the charge it belongs to, as that was before."""
    return await tx.fetch(STORE, rows_text(batch))


async def store_and_show(tx: Transaction, batch: Sequence[NewReading]) -> list[Record]:
    """Insert readings as `store` does, and let their connectors show the newest."""
    return await tx.fetch(STORE_AND_SHOW, rows_text(batch))


async def write_figures(tx: Transaction, charges: Sequence[object], facts: Sequence[Fact], *, now: datetime) -> None:
    """Write what charges are after a batch, in the fields that WRITE names, and the facts that tell of it."""
    await tx.execute(WRITE, now, outbox.as_rows(facts), rows_text(charges))
    if facts:
        outbox.wake_readers(tx)


# A transaction is found by its id, which must be this box's; without an id (null, 0, -1: field notes T2 and 7) by
# being open on the connector.
_STORE = """
with given as (
  select * from rows from (json_to_recordset($1::text::json) as (
    operator_id bigint, charge_point_id bigint, connector_number int, measured_at timestamptz, received_at timestamptz,
    ocpp_transaction_id bigint, context text, energy_wh bigint, power_w int, current_a real, voltage_v real,
    soc_percent real, sampled jsonb, fingerprint bigint)) with ordinality
  as given (operator_id, charge_point_id, connector_number, measured_at, received_at, ocpp_transaction_id, context,
    energy_wh, power_w, current_a, voltage_v, soc_percent, sampled, fingerprint, place)),
matched as (
  select given.*, found.id as transaction_id, found.charge_id
  from given left join lateral (
    select t.id, t.charge_id from transaction t
    where t.ocpp_transaction_id = given.ocpp_transaction_id and t.charge_point_id = given.charge_point_id
    union all (
    select t.id, t.charge_id from transaction t
    where coalesce(given.ocpp_transaction_id, 0) <= 0 and t.charge_point_id = given.charge_point_id
      and t.connector_number = given.connector_number and t.stopped_at is null
    order by t.started_at desc limit 1)) found on true),
stored as (
  insert into reading (operator_id, charge_point_id, connector_number, measured_at, received_at, ocpp_transaction_id,
    charge_id, context, energy_wh, power_w, current_a, voltage_v, soc_percent, sampled, fingerprint)
  select operator_id, charge_point_id, connector_number, measured_at, received_at, ocpp_transaction_id,
    charge_id, context, energy_wh, power_w, current_a, voltage_v, soc_percent, sampled, fingerprint from matched
  on conflict do nothing
  returning charge_point_id, connector_number, measured_at, fingerprint)"""

# No indexed column is written here nor below, so that the rows stay where they are (HOT).
_SHOW = """, newest as (
  select distinct on (k.id) k.id, matched.measured_at, matched.power_w, matched.energy_wh
  from matched join connector k on k.charge_point_id = matched.charge_point_id
    and k.number = matched.connector_number and k.deleted_at is null
  order by k.id, matched.measured_at desc, matched.place desc),
shown as (
  update connector_live live set power_w = coalesce(newest.power_w, live.power_w), power_at = newest.measured_at,
    meter_wh = coalesce(newest.energy_wh, live.meter_wh), meter_at = newest.measured_at
  from newest where live.connector_id = newest.id and (live.meter_at is null or live.meter_at <= newest.measured_at))"""

_RETURN = """
select stored.fingerprint is not null as is_new, matched.transaction_id, k.id as connector_id, k.current_kind,
  k.max_power_w, c.id as charge_id, c.operator_id as owner, c.paying_operator_id as payer, c.team_id as owner_team,
  c.paying_team_id as payer_team, c.charge_point_id as box, c.started_at, c.reading_at, c.energy_fact_at,
  c.meter_start_wh,
  c.meter_last_wh, c.meter_last_at, c.meter_doubt_wh, c.meter_doubt_at, c.energy_wh as charge_energy_wh,
  c.power_w as charge_power_w, c.soc_percent as charge_soc, c.version, c.energy_limit_wh, c.soc_limit_percent,
  c.price_limit_minor, c.price_minor
from matched
left join stored using (charge_point_id, connector_number, measured_at, fingerprint)
left join lateral (
  select k.id, k.current_kind, k.max_power_w from connector k
  where k.charge_point_id = matched.charge_point_id and k.number = matched.connector_number and k.deleted_at is null
  limit 1) k on true
left join lateral (
  select c.*, c.xmin as version from charge c
  where c.id = matched.charge_id and c.state <> 'completed' limit 1) c on true
order by matched.place
"""

STORE = _STORE + _RETURN
STORE_AND_SHOW = _STORE + _SHOW + _RETURN

# A charge that somebody else changed meanwhile keeps what it has: registers count on, so the next reading catches up.
WRITE = f"""
with told as ({outbox.ADD})
update charge c set reading_at = new.reading_at, last_sign_at = $1, meter_start_wh = new.start_wh,
  meter_last_wh = new.last_wh, meter_last_at = new.last_at, energy_wh = new.energy_wh, meter_doubt_wh = new.doubt_wh,
  meter_doubt_at = new.doubt_at, power_w = new.power_w, soc_percent = new.soc,
  soc_source = case when new.soc is null then null else 'charge-point' end,
  energy_fact_at = case when new.told then $1 else c.energy_fact_at end
from json_to_recordset($3::text::json) as new (id bigint, version xid, reading_at timestamptz, start_wh bigint,
  last_wh bigint, last_at timestamptz, energy_wh bigint, doubt_wh bigint, doubt_at timestamptz, power_w int,
  soc numeric, told boolean)
where c.id = new.id and c.xmin = new.version
"""
