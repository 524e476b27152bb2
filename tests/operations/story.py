"""A stage for stories about charges: one operator, two teams, boxes in contact, and a clock that the story moves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast
from uuid import UUID

import msgspec

from tests.waiting import eventually
from wattline.database import outbox
from wattline.database.connection import Database
from wattline.database.rows import rows_text
from wattline.domain.access import Viewer
from wattline.domain.charge_record import Charge
from wattline.domain.values import ConnectorState
from wattline.operations import charge_store, charges, connector_states, timers
from wattline.operations.chance import ALPHABET, INT32_MAX, human_id
from wattline.operations.charge_keys import KeyAnswer, NewChargeKey, add_charge_key, authorise
from wattline.operations.charges import StartRequest, TransactionAnswer, TransactionStart, TransactionStop
from wattline.operations.commands import Outcome, record_answer
from wattline.operations.reading_rows import STORE
from wattline.operations.readings import NewReading, ReadingOutcome, record_readings
from wattline.operations.statuses import StatusReport, report_statuses

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

# What a message needs from the box to us.
ON_THE_WAY = timedelta(milliseconds=40)


class SeededChance:
    """Chance that comes out the same every time."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def tag(self) -> str:
        return self._random.randbytes(10).hex().upper()

    def transaction_id(self) -> int:
        return self._random.randint(1, INT32_MAX)

    def human_id(self) -> str:
        return human_id(self._random.choices(ALPHABET, k=13))

    def uuid(self) -> str:
        return str(UUID(bytes=self._random.randbytes(16)))


@dataclass(frozen=True, slots=True)
class Box:
    """A charge point with its connectors: their numbers and ids."""

    id: int
    connectors: dict[int, int]


