"""Meter values: stored before they are answered, a few hundred a second, each in the time of one row.

Two statements for a whole batch, whatever its size. The first stores the readings and finds the charges they belong
to; then domain/meter.py takes each value; the second writes the charges' figures and the connectors' live ones. The
work for a reading does not grow with the number of readings a charge has.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.database.rows import rows_text
from wattline.domain import charge as life
from wattline.domain.charge_events import StopAsked
from wattline.domain.charge_facts import audience, progressed
from wattline.domain.facts import Fact
from wattline.domain.limits import Limit, Limits, Progress, limit_reached
from wattline.domain.meter import Meter, advance, power_limit_w
from wattline.operations import charge_store

ASKED_BY = "limit"
NO_LIMITS = Limits()

# Energy facts of one charge are told at most this often.
FACT_EVERY = timedelta(seconds=2)

# A box that refused to stop for a limit is asked again after this long.
ASK_AGAIN_AFTER = timedelta(minutes=1)


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


@dataclass(slots=True)
class _Running:
    """A charge's figures while a batch passes over them. `row` is how they were."""

    row: Record
    meter: Meter
    reading_at: datetime
    power_w: int | None
    soc: float | None
    step_wh: int = 0
    step_soc: float = 0.0

    def take(self, reading: NewReading, power_limit: int) -> None:
        at = reading.measured_at
        if at < self.reading_at:
            # Told late: the register has gone on since. The review at the end takes it into account.
            return
        self.reading_at = at
        if reading.energy_wh is not None:
            before = self.meter.energy_wh
            self.meter = advance(self.meter, at, reading.energy_wh, power_limit)
            self.step_wh = self.meter.energy_wh - before
        if reading.power_w is not None:
            self.power_w = reading.power_w
        if reading.soc_percent is not None:
            self.step_soc = max(0.0, reading.soc_percent - self.soc) if self.soc is not None else 0.0
            self.soc = reading.soc_percent


    def figures(self, told: Collection[int]) -> dict[str, object]:
        """Write down what the charge is now; `version` is that of the row it was."""
        meter = self.meter
        return {
            "id": self.row["charge_id"],
            "version": self.row["version"],
            "reading_at": self.reading_at,
            "start_wh": meter.start_wh,
            "last_wh": meter.last_wh,
            "last_at": meter.last_at,
            "energy_wh": meter.energy_wh,
            "doubt_wh": meter.doubt_wh,
            "doubt_at": meter.doubt_at,
            "power_w": self.power_w,
            "soc": self.soc,
            "told": self.row["charge_id"] in told,
        }


async def record_readings(database: Database, batch: Sequence[NewReading], *, now: datetime) -> list[ReadingOutcome]:
    """Store a batch in one transaction and bring its charges up to date; the outcomes are in the order of the batch.

    A reading that the database refuses fails the whole batch: the caller then tries each alone.
    """
    async with database.begin() as tx:
        rows = await store(tx, batch)
        running = _follow(batch, rows)
        facts = _facts(running.values(), now)
        await _write(tx, batch, rows, running.values(), {fact.entity_id for fact in facts}, now)
        await outbox.add(tx, facts, now=now)
    for each in running.values():
        limit = _limit_of(each)
        if limit is not None:
            await _stop_for_limit(database, each.row["charge_id"], limit, now)
    return [_outcome(reading, row) for reading, row in zip(batch, rows, strict=True)]


async def store(tx: Transaction, batch: Sequence[NewReading]) -> list[Record]:
    """Insert readings, each once; return a row for each with the charge it belongs to, as that was before."""
    return await tx.fetch(STORE, rows_text(batch))


def _follow(batch: Sequence[NewReading], rows: Sequence[Record]) -> dict[int, _Running]:
    """Let each reading pass over its charge, in order of time within the batch."""
    running: dict[int, _Running] = {}
    for reading, row in sorted(zip(batch, rows, strict=True), key=_by_time):
        charge_id = row["charge_id"]
        if charge_id is None:
            continue
        each = running.get(charge_id)
        if each is None:
            each = running[charge_id] = _running(row)
        each.take(reading, power_limit_w(current_kind=row["current_kind"], max_power_w=row["max_power_w"]))
    return running


def _by_time(pair: tuple[NewReading, Record]) -> datetime:
    return pair[0].measured_at


def _running(row: Record) -> _Running:
    meter = Meter(
        row["meter_start_wh"],
        row["meter_last_wh"],
        row["meter_last_at"],
        row["charge_energy_wh"],
        row["meter_doubt_wh"],
        row["meter_doubt_at"],
    )
    soc = row["charge_soc"]
    return _Running(row, meter, row["reading_at"], row["charge_power_w"], None if soc is None else float(soc))


