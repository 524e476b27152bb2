"""kill -9 at random moments while cars charge: nothing acknowledged is lost, every charge ends, every webhook comes."""

import asyncio
import random
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.journeys.fleet import WH_PER_READING, BookkeepingChargePoint
from tests.journeys.partner import get, program, subscribe
from tests.journeys.server import RunningServer, running
from tests.waiting import eventually
from tests.webhooks.receiver import Receiver, receiving

SECRET = "a secret of sixteen"
TAG = "04DEADBEEF0001"
FAST = {
    "WATTLINE_WEBHOOKS_ALLOW_LOOPBACK": "true",
    "WATTLINE_WEBHOOKS_EVERY_SECONDS": "0.2",
    "WATTLINE_WEBHOOKS_RETRY_SECONDS": "1",
    "WATTLINE_LOG_LEVEL": "error",
}
# Two hundred cars, their server and its restarts share the machine with other tests.
PATIENCE_SECONDS = 240.0
PARTS = ("gateway", "web", "worker", "postgres")


async def test_twenty_charges_survive_four_crashes(data_directory: Path) -> None:
    await charges_survive(data_directory, charges=20, crashes=[*PARTS], seed=8410)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
async def test_two_hundred_charges_survive_many_crashes(data_directory: Path, seed: int) -> None:
    chance = random.Random(seed)
    await charges_survive(data_directory, charges=200, crashes=chance.choices(PARTS, k=12), seed=seed)


async def charges_survive(data: Path, *, charges: int, crashes: list[str], seed: int) -> None:
    """Let cars charge, kill parts at random moments, let the charges end, and compare everybody's books."""
    chance = random.Random(seed)
    async with running(data, "--no-demo", **FAST) as server, receiving() as receiver, program(server) as api:
        await subscribe(api, receiver.url, SECRET)
        boxes = await make_boxes(server, api, charges)
        charging = [asyncio.create_task(box.charge(pause_seconds=0.3 + chance.random())) for box in boxes]
        await eventually(lambda: all(box.acknowledged for box in boxes), within_seconds=PATIENCE_SECONDS)
        for part in crashes:
            await some_more_readings(boxes, chance.randrange(1, 3 * charges))
            server.kill(part)
            await all_get_through(boxes)
        for box in boxes:
            box.stop()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*charging)
        await check_the_books(server, api, boxes)
        await check_the_webhooks(server, receiver, charges)


async def make_boxes(server: RunningServer, api: httpx.AsyncClient, count: int) -> list[BookkeepingChargePoint]:
    made = await server.command("charge-points", "create", "--count", str(count), "--prefix", "CRASH")
    team = (await get(api, "/teams"))["data"][0]["id"]
    key = {"teamId": team, "type": "rfid", "identifier": TAG, "name": "card"}
    answer = await api.post("/charge-auth-tokens", json=key)
    assert answer.is_success, answer.text
    return [BookkeepingChargePoint(server.ocpp, box["identity"], box["password"], TAG) for box in made]


async def some_more_readings(boxes: list[BookkeepingChargePoint], count: int) -> None:
    """Wait until so many further readings were acknowledged: a random moment that does not depend on the machine."""
    enough = sum(len(box.acknowledged) for box in boxes) + count
    await eventually(lambda: sum(len(box.acknowledged) for box in boxes) >= enough, within_seconds=PATIENCE_SECONDS)


async def all_get_through(boxes: list[BookkeepingChargePoint]) -> None:
    """Wait until every charge point has had something acknowledged since now: the server is back."""
    before = [len(box.acknowledged) for box in boxes]
    await eventually(
        lambda: all(len(box.acknowledged) > count for box, count in zip(boxes, before, strict=True)),
        within_seconds=PATIENCE_SECONDS,
    )


async def check_the_books(server: RunningServer, api: httpx.AsyncClient, boxes: list[BookkeepingChargePoint]) -> None:
    """Every acknowledged reading is stored once; every charge is completed with what its charge point counted."""
    connection = await asyncpg.connect(database_url(server))
    try:
        for box in boxes:
            rows = await connection.fetch(READINGS, box.identity)
            kept = [row["at"] for row in rows]
            assert sorted(box.acknowledged) == sorted(set(kept) & set(box.acknowledged))
            assert len(kept) == len(set(kept))
            states = await connection.fetch(TRANSACTIONS, box.identity)
            assert [row["ocpp_transaction_id"] for row in states] == [box.transaction_id]
            assert box.stopped
    finally:
        await connection.close()
    charges: list[Any] = await eventually(partial(all_ended, api, len(boxes)), within_seconds=PATIENCE_SECONDS)
    energies = sorted(charge["consumedKwh"] for charge in charges)
    assert energies == sorted((box.meter_wh - 1_000_000) / 1_000 for box in boxes)
    assert all(energy >= WH_PER_READING / 1_000 for energy in energies)


async def all_ended(api: httpx.AsyncClient, count: int) -> Any:
    charges: list[Any] = []
    for page in range((count + 99) // 100):
        charges += (await get(api, f"/charges?perPage=100&page={page}"))["data"]
    ended = [charge for charge in charges if charge["state"] in ("stopped", "releasing", "released", "completed")]
    return charges if len(ended) == len(charges) == count else None


async def check_the_webhooks(server: RunningServer, receiver: Receiver, charges: int) -> None:
    """Everything that was to be told has arrived, signed; what came twice came under the same id."""
    connection = await asyncpg.connect(database_url(server))
    try:
        await eventually(partial(everything_is_told, connection), within_seconds=PATIENCE_SECONDS)
        batches = {row["id"]: row["entry_count"] for row in await connection.fetch(BATCHES)}
    finally:
        await connection.close()
    bodies: dict[str, list[dict[str, Any]]] = {}
    for delivery in receiver.deliveries:
        delivery.must_be_signed_with(SECRET)
        assert bodies.setdefault(delivery.webhook_id, delivery.entries) == delivery.entries
    assert {webhook_id: len(entries) for webhook_id, entries in bodies.items()} == batches
    created = {entry["entityId"] for entries in bodies.values() for entry in entries if entry["eventType"] == "created"}
    assert len(created) == charges


async def everything_is_told(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    return bool(await connection.fetchval(UNTOLD) == 0)


def database_url(server: RunningServer) -> str:
    folder = str((server.data / "postgres").resolve())
    return f"postgresql://wattline@/wattline?host={folder}"


READINGS = """
select to_char(r.measured_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
from reading r join charge_point p on p.id = r.charge_point_id where p.identity = $1
"""

TRANSACTIONS = """
select t.ocpp_transaction_id from transaction t join charge_point p on p.id = t.charge_point_id where p.identity = $1
"""

UNTOLD = """
select count(*) from fact left join webhook_entry entry on entry.fact_id = fact.id and entry.status = 'completed'
where fact.event_type = 'charges' and entry.id is null
"""

BATCHES = "select id, entry_count from webhook_batch"
