"""Meter values: stored before they are answered, a few hundred a second, each in the time of one row.

One statement stores a batch, shows it at the connectors and finds the charges it belongs to; domain/meter.py takes each
value; a second statement writes the charges' figures and facts (both in reading_rows.py). Each is a transaction by
itself (decision 0008): should we die in between, the batch is sent again, and the figures follow then. The work for a
reading does not grow with the number of readings a charge has.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database
from wattline.domain import charge_steps as life
from wattline.domain.charge_events import StopAsked
from wattline.domain.charge_facts import audience, progressed
from wattline.domain.facts import Fact
from wattline.domain.limits import Limit, Limits, Progress, limit_reached
from wattline.domain.meter import Meter, advance, flowed, may_be_kwh, power_limit_w
from wattline.operations import charge_store
from wattline.operations.reading_rows import NewReading, ReadingOutcome, store_and_show, write_figures
from wattline.operations.register_units import correct_unit

__all__ = ["NewReading", "ReadingOutcome", "record_readings"]

ASKED_BY = "limit"
NO_LIMITS = Limits()

# Energy facts of one charge are told at most this often.
FACT_EVERY = timedelta(seconds=2)

# A box that refused to stop for a limit is asked again after this long.
ASK_AGAIN_AFTER = timedelta(minutes=1)


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
    may_be_kwh: bool = False

    def take(self, reading: NewReading, power_limit: int) -> None:
        at = reading.measured_at
        if at < self.reading_at:
            # Told late: the register has gone on since. The review at the end takes it into account.
            return
        self.reading_at = at
        if reading.energy_wh is not None:
            self._advance(at, reading.energy_wh, reading.power_w, power_limit)
        if reading.power_w is not None:
            self.power_w = reading.power_w
        if reading.soc_percent is not None:
            self.step_soc = max(0.0, reading.soc_percent - self.soc) if self.soc is not None else 0.0
            self.soc = reading.soc_percent

    def _advance(self, at: datetime, energy_wh: int, power_w: int | None, power_limit: int) -> None:
        before = self.meter
        if self.power_w and power_w:
            flowed_wh = flowed(self.power_w, power_w, before.last_at, at)
            self.meter = advance(before, at, energy_wh, power_limit, flowed_wh)
            self.may_be_kwh = may_be_kwh(
                self.meter.energy_wh, self.meter.energy_wh - before.energy_wh, flowed_wh,
                power_w=power_w, begun_at=self.row["started_at"], at=at,
            )  # fmt: skip
        else:
            self.meter = advance(before, at, energy_wh, power_limit)
        self.step_wh = self.meter.energy_wh - before.energy_wh

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
    """Store a batch and bring its charges up to date; the outcomes are in the order of the batch.

    A reading that the database refuses fails the whole batch: the caller then tries each alone.
    """
    async with database.statement() as tx:
        rows = await store_and_show(tx, batch)
    running = _follow(batch, rows)
    if running:
        facts = _facts(running.values(), now)
        told = {fact.entity_id for fact in facts}
        async with database.statement() as tx:
            await write_figures(tx, [each.figures(told) for each in running.values()], facts, now=now)
    for each in running.values():
        if each.may_be_kwh:
            await correct_unit(database, each.row["charge_id"], now=now)
        limit = _limit_of(each)
        if limit is not None:
            await _stop_for_limit(database, each.row["charge_id"], limit, now)
    return [_outcome(reading, row) for reading, row in zip(batch, rows, strict=True)]


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