def _facts(running: Iterable[_Running], now: datetime) -> list[Fact]:
    return [
        progressed(
            each.row["charge_id"],
            operator_ids=audience(each.row["owner"], each.row["payer"]),
            team_ids=audience(each.row["owner_team"], each.row["payer_team"]),
            charge_point_id=each.row["box"],
        )
        for each in running
        if each.reading_at != each.row["reading_at"]
        and (each.row["energy_fact_at"] is None or now - each.row["energy_fact_at"] >= FACT_EVERY)
    ]


async def _write(
    tx: Transaction,
    batch: Sequence[NewReading],
    rows: Sequence[Record],
    running: Collection[_Running],
    told: Collection[int],
    now: datetime,
) -> None:
    live = {row["connector_id"]: reading for reading, row in sorted(zip(batch, rows, strict=True), key=_by_time)}
    live.pop(None, None)
    if live or running:
        connectors = [_shown(connector_id, reading) for connector_id, reading in live.items()]
        await tx.execute(WRITE, now, rows_text([each.figures(told) for each in running]), rows_text(connectors))


def _shown(connector_id: int, reading: NewReading) -> dict[str, object]:
    return {
        "id": connector_id,
        "at": reading.measured_at,
        "power_w": reading.power_w,
        "meter_wh": reading.energy_wh,
    }


def _outcome(reading: NewReading, row: Record) -> ReadingOutcome:
    if not row["is_new"]:
        return ReadingOutcome.REPEAT
    asked = reading.ocpp_transaction_id
    if asked is not None and asked > 0 and row["transaction_id"] is None:
        return ReadingOutcome.NO_TRANSACTION
    return ReadingOutcome.STORED


def _limit_of(each: _Running) -> Limit | None:
    row = each.row
    limits = Limits(row["energy_limit_wh"], row["soc_limit_percent"], row["price_limit_minor"])
    if limits == NO_LIMITS:
        return None
    progress = Progress(
        energy_wh=each.meter.energy_wh,
        energy_step_wh=each.step_wh,
        soc_percent=each.soc,
        soc_step_percent=each.step_soc,
        spent_minor=row["price_minor"],
        spent_step_minor=0,
    )
    return limit_reached(limits, progress)


async def _stop_for_limit(database: Database, charge_id: int, limit: Limit, now: datetime) -> None:
    """Ask the box to stop, in a transaction of its own: it locks the connector first, as everybody else does."""
    async with database.begin() as tx:
        charge = await charge_store.lock(tx, charge_id)
        asked_lately = charge.stop_asked_at is not None and now - charge.stop_asked_at < ASK_AGAIN_AFTER
        if not life.is_legal(charge, StopAsked) or asked_lately:
            return
        step = life.step(charge, StopAsked(at=now, by=limit), now=now)
        await outbox.add(tx, await charge_store.apply(tx, step, asked_by=ASKED_BY, now=now), now=now)


# A transaction is found by its id, which must be this box's; without an id (null, 0, -1: field notes T2 and 7) by
# being open on the connector.
STORE = """
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
  returning charge_point_id, connector_number, measured_at, fingerprint)
select stored.fingerprint is not null as is_new, matched.transaction_id, k.id as connector_id, k.current_kind,
  k.max_power_w, c.id as charge_id, c.operator_id as owner, c.paying_operator_id as payer, c.team_id as owner_team,
  c.paying_team_id as payer_team, c.charge_point_id as box, c.reading_at, c.energy_fact_at, c.meter_start_wh,
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

# A charge that somebody else changed meanwhile keeps what it has: registers count on, so the next reading catches up.
# No indexed column is written, so that the rows stay where they are (HOT).
WRITE = """
with shown as (
  update connector_live live set power_w = coalesce(new.power_w, live.power_w), power_at = new.at,
    meter_wh = coalesce(new.meter_wh, live.meter_wh), meter_at = new.at
  from json_to_recordset($3::text::json) as new (id bigint, at timestamptz, power_w int, meter_wh bigint)
  where live.connector_id = new.id and (live.meter_at is null or live.meter_at <= new.at))
update charge c set reading_at = new.reading_at, last_sign_at = $1, meter_start_wh = new.start_wh,
  meter_last_wh = new.last_wh, meter_last_at = new.last_at, energy_wh = new.energy_wh, meter_doubt_wh = new.doubt_wh,
  meter_doubt_at = new.doubt_at, power_w = new.power_w, soc_percent = new.soc,
  soc_source = case when new.soc is null then null else 'charge-point' end,
  energy_fact_at = case when new.told then $1 else c.energy_fact_at end
from json_to_recordset($2::text::json) as new (id bigint, version xid, reading_at timestamptz, start_wh bigint,
  last_wh bigint, last_at timestamptz, energy_wh bigint, doubt_wh bigint, doubt_at timestamptz, power_w int,
  soc numeric, told boolean)
where c.id = new.id and c.xmin = new.version
"""
