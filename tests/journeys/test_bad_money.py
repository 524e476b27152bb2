"""Amounts that nobody can mean, at every door of a running server: refused in words, and no cent has moved."""

import asyncio
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.partner import get, program
from tests.journeys.server import RunningServer, running, wattline

# As they stand in JSON: not numbers, below zero, fractions of a cent, beyond any column, and other things altogether.
BAD = (
    "NaN", "-Infinity", "1e999", "1e300", "-1", "-0.01", "99999999999999999999999", '"NaN"', '"12 kr"', '"1,50"', '""',
    "true", "[]", "{}", '"\\u0000"',
)  # fmt: skip
FRACTIONS_OF_A_CENT = ("0.001", "0.005", "12345678901234567.89")
EMAIL, PASSWORD = "books@example.com", "a password of nobody"
HERE = "@@"


@dataclass
class Town:
    """A server that sells, a team with 100.00, and a program that may do everything."""

    server: RunningServer
    api: httpx.AsyncClient
    charge_point_id: int
    seller_id: int
    fleet_id: int
    wallet_ids: tuple[int, int]

    async def must_refuse(self, path: str, body: Mapping[str, Any], values: Sequence[str] = BAD) -> None:
        """Send a body as often as there are values, each where the body says HERE."""
        for value in values:
            content = json.dumps(body).replace(f'"{HERE}"', value)
            answer = await self.api.post(path, content=content, headers={"content-type": "application/json"})
            assert answer.status_code == 400, (path, body, value, answer.status_code, answer.text)
            assert answer.json()["message"], answer.text


async def test_no_door_lets_in_money_that_cannot_be(data_directory: Path) -> None:
    async with running(data_directory, "--no-demo", WATTLINE_LOG_LEVEL="error") as server, program(server) as api:
        town = await found(server, api)
        await programs_are_refused(town)
        await the_command_line_refuses(town)
        await the_portal_refuses(town)
        balances = [(await get(api, f"/wallets/{wallet}"))["balance"]["amount"] for wallet in town.wallet_ids]
        assert balances == [100.0, 100.0]
        proven = await server.command("ledger", "verify")
        assert (proven["wrong"], proven["transfers"]) == ([], 2)


async def found(server: RunningServer, api: httpx.AsyncClient) -> Town:
    made = await server.command("charge-points", "create", "--count", "2", "--prefix", "TOWN")
    await server.command("users", "create", EMAIL, "--password", PASSWORD)
    fleet = (await server.command("teams", "create", "Fleet"))["id"]
    charge_point_id = made[0]["ids"][0]
    seller = (await get(api, f"/charge-points/{charge_point_id}"))["teamId"]
    for team in (fleet, seller):
        await server.command("wallets", "deposit", "100", "--team", str(team))
    wallets = [(await get(api, f"/wallets?teamId={team}"))["data"][0]["id"] for team in (fleet, seller)]
    return Town(server, api, charge_point_id, seller, fleet, (wallets[0], wallets[1]))


async def programs_are_refused(town: Town) -> None:
    fleet, seller = town.wallet_ids
    adjustment = {"fromWalletId": fleet, "toWalletId": seller, "amount": HERE}
    await town.must_refuse(
        "/wallet-transactions/operator-adjustment-transaction", adjustment, [*BAD, *FRACTIONS_OF_A_CENT]
    )
    start = {"chargePointId": town.charge_point_id, "payingTeamId": town.fleet_id}
    for limit in ("priceLimit", "kwhLimit", "socLimit"):
        await town.must_refuse("/charges", {**start, limit: HERE})
    session = {"provider": "till", "externalId": "1", "amount": HERE}
    await town.must_refuse("/charges", {**start, "genericPaymentSession": session})
    price = {"type": "kwh", "price": 0.5, "endAtFullyCharged": False, "vat": False}
    group = {"teamId": town.seller_id, "name": "Town", "type": "public", "masterPrice": price, "fees": []}
    await town.must_refuse("/price-groups", {**group, "masterPrice": {**price, "price": HERE}})
    await town.must_refuse("/price-groups", {**group, "fees": [{**price, "type": "idle", "price": HERE}]})
    assert (await get(town.api, "/charges"))["data"] == []
    assert (await get(town.api, f"/price-groups?teamId={town.seller_id}"))["data"] == []


async def the_command_line_refuses(town: Town) -> None:
    """A sentence that says which word is wrong, and never a trace of where our program broke."""
    fleet = ("--team", str(town.fleet_id))
    for amount in ("NaN", "sNaN", "-1", "0", "0.001", "1e30", "-Infinity", "abc", "1,50"):
        said = await refused(town, "wallets", "deposit", amount, *fleet)
        assert "amount: " in said or "is no number. Write it as 12.50." in said, (amount, said)
    for percent in ("NaN", "-1", "101", "ten"):
        await refused(town, "fees", "add", "--percent", percent, "--platform")
    for currency in ("zzz", "", "€"):
        assert "currency" in await refused(town, "teams", "create", "Nowhere", "--currency", currency)
    assert "currency" in await refused(town, "fees", "add", "--per-kwh", "0.1", "--platform", "--currency", "zzz")
    for number in ("999", "9" * 20, "-1", "one"):
        await refused(town, "wallets", "paid", number)
    prices = town.server.data / "prices.csv"
    for price in ("NaN", "1e30", "abc", ""):
        prices.write_text(f"time,price\n2026-11-20T12:00:00Z,{price}\n")
        await refused(town, "spot-prices", "import", str(prices), "--area", "DK1", "--currency", "dkk")
    prices.write_text("time,price\n2026-11-20T12:00:00Z,1\n")
    await refused(town, "spot-prices", "import", str(prices), "--area", "DK1", "--currency", "zzz")


async def refused(town: Town, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *wattline(*words, "--data", str(town.server.data)),
        env={**os.environ, **town.server.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    text = said.decode()
    assert process.returncode != 0, (words, text)
    assert text.strip(), words
    assert "Traceback" not in text, (words, text)
    return text


async def the_portal_refuses(town: Town) -> None:
    """Forms name the field that is wrong, and save nothing."""
    async with httpx.AsyncClient(base_url=town.server.web, headers={"origin": town.server.web}) as person:
        page = await person.get("/login")
        page = await person.post("/login", data={"csrf": csrf(page), "email": EMAIL, "password": PASSWORD})
        assert page.status_code == 303, page.text
        page = await person.get("/prices/new")
        form = {"csrf": csrf(page), "team": str(town.seller_id), "name": "Town", "type": "public", "base": "kwh"}
        for price in ("NaN", "-1", "1e300", "0.12345678", "free", ""):
            answer = await person.post("/prices/new", data={**form, "price": price})
            assert answer.status_code in (200, 400), (price, answer.status_code)
            assert re.search("Price (must be|must not|is missing)", answer.text), (price, answer.text)
    assert (await get(town.api, f"/price-groups?teamId={town.seller_id}"))["data"] == []


def csrf(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]
