"""kill -9 in the middle of money: cars charge and pay, wallets are filled, charges are stopped by force, and meanwhile
worker, gateway, web and PostgreSQL are killed at seeded moments. Afterwards every cent is where it belongs, once.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from tests.journeys.fleet import BookkeepingChargePoint
from tests.journeys.partner import get, program, subscribe
from tests.journeys.server import RunningServer, running
from tests.journeys.test_crashes import FAST, PATIENCE_SECONDS, SECRET, check_the_webhooks
from tests.waiting import eventually
from tests.webhooks.receiver import Receiver, receiving
from wattline.database.connection import AWAY, Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.domain.access import Viewer
from wattline.domain.refusals import Refusal
from wattline.operations.charges import force_stop_charge
from wattline.operations.operators import viewer_of_operator
from wattline.operations.refills import Refill, refill
from wattline.operations.wallet_access import Passcode

PARTS = ("gateway", "worker", "postgres", "web")
FUNDS_MINOR, REFILL_MINOR = 1_000_000, 2_500
# 4.00 per kWh.
MINOR_PER_WH = 0.4
TAG = "04DEADBEEF0002"


class PayingChargePoint(BookkeepingChargePoint):
    """A charge point whose car drives away after the charge, so that it is settled at once."""

    async def _story(self, pause_seconds: float) -> Any:
        async for message in super()._story(pause_seconds):
            yield message
        free = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        yield "StatusNotification", free


@dataclass
class Street:
    """Charge points that sell, a fleet that pays, and everybody's books."""

    server: RunningServer
    api: httpx.AsyncClient
    receiver: Receiver
    database: Database
    viewer: Viewer
    boxes: list[PayingChargePoint]
    seller_id: int
    fleet_id: int
    forced: set[int] = field(default_factory=set)
    refills: int = 0

    def progress(self) -> int:
        """Count what charge points had acknowledged: moments by it do not depend on the machine."""
        return sum(len(box.acknowledged) + bool(box.transaction_id) + box.stopped for box in self.boxes)

    async def scalar(self, sql: str, *values: object) -> Any:
        """Ask the books, again when PostgreSQL dies in the middle of the answer."""
        while True:
            with suppress(*AWAY, asyncpg.InterfaceError):
                async with self.database.read() as connection:
                    return await connection.fetchval(sql, *values)


async def test_money_survives_the_death_of_every_process(data_directory: Path) -> None:
    await money_survives(data_directory, charges=50, crashes=[*PARTS, "worker"], forced=3, refills=4, seed=8411)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
async def test_money_survives_many_deaths(data_directory: Path, seed: int) -> None:
    crashes = random.Random(seed).choices(PARTS, k=14)
    await money_survives(data_directory, charges=100, crashes=crashes, forced=10, refills=20, seed=seed)


