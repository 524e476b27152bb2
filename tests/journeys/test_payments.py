"""Payments through the whole server: asked for in rows, carried out by the worker, also by one that was killed."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import httpx

from tests.journeys.server import RunningServer, running
from tests.waiting import eventually
from wattline.database.bus import PostgresBus
from wattline.database.connection import Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.domain.payment import Payment, State
from wattline.operations import payments
from wattline.operations.chance import SystemChance
from wattline.operations.operators import viewer_of_operator


async def test_the_worker_carries_payments_out_and_goes_on_after_it_was_killed(data_directory: Path) -> None:
    async with running(data_directory, "--no-demo") as server:
        await server.command("charge-points", "create", "--identity", "ANY-1")
        url = EmbeddedPostgres(data_directory).url
        database = await Database.open(url)
        try:
            async with PostgresBus(url) as bus:
                held = await ask(database, bus)
                assert held.state is State.HELD
                await taken_although_killed(server, database, bus, held)
        finally:
            await database.close()
        async with httpx.AsyncClient(base_url=server.web) as stranger:
            assert (await stranger.post("/payments/stripe/events", content=b"{}")).status_code == 404


async def ask(database: Database, bus: PostgresBus) -> Payment:
    """Ask for a hold and wait for the answer, as a start of a charge does."""
    viewer = await viewer_of_operator(database, 1, name="journey")
    new = payments.NewPayment(
        key=SystemChance().uuid(), operator_id=1, amount_minor=5_000, currency="eur", method="sandbox-pays",
        provider="sandbox",
    )  # fmt: skip
    asked = await payments.ask_for_hold(database, new, asked_by=viewer, now=datetime.now(UTC))
    return await payments.await_answer(database, bus, asked.id, wait_seconds=10)


async def taken_although_killed(server: RunningServer, database: Database, bus: PostgresBus, held: Payment) -> None:
    """Kill the worker, ask for the capture while nobody works, and see that the next worker takes it, once."""
    viewer = await viewer_of_operator(database, 1, name="journey")
    worker = server.part("worker")
    server.kill("worker")
    await payments.capture(database, held.id, 3_210, asked_by=viewer, now=datetime.now(UTC))
    await eventually(lambda: asyncio.to_thread(runs_anew, server, worker), within_seconds=30)
    taken = await payments.await_answer(database, bus, held.id, wait_seconds=30)
    assert (taken.state, taken.captured_minor) == (State.CAPTURED, 3_210)


def runs_anew(server: RunningServer, before: int) -> bool:
    try:
        return server.part("worker") != before
    except LookupError:
        return False
