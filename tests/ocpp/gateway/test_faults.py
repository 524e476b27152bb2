"""What fails and comes back: PostgreSQL, a gateway, a single bad row. What was acknowledged is never lost."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from tests.conftest import FAST
from tests.ocpp.gateway.charge_point import ChargePoint
from tests.ocpp.gateway.conftest import now
from tests.ocpp.gateway.yard import KEY, PASSWORD, PEPPER, Yard, furnish
from tests.waiting import eventually
from wattline.database import commands
from wattline.database.bus import PostgresBus
from wattline.database.connection import Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.database.migrate import migrate
from wattline.ocpp.collector import Collector
from wattline.ocpp.gateway import serve_gateway
from wattline.operations.chance import SystemChance
from wattline.settings import Ocpp, Settings


def meter(wh: int, *, transaction_id: int | None = None, seconds: int = 0) -> dict[str, object]:
    stamp = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    sampled = [{"value": str(wh), "unit": "Wh", "measurand": "Energy.Active.Import.Register"}]
    values: dict[str, object] = {"connectorId": 1, "meterValue": [{"timestamp": stamp, "sampledValue": sampled}]}
    return values if transaction_id is None else values | {"transactionId": transaction_id}


class TestPostgresRestarts:
    """PostgreSQL goes away under a running gateway."""

    @pytest.fixture
    async def postgres(self, data_directory: Path) -> AsyncIterator[EmbeddedPostgres]:
        running = EmbeddedPostgres(data_directory, settings=FAST)
        await migrate(await running.start())
        yield running
        await running.stop()

    @asynccontextmanager
    async def served(self, postgres: EmbeddedPostgres, data_directory: Path, ocpp: Ocpp) -> AsyncIterator[Yard]:
        url = await postgres.start()
        database = await Database.open(url)
        await furnish(database)
        settings = Settings(data_directory=data_directory, pepper=PEPPER, ocpp=ocpp)
        async with (
            PostgresBus(url) as bus,
            serve_gateway(
                settings, database, bus, clock=now, chance=SystemChance(), gateway_id=secrets.token_hex(4)
            ) as gateway,
        ):
            yield Yard(database, bus, settings, gateway)
        await database.close()

    async def test_calls_wait_and_nothing_is_lost(self, postgres: EmbeddedPostgres, data_directory: Path) -> None:
        ocpp = Ocpp(port=0, settle_seconds=0.05)
        async with self.served(postgres, data_directory, ocpp) as yard:
            box_id = await yard.add_box("BOX-1")
            async with yard.box("BOX-1") as box:
                await box.boot()
                await postgres.stop()
                start = {"connectorId": 1, "idTag": KEY, "meterStart": 100, "timestamp": datetime.now(UTC).isoformat()}
                asked = asyncio.create_task(box.tell("StartTransaction", start))
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(asked), 0.3)
                await postgres.start()
                transaction_id = (await asked)["transactionId"]
                await box.tell("MeterValues", meter(300, transaction_id=transaction_id))
                assert await yard.value("select energy_wh from charge") == 200
                await self.hears_commands_again(yard, box, box_id)

    async def hears_commands_again(self, yard: Yard, box: ChargePoint, box_id: int) -> None:
        async with yard.database.begin() as tx:
            await commands.add(
                tx, charge_point_id=box_id, operator_id=1, action="ClearCache", payload={}, purpose="test",
                asked_by="somebody", deadline_at=now() + timedelta(seconds=30), now=now(),
            )  # fmt: skip
        assert await box.answer_command({"status": "Accepted"}) == "ClearCache"

    async def test_when_it_takes_too_long_the_box_gets_an_error_and_stays(
        self, postgres: EmbeddedPostgres, data_directory: Path
    ) -> None:
        ocpp = Ocpp(port=0, patience_seconds=0.3)
        async with self.served(postgres, data_directory, ocpp) as yard:
            await yard.add_box("BOX-1")
            async with yard.box("BOX-1") as box:
                await box.boot()
                await postgres.stop()
                values = meter(300)
                refused = await box.ask("MeterValues", values)
                assert (refused[0], refused[2]) == (4, "InternalError")
                assert (await box.ask("StatusNotification", status()))[2] == "InternalError"
                assert "currentTime" in await box.tell("Heartbeat", {})
                await postgres.start()

                async def is_stored() -> bool:
                    return bool((await box.ask("MeterValues", values))[0] == 3)

                await eventually(is_stored)
            assert await yard.value("select count(*) from reading") == 1


def status() -> dict[str, object]:
    return {"connectorId": 1, "status": "Available", "errorCode": "NoError"}


async def test_lost_database_connections_are_replaced_without_the_boxes_noticing(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        async with yard.database.dedicated() as other:
            await other.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> $1",
                other.get_server_pid(),
            )
        for number in range(5):
            await box.tell("MeterValues", meter(number, seconds=number))
    assert await yard.value("select count(*) from reading where charge_point_id = $1", box_id) == 5


async def test_a_bad_row_spoils_nobody_elses_answer() -> None:
    stored: list[list[str]] = []

    async def store(batch: Sequence[str]) -> Sequence[str]:
        if "bad" in batch:
            raise asyncpg.DataError("bad")
        stored.append(list(batch))
        return [item.upper() for item in batch]

    collector = Collector(store, most=100, wait_seconds=0.02, patience_seconds=20)
    first = collector.put(["a", "b"], key=1, then=list)
    bad = collector.put(["bad"], key=2, then=list)
    same_box = collector.put(["c"], key=1, then=list)
    assert (await first, await same_box) == (["A", "B"], ["C"])
    with pytest.raises(asyncpg.DataError):
        await bad
    assert stored == [["a", "b"], ["c"]]


async def test_many_fill_a_batch_at_once_and_the_rest_follows() -> None:
    sizes: list[int] = []

    async def store(batch: Sequence[int]) -> Sequence[int]:
        sizes.append(len(batch))
        return batch

    collector = Collector(store, most=10, wait_seconds=60, patience_seconds=20)
    answers = [collector.put([number], key=number, then=list) for number in range(25)]
    async with asyncio.timeout(60):
        assert [await answer for answer in answers] == [[number] for number in range(25)]
    assert sizes == [10, 10, 5]


@asynccontextmanager
async def gateway_process(url: str, port: int = 0) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ocpp.gateway.gateway_process", url, str(port), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while not (line := await process.stdout.readline()).startswith(b"ready"):
                assert line, "the gateway did not start"
        yield process, int(line.split()[1])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_kill_9_of_the_gateway_loses_nothing_that_was_acknowledged(database: Database, database_url: str) -> None:
    await furnish(database)
    yard = Yard(database, None, Settings(data_directory=Path(), pepper=PEPPER), None)  # type: ignore[arg-type]
    for number in range(8):
        await yard.add_box(f"BOX-{number}")
    acknowledged: dict[int, int] = {}
    transactions: dict[int, int] = {}

    async def charge(number: int, port: int) -> None:
        box = ChargePoint(port, f"BOX-{number}", PASSWORD)
        async with box:
            await box.boot()
            start = {"connectorId": 1, "idTag": KEY, "meterStart": 0, "timestamp": datetime.now(UTC).isoformat()}
            transactions[number] = (await box.tell("StartTransaction", start))["transactionId"]
            for wh in range(1, 10_000):
                await box.tell("MeterValues", meter(wh, transaction_id=transactions[number], seconds=wh))
                acknowledged[number] = wh

    async with gateway_process(database_url) as (process, port):
        charging = [asyncio.create_task(charge(number, port)) for number in range(8)]
        await eventually(lambda: len(acknowledged) == 8 and min(acknowledged.values()) > 5)
        process.kill()
        await asyncio.gather(*charging, return_exceptions=True)
    for number, transaction_id in transactions.items():
        stored = await yard.value(
            "select count(distinct energy_wh) from reading where ocpp_transaction_id = $1", transaction_id
        )
        assert stored >= acknowledged[number]
    async with gateway_process(database_url) as (_process, port):
        box = ChargePoint(port, "BOX-0", PASSWORD)
        async with box:
            await box.boot()
            stop = {"transactionId": transactions[0], "meterStop": 9_999, "timestamp": datetime.now(UTC).isoformat()}
            assert await box.tell("StopTransaction", stop) == {}
    states = await yard.rows("select state, count(*) as many from charge group by state order by state")
    assert {row["state"]: row["many"] for row in states} in (
        {"charging": 7, "releasing": 1},
        {"charging": 7, "completed": 1},
    )
