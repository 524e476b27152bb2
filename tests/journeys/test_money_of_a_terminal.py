"""Mission page S3 with its money: a card at a terminal, a charge, its webhooks, the receipt page, the paper, the books.

Then the same when somebody stops it by force, when it never starts, and when the answer to the start gets lost. Run
with `-s` to see every ledger row.
"""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx

from tests.documents.paper import pages_of
from tests.journeys.foreign_charge_point import foreign_charge_point
from tests.journeys.ledger_rows import must_sum_to_zero, posted, rows_of, show
from tests.journeys.partner import get, program, subscribe
from tests.journeys.server import running
from tests.journeys.test_terminal_program import FAST, Yard, drive
from tests.waiting import eventually
from tests.webhooks.receiver import Receiver, receiving
from wattline.database.connection import Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.operations.charges import force_stop_charge
from wattline.operations.operators import viewer_of_operator

DENMARK = 194
SECRET = "the partner's own secret"


@dataclass
class Market:
    """A yard whose charge point has a price, a program that looks on, and the books."""

    yard: Yard
    password: str
    api: httpx.AsyncClient
    receiver: Receiver
    database: Database

    @asynccontextmanager
    async def plugged(self) -> AsyncIterator[Yard]:
        """Let the charge point come anew, as it remembers one start only."""
        async with foreign_charge_point(self.yard.server.ocpp, "FOREIGN-1", self.password) as box:
            assert (await box.boot()).status == "Accepted"
            await box.report("Available")
            self.yard.box = box
            yield self.yard

    async def told(self, charge_id: int) -> list[Any]:
        """What the webhooks said of a charge, up to its end."""
        await self.receiver.until(lambda _: any(each["state"] == "completed" for each in self._of(charge_id)))
        return self._of(charge_id)

    def _of(self, charge_id: int) -> list[Any]:
        return [each["payload"] for each in self.receiver.entries if each["entityId"] == str(charge_id)]