@dataclass(slots=True)
class Story:
    """Everything a test says. Methods that take no time happen at `now`; `after` lets time pass."""

    database: Database
    viewer: Viewer
    team_id: int
    neighbour_team_id: int
    box: Box
    now: datetime = NOON
    chance: SeededChance = field(default_factory=lambda: SeededChance(7))
    told: list[str] = field(default_factory=list)
    heard: set[int] = field(default_factory=set)

    # What people and programs do ---------------------------------------------------------------------------------

    async def ask(self, connector: int = 1, **wishes: Any) -> Charge:
        """Ask for a charge through the API."""
        connector_id = wishes.pop("connector_id", None) or self.box.connectors[connector]
        asked_by = wishes.pop("asked_by", self.viewer)
        request = StartRequest(connector_id=connector_id, **{"start_source": "server-api", **wishes})
        return await charges.request_charge(self.database, request, asked_by=asked_by, chance=self.chance, now=self.now)

    async def stop(self, charge: Charge | int, source: str = "api", *, asked_by: Viewer | None = None) -> Charge:
        charge_id = charge if isinstance(charge, int) else charge.id
        return await charges.stop_charge(
            self.database, charge_id, asked_by=asked_by or self.viewer, source=source, now=self.now
        )

    async def force_stop(self, charge: Charge, reason: str | None = None, *, asked_by: Viewer | None = None) -> Charge:
        return await charges.force_stop_charge(
            self.database, charge.id, asked_by=asked_by or self.viewer, reason=reason, now=self.now
        )

    async def restart(self, charge: Charge, *, asked_by: Viewer | None = None) -> Charge:
        return await charges.restart_charge(self.database, charge.id, asked_by=asked_by or self.viewer, now=self.now)

    async def patch(self, charge: Charge, **changes: Any) -> Charge:
        return await charges.patch_charge(self.database, charge.id, changes, asked_by=self.viewer, now=self.now)

    def viewer_of(self, *, operator_id: int | None = None, team_ids: tuple[int, ...] | None = None) -> Viewer:
        """Somebody else who asks."""
        operator = operator_id or self.viewer.operator_id
        return Viewer(name="somebody else", operator_id=operator, operator_ids=(operator,), team_ids=team_ids)

    def viewer_over(self, operator_id: int) -> Viewer:
        """Somebody of our operator, to whom another is subordinate."""
        own = self.viewer.operator_id
        return Viewer(name="somebody above", operator_id=own, operator_ids=(own, operator_id))

    async def add_key(self, identifier: str, **more: Any) -> int:
        new = NewChargeKey(**{"team_id": self.team_id, "type": "rfid", "identifier": identifier, **more})
        return await add_charge_key(self.database, new, asked_by=self.viewer, now=self.now)

    # What boxes do -----------------------------------------------------------------------------------------------

    async def tap(self, id_tag: str, *, box: Box | None = None) -> KeyAnswer:
        """Hold a key to the reader: Authorize."""
        return await authorise(self.database, (box or self.box).id, id_tag, now=self.now)

    async def begin(
        self,
        id_tag: str,
        *,
        connector: int = 1,
        meter_wh: int = 1_000,
        at: datetime | None = None,
        box: Box | None = None,
    ) -> TransactionAnswer:
        """Send a StartTransaction."""
        start = TransactionStart(
            charge_point_id=(box or self.box).id,
            connector_number=connector,
            id_tag=id_tag,
            meter_wh=meter_wh,
            started_at=at or self.now,
            received_at=self.now + ON_THE_WAY,
        )
        return await charges.begin_charge(self.database, start, chance=self.chance, now=self.now)

    async def end(
        self,
        transaction_id: int,
        meter_wh: int | None,
        *,
        reason: str | None = None,
        at: datetime | None = None,
        id_tag: str | None = None,
        readings: Sequence[NewReading] = (),
        box: Box | None = None,
    ) -> TransactionAnswer:
        """Send a StopTransaction."""
        stop = TransactionStop(
            charge_point_id=(box or self.box).id,
            ocpp_transaction_id=transaction_id,
            meter_wh=meter_wh,
            stopped_at=at or self.now,
            received_at=self.now + ON_THE_WAY,
            reason=reason,
            id_tag=id_tag,
            readings=readings,
            payload={"transactionId": transaction_id, "meterStop": meter_wh},
        )
        return await charges.end_charge(self.database, stop, now=self.now)

    async def status(self, status: str, *, connector: int = 1, at: datetime | None = None) -> None:
        """Send a StatusNotification."""
        report = StatusReport(
            charge_point_id=self.box.id,
            operator_id=self.viewer.operator_id,
            connector_number=connector,
            status=status,
            error_code="NoError",
            info=None,
            vendor_error_code=None,
            told_at=at or self.now,
            received_at=self.now,
            message_id="1",
        )
        await report_statuses(self.database, [report], now=self.now)

    def reading(
        self,
        energy_wh: int | None,
        *,
        transaction_id: int | None = None,
        connector: int = 1,
        power_w: int | None = 11_000,
        soc_percent: float | None = None,
        at: datetime | None = None,
        sampled: list[dict[str, str]] | None = None,
        box: Box | None = None,
    ) -> NewReading:
        """Make a meter value."""
        values = sampled if sampled is not None else [{"value": str(energy_wh), "unit": "Wh"}]
        return NewReading(
            operator_id=self.viewer.operator_id,
            charge_point_id=(box or self.box).id,
            connector_number=connector,
            ocpp_transaction_id=transaction_id,
            measured_at=at or self.now,
            received_at=self.now,
            context="Sample.Periodic",
            energy_wh=energy_wh,
            power_w=power_w,
            current_a=16.0,
            voltage_v=230.0,
            soc_percent=soc_percent,
            sampled=values,
            fingerprint=hash((transaction_id, energy_wh, power_w, soc_percent)),
        )

    def of(self, reading: NewReading, answer: TransactionAnswer) -> NewReading:
        """Let a reading belong to a transaction."""
        return msgspec.structs.replace(reading, ocpp_transaction_id=answer.ocpp_transaction_id)

    async def measure(self, energy_wh: int | None, transaction_id: int | None = None, **more: Any) -> ReadingOutcome:
        """Send one MeterValues."""
        return (await self.record(self.reading(energy_wh, transaction_id=transaction_id, **more)))[0]

    async def record(self, *readings: NewReading) -> list[ReadingOutcome]:
        return await record_readings(self.database, readings, now=self.now)

    async def refuse(
        self, charge: Charge, outcome: str = "refused", status: str = "Rejected", *, attempt: int = -1
    ) -> None:
        """Answer what the charge asked of the box: no. Of several attempts, the last is meant."""
        asked = await self.rows("select id from command where charge_id = $1 order by id", charge.id)
        if asked:
            answer = {"status": status}
            await record_answer(
                self.database, asked[attempt]["id"], outcome=cast("Outcome", outcome), answer=answer, now=self.now
            )

    async def connect(self, box: Box | None = None) -> None:
        async with self.database.begin() as tx:
            box_id = (box or self.box).id
            await tx.execute(
                "insert into lease values ($1, 'gateway', nextval('lease_epoch'), $2) on conflict do nothing",
                box_id, self.now,
            )  # fmt: skip
            await tx.execute(
                "update charge_point set connected = true, last_heard_at = $2 where id = $1", box_id, self.now
            )
            await connector_states.refresh(tx, list((box or self.box).connectors.values()), now=self.now)

    async def hear(self) -> None:
        """Let the box be heard: a heartbeat, say."""
        await self.rows("update charge_point set last_heard_at = $2 where id = $1", self.box.id, self.now)

    async def disconnect(self) -> None:
        async with self.database.begin() as tx:
            await tx.execute("delete from lease where charge_point_id = $1", self.box.id)
            await tx.execute("update charge_point set connected = false where id = $1", self.box.id)
            await connector_states.refresh(tx, list(self.box.connectors.values()), now=self.now)

    # Time, and looking -------------------------------------------------------------------------------------------

    def later(self, **time: float) -> "Story":
        """Let time pass without anybody doing anything."""
        self.now += timedelta(**time)
        return self

    async def after(self, **time: float) -> None:
        """Let time pass and carry out what becomes due."""
        self.later(**time)
        while await timers.run_due(self.database, now=self.now):
            pass

    async def charge(self, which: Charge | int) -> Charge:
        async with self.database.read() as connection:
            found = await charge_store.find(connection, which if isinstance(which, int) else which.id)
        assert found is not None
        return found

    async def charges(self) -> list[Charge]:
        rows = await self.rows("select * from charge order by id")
        return [charge_store.of_row(row) for row in rows]

    async def only_charge(self) -> Charge:
        (found,) = await self.charges()
        return found

    async def current(self, connector: int = 1) -> int | None:
        current: int | None = (await self._live(connector))["charge_id"]
        return current

    async def state(self, connector: int = 1) -> ConnectorState:
        return ConnectorState((await self._live(connector))["state"])

    async def _live(self, connector: int) -> Any:
        rows = await self.rows("select * from connector_live where connector_id = $1", self.box.connectors[connector])
        return rows[0]

    async def rows(self, question: str, *values: object) -> list[Any]:
        async with self.database.read() as connection:
            return await connection.fetch(question, *values)

    async def commands(self) -> list[tuple[str, Any]]:
        """List what boxes were asked since the last look."""
        rows = await self.rows(
            "update command set gateway_id = 'seen' where gateway_id is null returning id, action, payload"
        )
        return [(row["action"], row["payload"]) for row in sorted(rows, key=lambda row: row["id"])]

    async def explain_store(self, *readings: NewReading) -> list[Any]:
        """Ask PostgreSQL how it stores readings."""
        return await self.rows(f"explain {STORE}", rows_text(readings))

    async def timeline(self, charge: Charge) -> list[str]:
        rows = await self.rows("select to_state from charge_move where charge_id = $1 order by id", charge.id)
        return [row["to_state"] for row in rows]

    async def facts(self) -> list[str]:
        """List the kinds of facts told since the last look.

        Facts can be read when every older transaction is over, those of other databases on the same server too.
        """
        told = {row["id"] for row in await self.rows("select id from fact")} - self.heard
        kinds: list[str] = []

        async def all_heard() -> bool:
            async with self.database.begin() as tx:
                rows = await outbox.read_new(tx, "story", limit=10_000)
                if rows:
                    await outbox.advance(tx, "story", rows[-1])
            kinds.extend(row.kind for row in rows)
            self.heard.update(row.id for row in rows)
            return told <= self.heard

        await eventually(all_heard)
        return kinds

    async def new_box(self, *connectors: int, team_id: int | None = None, **columns: Any) -> Box:
        """Set up another box in contact; `columns` go to each of its connectors."""
        async with self.database.begin() as tx:
            box = await _add_box(tx, self.viewer.operator_id, team_id or self.team_id, connectors or (1,), columns)
        await self.connect(box)
        return box