async def money_survives(data: Path, *, charges: int, crashes: list[str], forced: int, refills: int, seed: int) -> None:
    """Let cars charge for money while parts of the server die, let all end, and compare everybody's books."""
    chance = random.Random(seed)
    async with street(data, charges) as here:
        async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as work:
            for number, box in enumerate(here.boxes):
                work.create_task(box.charge(pause_seconds=0.2 + chance.random() / 2))
                # Some stop after the first reading, some in the middle of the crashes, some after them.
                work.create_task(stop_after(box, 1 + number * 12 // charges))
            for box in chance.sample(here.boxes, forced):
                work.create_task(stop_by_force(here, box, chance.randrange(2, 6)))
            work.create_task(fill_the_wallet(here, refills, chance.randrange(2**64)))
            work.create_task(kill_one_after_the_other(here, crashes, chance))
        await eventually(lambda: all_is_settled(here), within_seconds=PATIENCE_SECONDS)
        await eventually(lambda: web_is_back(here), within_seconds=PATIENCE_SECONDS)
        await check_each_charge(here)
        await check_the_wallets(here)
        await check_the_ledger(here)
        await check_the_webhooks(here.server, here.receiver, charges)


@asynccontextmanager
async def street(data: Path, charges: int) -> AsyncIterator[Street]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(running(data, "--no-demo", **FAST))
        made = await server.command("charge-points", "create", "--count", str(charges), "--prefix", "STREET")
        await server.command("fees", "add", "--percent", "2", "--platform")
        fleet = (await server.command("teams", "create", "Fleet"))["id"]
        await server.command("wallets", "deposit", str(FUNDS_MINOR // 100), "--team", str(fleet))
        api = await stack.enter_async_context(program(server))
        receiver = await stack.enter_async_context(receiving())
        await subscribe(api, receiver.url, SECRET)
        key = {"teamId": fleet, "type": "rfid", "identifier": TAG, "name": "card"}
        assert (await api.post("/charge-auth-tokens", json=key)).is_success
        seller = await sell(api, [box["ids"][0] for box in made])
        database = await Database.open(EmbeddedPostgres(data).url)
        stack.push_async_callback(database.close)
        boxes = [PayingChargePoint(server.ocpp, box["identity"], box["password"], TAG) for box in made]
        viewer = await viewer_of_operator(database, 1, name="journey")
        yield Street(server, api, receiver, database, viewer, boxes, seller, fleet)


async def sell(api: httpx.AsyncClient, charge_point_ids: list[int]) -> int:
    """Put up a price; return the team that sells."""
    seller: int = (await get(api, f"/charge-points/{charge_point_ids[0]}"))["teamId"]
    master = {"type": "kwh", "price": 4, "endAtFullyCharged": False, "vat": False}
    body = {"teamId": seller, "name": "Street", "type": "public", "masterPrice": master, "fees": []}
    made = await api.post("/price-groups", json=body)
    assert made.status_code == 201, made.text
    applied = await api.put(
        f"/price-groups/{made.json()['id']}/apply", json={"selectedChargePointIds": charge_point_ids}
    )
    assert applied.is_success, applied.text
    return seller


async def stop_after(box: PayingChargePoint, readings: int) -> None:
    await eventually(lambda: len(box.acknowledged) >= readings, within_seconds=PATIENCE_SECONDS)
    box.stop()


async def stop_by_force(here: Street, box: PayingChargePoint, readings: int) -> None:
    """Press force stop while the car charges, again when the server dies meanwhile; a charge may be quicker."""
    await eventually(lambda: len(box.acknowledged) >= readings or box.stopped, within_seconds=PATIENCE_SECONDS)
    charge_id: int = await eventually(lambda: here.scalar(CHARGE_OF, box.transaction_id))
    while True:
        with suppress(*AWAY, asyncpg.InterfaceError):
            with suppress(Refusal):
                await force_stop_charge(
                    here.database, charge_id, reason="Drill", asked_by=here.viewer, now=datetime.now(UTC)
                )
            if await here.scalar("select forced_at is not null from charge where id = $1", charge_id):
                here.forced.add(charge_id)
            return


async def fill_the_wallet(here: Street, refills: int, seed: int) -> None:
    """Ask a card for money again and again; who hears nothing asks again with the same key."""
    wallet = await here.scalar(WALLET, here.fleet_id)
    for number in range(refills):
        new = Refill(key=UUID(int=seed + number), amount_minor=REFILL_MINOR, provider="sandbox", method="sandbox-pays")
        await eventually(partial(asked, here, wallet, new), within_seconds=PATIENCE_SECONDS)
        here.refills += 1
        await eventually(partial(at_least, here, here.progress() + 5), within_seconds=PATIENCE_SECONDS)


async def asked(here: Street, wallet: int, new: Refill) -> bool:
    with suppress(*AWAY, asyncpg.InterfaceError):
        nobody = Passcode(None, b"")
        await refill(here.database, wallet, new, asked_by=here.viewer, passcode=nobody, now=datetime.now(UTC))
        return True
    return False


def at_least(here: Street, progress: int) -> bool:
    return here.progress() >= progress or all(box.stopped for box in here.boxes)


async def kill_one_after_the_other(here: Street, crashes: list[str], chance: random.Random) -> None:
    """Kill a part whenever so much more was acknowledged, at times while the last one is still coming back."""
    await eventually(lambda: at_least(here, len(here.boxes)), within_seconds=PATIENCE_SECONDS)
    for part in crashes:
        done = here.progress() + chance.randrange(1, len(here.boxes))
        await eventually(partial(at_least, here, done), within_seconds=PATIENCE_SECONDS)
        await eventually(partial(killed, here.server, part), within_seconds=PATIENCE_SECONDS)


def killed(server: RunningServer, part: str) -> bool:
    try:
        server.kill(part)
    except (LookupError, ProcessLookupError, FileNotFoundError, IndexError):
        return False
    return True


async def all_is_settled(here: Street) -> bool:
    return bool(await here.scalar(SETTLED, len(here.boxes), here.refills))


async def web_is_back(here: Street) -> bool:
    with suppress(httpx.TransportError):
        return (await here.api.get("/charges?perPage=1")).is_success
    return False


async def check_each_charge(here: Street) -> None:
    """Each charge is paid once with what its charge point counted, or not at all when it was stopped by force."""
    async with here.database.read() as connection:
        rows = {row["ocpp_transaction_id"]: row for row in await connection.fetch(CHARGES)}
    for box in here.boxes:
        row = rows.pop(box.transaction_id)
        counted_wh = box.meter_wh - 1_000_000
        expected = 0 if row["id"] in here.forced else round(counted_wh * MINOR_PER_WH)
        assert (row["price_minor"], row["sales"], row["paid_minor"]) == (expected, bool(expected), expected), dict(row)
        told = await get(here.api, f"/charges/{row['id']}")
        assert (told["state"], told["price"]) == ("completed", expected / 100), told
    assert rows == {}


async def check_the_wallets(here: Street) -> None:
    """What the fleet had, was filled with and paid, is what it has; the rest has the seller and the platform."""
    sold: int = await here.scalar("select sum(price_minor)::bigint from charge")
    fleet, seller, platform, bank = [
        await here.scalar(ACCOUNT, *owner)
        for owner in (
            ("team", str(here.fleet_id)), ("team", str(here.seller_id)), ("platform", "fees"), ("provider", "sandbox")
        )
    ]  # fmt: skip
    assert sold > 0
    assert fleet == FUNDS_MINOR + here.refills * REFILL_MINOR - sold
    assert seller + platform == sold
    # The card was charged once for each filling, at the bank as in our books.
    assert bank == -here.refills * REFILL_MINOR
    assert await here.scalar("select sum(captured_minor)::bigint from payment") == here.refills * REFILL_MINOR
    assert await here.scalar(TAKEN_BY_BANK) == here.refills * REFILL_MINOR


async def check_the_ledger(here: Street) -> None:
    """Every hold is posted or let go, every account's sum is the journal's, and all of it is zero."""
    assert await here.scalar(OPEN_HOLDS) == 0
    assert await here.scalar("select sum(debits_pending + credits_pending)::bigint from ledger_balance") == 0
    assert await here.scalar("select sum(debits_posted - credits_posted)::bigint from ledger_balance") == 0
    assert (await here.server.command("ledger", "verify"))["wrong"] == []


CHARGE_OF = """
select charge.id from charge join transaction on transaction.charge_id = charge.id
where transaction.ocpp_transaction_id = $1
"""

WALLET = "select id from wallet where owner_type = 'team' and owner_id = $1"

SETTLED = """
select (select count(*) from charge where state = 'completed' and price_minor is not null) = $1
  and not exists (select from charge_payment where state = 'held')
  and (select count(*) from refill where state = 'done') = $2
"""

CHARGES = """
select charge.id, transaction.ocpp_transaction_id, charge.price_minor,
  (select count(*) from wallet_transaction sale where sale.reference_type = 'CHARGE' and sale.kind = 'charge'
     and sale.reference_id = charge.id::text and sale.state = 'complete')::int as sales,
  (select coalesce(sum(amount_minor), 0)::int from ledger_transfer post join charge_payment payment
     on post.pending_id = any(payment.hold_ids) and post.kind = 'post'
   where payment.charge_id = charge.id) as paid_minor
from charge join transaction on transaction.charge_id = charge.id
"""

ACCOUNT = """
select sum(credits_posted - debits_posted)::bigint from ledger_balance
where account_id = (select id from ledger_account where owner_kind = $1 and owner_key = $2)
"""

TAKEN_BY_BANK = "select coalesce(sum(captured_minor), 0)::bigint from sandbox_payment"

OPEN_HOLDS = """
select count(*) from ledger_transfer hold where kind = 'hold' and not exists (
  select from ledger_transfer after where after.pending_id = hold.id and after.kind in ('post', 'void'))
"""