@asynccontextmanager
async def market(data: Path) -> AsyncIterator[Market]:
    """A server with a price of 4.00 per kWh and 5.00 to start, Danish VAT in it, and 2 % for the platform."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(running(data, "--no-demo", **FAST))
        (made,) = await server.command("charge-points", "create", "--identity", "FOREIGN-1")
        await server.command("fees", "add", "--percent", "2", "--platform")
        key = await server.command("api-key", "create", "--scopes", "all:delete")
        api = await stack.enter_async_context(program(server))
        receiver = await stack.enter_async_context(receiving())
        await subscribe(api, receiver.url, SECRET)
        await sell(api, made["ids"][0])
        database = await Database.open(EmbeddedPostgres(data).url)
        stack.push_async_callback(database.close)
        yard = Yard(server, None, made["ids"][0], key)  # type: ignore[arg-type]  # it comes with each act
        yield Market(yard, made["password"], api, receiver, database)


async def sell(api: httpx.AsyncClient, charge_point_id: int) -> None:
    """Give the charge point a price, and its team a country."""
    (team,) = (await get(api, "/teams"))["data"]
    address = {"address1": "Kajen 3", "city": "Aarhus", "zipCode": "8000", "countryId": DENMARK}
    changed = await api.patch(f"/teams/{team['id']}", json={"address": address, "companyName": "#panic() ApS"})
    assert changed.status_code == 200, changed.text
    per_kwh = {"type": "kwh", "price": 4, "endAtFullyCharged": False, "vat": False}
    group = {
        "teamId": team["id"], "name": "Harbour", "type": "public", "masterPrice": per_kwh,
        "fees": [{**per_kwh, "type": "starting", "price": 5}],
    }  # fmt: skip
    made = await api.post("/price-groups", json=group)
    assert made.status_code == 201, made.text
    applied = await api.put(
        f"/price-groups/{made.json()['id']}/apply", json={"selectedChargePointIds": [charge_point_id]}
    )
    assert applied.is_success, applied.text


async def test_a_cards_money_goes_where_it_should_whatever_happens(data_directory: Path) -> None:
    async with market(data_directory) as here:
        await a_customer_pays_and_has_a_receipt(here)
        await a_lost_answer_is_paid_once(here)
        await a_force_stop_takes_the_payment_away(here)
        await a_start_that_fails_holds_nothing(here)
        await the_receipts_of_the_day_come_by_mail_although_the_worker_is_killed(here)
        assert (await here.yard.server.command("ledger", "verify"))["wrong"] == []


async def a_customer_pays_and_has_a_receipt(here: Market, *options: str) -> None:
    async with here.plugged() as yard:
        (code, said), _ = await asyncio.gather(
            yard.terminal("--reserve", "40", "--stop-at-kwh", "4", "--card-last4", "4417", *options), drive(yard.box)
        )
    assert (code, said[-1]["step"], said[-1]["kwh"], said[-1]["amount"]) == (0, "billed", 5.2, 25.8)
    charge_id = said[-1]["chargeId"]
    rows = await rows_of(here.database, charge_id)
    show(f"A card pays {' '.join(options)}", rows)
    must_sum_to_zero(rows)
    moved = posted(rows)
    # 25.80 with 5.16 VAT in it; 2 % of 20.64 is 0.41, and VAT on that.
    assert moved["terminal:wattline-terminal"] == -2580
    assert sum(amount for account, amount in moved.items() if account.startswith(("team:", "platform:"))) == 2580
    assert moved["vat_due:1:dk:25"] == 516
    await webhooks_told_the_price(here, charge_id)
    await the_receipt_says_the_same(here, said[-1])


async def webhooks_told_the_price(here: Market, charge_id: int) -> None:
    told = await here.told(charge_id)
    assert all(each["price"] is None for each in told if each["state"] in ("starting", "charging", "stopping"))
    assert [each["price"] for each in told if each["state"] == "completed"][-1] == 25.8
    charge = await get(here.api, f"/charges/{charge_id}")
    (listed,) = [each for each in (await get(here.api, "/charges"))["data"] if each["id"] == charge_id]
    assert charge["price"] == listed["price"] == 25.8
    # A note on a charge that is paid for changes nothing of its price.
    patched = await here.api.patch(f"/charges/{charge_id}", json={"partnerCustomPayload": {"till": 7}})
    assert (patched.status_code, patched.json()["price"]) == (200, 25.8), patched.text


async def the_receipt_says_the_same(here: Market, billed: Any) -> None:
    async with httpx.AsyncClient(base_url=here.yard.server.web) as driver:
        page = await driver.get(billed["receipt"])
        assert page.status_code == 200, page.text
        (link,) = re.findall(r'href="(/receipts\.pdf[^"]*)"', page.text)
        paper = await driver.get(html.unescape(link))
        receipt = await get(here.api, f"/receipts/by-charge/{billed['chargeId']}")
        signed = await driver.get(receipt["pdfUrl"])
    assert (receipt["totalAmount"], receipt["vat"]) == (25.8, 5.16)
    assert signed.content == paper.content
    (text,) = pages_of(paper.content)
    for words in ("#panic() ApS", "5,2 kWh × 4,00 20,80", "Start fee 5,00", "25 % 20,64 5,16 25,80", "Visa ·· 4417"):
        assert words in text, (words, text)


async def a_lost_answer_is_paid_once(here: Market) -> None:
    await a_customer_pays_and_has_a_receipt(here, "--lose-answer")


async def a_force_stop_takes_the_payment_away(here: Market) -> None:
    async with here.plugged() as yard:
        terminal = asyncio.create_task(yard.terminal("--reserve", "40"))
        tag = await asyncio.wait_for(yard.box.asked_to_start, 30)
        await yard.box.report("Preparing")
        transaction = await yard.box.begin(tag, 100_000)
        await yard.box.report("Charging")
        await yard.box.meter(transaction, 103_000, 11_000)
        charge = await eventually(lambda: running_charge(here.api))
        viewer = await viewer_of_operator(here.database, 1, name="journey")
        await force_stop_charge(
            here.database, charge["id"], reason="The fire brigade asks", asked_by=viewer, now=datetime.now(UTC)
        )
        code, said = await terminal
    assert (code, said[-1]["amount"]) == (0, 0)
    await nobody_paid(here, charge["id"], "Stopped by force")


async def running_charge(api: httpx.AsyncClient) -> Any:
    listed = (await get(api, "/charges?state=charging"))["data"]
    return listed[0] if listed and listed[0]["consumedKwh"] == 3 else None


async def a_start_that_fails_holds_nothing(here: Market) -> None:
    async with here.plugged() as yard:
        yard.box.answers_start = "Rejected"
        code, said = await yard.terminal("--reserve", "40")
    assert (code, said[-1]["failed"], said[-1]["amount"]) == (0, True, 0)
    await nobody_paid(here, said[-1]["chargeId"], "Never started")


async def nobody_paid(here: Market, charge_id: int, title: str) -> None:
    rows = await rows_of(here.database, charge_id)
    show(title, rows)
    must_sum_to_zero(rows)
    assert posted(rows) == {}
    assert (await here.told(charge_id))[-1]["price"] == 0
    assert (await here.api.get(f"/receipts/by-charge/{charge_id}")).status_code == 404


async def the_receipts_of_the_day_come_by_mail_although_the_worker_is_killed(here: Market) -> None:
    async with here.database.read() as connection:
        wallet = await connection.fetchval("select id from wallet where owner_type = 'team'")
    first, last = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    days = ("--first", f"{first:%Y-%m-%d}", "--last", f"{last:%Y-%m-%d}")
    await here.yard.server.command("receipts", "send", "--wallet", str(wallet), *days, "--to", "books@example.com")
    here.yard.server.kill("worker")
    letter = await eventually(lambda: the_letter(here), within_seconds=60)
    (bundle,) = await here.yard.server.command("receipts", "list")
    assert (bundle["made"], bundle["receipts"], bundle["trouble"]) == (2, 2, None)
    async with httpx.AsyncClient() as reader:
        (link,) = re.findall(r"http\S+/receipts/bundles/\S+", letter["text_body"])
        packed = await reader.get(link)
        assert (await reader.get(link.replace("ends=", "ends=1"))).status_code == 404
    for archive in (packed.content, letter["attachment"]):
        papers = ZipFile(BytesIO(archive))
        assert ["5,2 kWh × 4,00 20,80" in pages_of(papers.read(name))[0] for name in papers.namelist()] == [True, True]


async def the_letter(here: Market) -> Any:
    async with here.database.read() as connection:
        return await connection.fetchrow("select * from mail where kind = 'receipts'")
