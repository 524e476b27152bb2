"""`wattline terminal` as somebody runs it against a server: what it prints, bills and finds again (mission page S3)."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.foreign_charge_point import ForeignChargePoint, foreign_charge_point
from tests.journeys.server import RunningServer, running, wattline

FAST = {
    "WATTLINE_WEBHOOKS_ALLOW_LOOPBACK": "true",
    "WATTLINE_WEBHOOKS_EVERY_SECONDS": "0.2",
    "WATTLINE_OCPP_SETTLE_SECONDS": "0.1",
}
SCOPES = ("charge-points:read", "charge-transactions:read", "control-charging:write")


@dataclass
class Yard:
    """A server with one charge point, and a key for the terminal."""

    server: RunningServer
    box: ForeignChargePoint
    charge_point_id: int
    key: dict[str, Any]

    async def terminal(
        self, *options: str, charge_point: int | None = None, secret: str | None = None
    ) -> tuple[int, list[dict[str, Any]]]:
        """Run the program to its end; return its exit code and what it printed."""
        process = await asyncio.create_subprocess_exec(
            *wattline("terminal", "--json", "--url", self.server.web, "--client-id", self.key["clientId"]),
            *("--charge-point", str(charge_point or self.charge_point_id), *options),
            env={**os.environ, "WATTLINE_TERMINAL_CLIENT_SECRET": secret or self.key["clientSecret"]},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, [json.loads(line) for line in out.splitlines()]


@asynccontextmanager
async def yard(data: Path, *scopes: str) -> AsyncIterator[Yard]:
    async with running(data, "--no-demo", **FAST) as server:
        (created,) = await server.command("charge-points", "create", "--identity", "FOREIGN-1")
        key = await server.command("api-key", "create", "--scopes", *SCOPES, *scopes)
        async with foreign_charge_point(server.ocpp, "FOREIGN-1", created["password"]) as box:
            assert (await box.boot()).status == "Accepted"
            await box.report("Available")
            yield Yard(server, box, created["ids"][0], key)


async def drive(box: ForeignChargePoint, *, stops_by_itself: bool = False) -> None:
    """Plug in when asked to, take 5 kWh, and end when asked to, or because the driver pulls the cable."""
    tag = await asyncio.wait_for(box.asked_to_start, 30)
    await box.report("Preparing")
    transaction = await box.begin(tag, 100_000)
    await box.report("Charging")
    await box.meter(transaction, 105_000, 11_000)
    if not stops_by_itself:
        assert await asyncio.wait_for(box.asked_to_stop, 30) == transaction
    await box.end(transaction, 105_200, "EVDisconnected" if stops_by_itself else "Remote")
    await box.report("Finishing")
    await box.report("Available")


async def test_a_customer_charges_hears_by_webhook_and_finds_the_receipt(data_directory: Path) -> None:
    async with yard(data_directory, "manage-webhooks:delete") as here:
        (code, said), _ = await asyncio.gather(
            here.terminal(
                *("--listen", "127.0.0.1:0", "--reserve", "40", "--price-per-kwh", "4", "--stop-at-kwh", "4"),
                *("--card-last4", "4417", "--provider", "logos", "--lose-answer"),
            ),
            drive(here.box),
        )
        assert (code, said[-1]["step"], said[-1]["kwh"], said[-1]["failed"]) == (0, "billed", 5.2, False)
        steps = [line["step"] for line in said]
        assert [step for step in steps if step != "charge"] == [
            *("ready", "card", "answer-lost", "found", "started", "stop", "billed"),
        ]
        assert said[1]["kwhLimit"] == 10
        assert [line["state"] for line in said if line["step"] == "charge"][-1] == "completed"
        async with httpx.AsyncClient() as driver:
            receipt = await driver.get(said[-1]["receipt"])
            by_card = await driver.get(str(httpx.URL(said[-1]["receipt"]).copy_set_param("number", "4417")))
        assert (receipt.status_code, by_card.status_code) == (200, 200), said[-1]
        assert "Visa ·· 4417" in receipt.text
        assert await listeners(here) == 404, "the terminal takes its webhook away again"


async def test_a_driver_who_pulls_the_cable_is_billed_by_looking(data_directory: Path) -> None:
    async with yard(data_directory) as here:
        (code, said), _ = await asyncio.gather(
            here.terminal("--price-per-kwh", "2"), drive(here.box, stops_by_itself=True)
        )
        assert (code, said[-1]["kwh"]) == (0, 5.2)
        assert "stop" not in [line["step"] for line in said]


async def test_what_cannot_be_sold_ends_with_a_code_of_its_own(data_directory: Path) -> None:
    async with yard(data_directory) as here:
        for ended, said, code, step in (
            (*await here.terminal("--refuse-card"), 3, "card-refused"),
            (*await here.terminal(charge_point=999_999), 4, "refused"),
            (*await here.terminal(secret="wrong"), 4, "refused"),
            # This key may not set webhooks.
            (*await here.terminal("--listen", "127.0.0.1:0"), 4, "refused"),
            (*await here.terminal("--patience", "0.5"), 5, "gave-up"),
        ):
            assert (ended, said[-1]["step"]) == (code, step), said


async def listeners(here: Yard) -> int:
    async with httpx.AsyncClient(base_url=f"{here.server.web}/api/v1") as client:
        credentials = {"clientId": here.key["clientId"], "clientSecret": here.key["clientSecret"]}
        token = (await client.post("/auth/token", json=credentials)).json()["accessToken"]
        answer = await client.get("/webhooks/config", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code