async def begin_story(database: Database, *, connectors: Sequence[int] = (1, 2), **columns: Any) -> Story:
    """Set up the stage: teams in euros, a box in contact, nothing plugged in."""
    async with database.begin() as tx:
        operator_id = await tx.fetchval(
            "insert into operator (name, identifier, created_at) values ('Operator', 'OPR', $1) returning id", NOON
        )
        team_id, neighbour_id = [await _add_team(tx, operator_id, name) for name in ("Owners", "Neighbours")]
        box = await _add_box(tx, operator_id, team_id, connectors, columns)
    viewer = Viewer(name="Operations manager", operator_id=operator_id, operator_ids=(operator_id,))
    story = Story(database, viewer, team_id, neighbour_id, box)
    await story.connect()
    for number in connectors:
        await story.status("Available", connector=number)
    await story.facts()
    return story


async def add_operator(database: Database, identifier: str) -> tuple[int, int]:
    """Add another operator with one team; return their ids."""
    async with database.begin() as tx:
        operator_id: int = await tx.fetchval(
            "insert into operator (name, identifier, created_at) values ($1, $1, $2) returning id", identifier, NOON
        )
        return operator_id, await _add_team(tx, operator_id, identifier)


async def _add_team(tx: Any, operator_id: int, name: str) -> int:
    team_id: int = await tx.fetchval(
        """insert into team (operator_id, name, type, join_code, created_at, updated_at)
           values ($1, $2, 'professional', $2, $3, $3) returning id""",
        operator_id, name, NOON,
    )  # fmt: skip
    return team_id


async def _add_box(tx: Any, operator_id: int, team_id: int, connectors: Sequence[int], columns: dict[str, Any]) -> Box:
    number_of_boxes = await tx.fetchval("select count(*) from charge_point")
    box_id = await tx.fetchval(
        """insert into charge_point (operator_id, team_id, identity, identity_key, created_at, updated_at)
           values ($1, $2, $3, $3, $4, $4) returning id""",
        operator_id, team_id, f"BOX-{number_of_boxes + 1}", NOON,
    )  # fmt: skip
    ids = {}
    for number in connectors:
        ids[number] = await tx.fetchval(
            """insert into connector (operator_id, team_id, charge_point_id, number, name, evse_id, active_at,
                 created_at, updated_at)
               values ($1, $2, $3, $4, 'Socket', $5, $6, $6, $6) returning id""",
            operator_id, team_id, box_id, number, f"DK*OPR*E{box_id}*{number}", NOON,
        )  # fmt: skip
        for column, value in columns.items():
            await tx.execute(f"update connector set {column} = $2 where id = $1", ids[number], value)
        await tx.execute(
            """insert into connector_live (connector_id, operator_id, state, state_since, updated_at)
               values ($1, $2, 'passive', $3, $3)""",
            ids[number], operator_id, NOON,
        )  # fmt: skip
    return Box(box_id, ids)
