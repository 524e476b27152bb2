"""The public receipt page: who has the day and the number finds one receipt, and nobody finds more."""

import asyncio
import html
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from litestar import Litestar

from tests.documents.paper import pages_of
from tests.doors.portal_door import Clock, Visitor
from tests.doors.portal_story import Network, add_charge, power_curve
from wattline.database.connection import Database
from wattline.documents.press import WAITING_MAX
from wattline.domain.price import PricedCharge, PriceLine
from wattline.domain.price_items import LineType, Unit
from wattline.operations.receipt_tries import GUESSES_MAX, TRIES_MAX, household
from wattline.operations.signed_links import signed

NONE = "No single receipt"
# 00:30 at the charge point, and still the day before in UTC.
BEGAN = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
SESSION = {
    "provider": "logos", "externalId": "A7-0042", "partnerExternalId": None, "cardBrand": "visa", "cardLast4": "4417",
    "amount": "320.00",
}  # fmt: skip


def priced() -> PricedCharge:
    def line(type_: LineType, unit: Unit, name: str, quantity: str, each: str, gross: int) -> PriceLine:
        amounts = (Decimal(quantity), Decimal(each), gross - gross // 5, gross // 5, gross)
        return PriceLine(type_, unit, False, None, None, None, name, BEGAN, BEGAN, *amounts)

    return PricedCharge(
        currency="dkk",
        lines=(
            line(LineType.FIXED_KWH, Unit.KWH, "Energy", "12.4", "3.95", 4898),
            line(LineType.STARTING_FEE, Unit.SESSION, "Start fee", "1", "5", 500),
        ),
        total_minor=5398,
        net_minor=4319,
        vat_minor=1079,
        vat_percent=Decimal(25),
    )


async def sell(database: Database, network: Network, *, paid: bool = True, **more: Any) -> int:
    """Put a charge of a terminal there."""
    values = {
        "state": "completed", "human_readable_id": f"7T4Q-{len(network.charges)}", "payment_session": SESSION,
        "started_at": BEGAN, "stopped_at": BEGAN + timedelta(hours=1), "completed_at": BEGAN + timedelta(hours=2),
        "energy_wh": 12_400, "price_minor": 5398 if paid else None,
    }  # fmt: skip
    async with database.begin() as tx:
        charge_id = await add_charge(tx, network, "KOL-0001", 1, created_at=BEGAN, **values | more)
        network.charges[f"receipt {charge_id}"] = charge_id
        if paid:
            await tx.execute(
                "insert into charge_payment (charge_id, operator_id, payer_kind, payer_key, currency, state, priced) "
                "values ($1, $2, 'terminal', 'logos', 'dkk', 'settled', $3)",
                charge_id, network.operator_id, msgspec.to_builtins(priced()),
            )  # fmt: skip
    return charge_id


@pytest.mark.parametrize("number", ["A7-0042", "a7-0042", "4417", "%204417%20"])
async def test_the_receipt_of_a_day_and_a_number_has_every_line(
    stranger: Visitor, database: Database, network: Network, number: str
) -> None:
    charge_id = await sell(database, network)
    async with database.begin() as tx:
        await tx.executemany(
            "insert into reading (operator_id, charge_point_id, connector_number, measured_at, received_at, charge_id, "
            "power_w, sampled, fingerprint) values ($1, $2, 1, $3, $3, $4, $5, '[]', 1)",
            [
                (network.operator_id, network.boxes["KOL-0001"], BEGAN + timedelta(minutes=minute), charge_id, power)
                for minute, power in enumerate(power_curve(150_000, 40))
            ],
        )
    page = await stranger.get(
        f"/receipts?day=2026-11-19&number={number}", 200, **{"accept-language": "da-DK,da;q=0.9,en;q=0.8"}
    )
    for words in ("53,98 kr.", "48,98 kr.", "12,4 kWh × 3,95", "Start fee", "10,79 kr.", "VAT 25 %", "Visa ·· 4417"):
        assert words in page.text.replace("\xa0", " "), page.text
    assert "Held 320,00 kr., taken 53,98 kr., 266,02 kr. let go." in page.text.replace("\xa0", " ")
    assert "00:30 to 01:30" in page.text
    assert page.headers["x-robots-tag"].startswith("noindex")
    assert page.headers["cache-control"] == "no-store"


async def test_the_day_is_the_charge_points_own_and_may_be_that_of_the_end(
    stranger: Visitor, database: Database, network: Network
) -> None:
    await sell(database, network, stopped_at=BEGAN + timedelta(hours=30))
    for day, status in (("2026-11-18", 404), ("2026-11-19", 200), ("2026-11-20", 200), ("2026-11-21", 404)):
        await stranger.get(f"/receipts?day={day}&number=4417", status)


async def test_the_receipt_on_paper_takes_the_same_day_and_number(
    stranger: Visitor, database: Database, network: Network
) -> None:
    await sell(database, network)
    page = await stranger.get("/receipts?day=2026-11-19&number=A7-0042")
    (link,) = page.all(r'href="(/receipts\.pdf[^"]*)"')
    paper = await stranger.http.get(html.unescape(link))
    assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.headers["content-disposition"].startswith('inline; filename="receipt-7T4Q-')
    (text,) = pages_of(paper.content)
    assert "12,4 kWh × 3,95 48,98" in text or "12.4 kWh × 3.95 48.98" in text, text
    await stranger.get("/receipts.pdf?day=2026-11-18&number=A7-0042", 404)
    await stranger.get("/receipts.pdf?day=2026-11-19&number=A7-0043", 404)
    await stranger.get("/receipts.pdf", 400)


async def test_what_nobody_paid_has_no_receipt_on_paper(
    stranger: Visitor, database: Database, network: Network
) -> None:
    await sell(database, network, paid=False, failed_at=BEGAN, energy_wh=0, price_minor=0)
    page = await stranger.get("/receipts?day=2026-11-19&number=A7-0042")
    assert "/receipts.pdf" not in page.source
    assert "no receipt" in (await stranger.get("/receipts.pdf?day=2026-11-19&number=A7-0042", 404)).text


async def test_papers_count_as_looks(stranger: Visitor, database: Database, network: Network) -> None:
    await sell(database, network)
    for number in range(TRIES_MAX):
        await stranger.get(f"/receipts.pdf?day=2026-11-19&number={number:04}", 404)
    await stranger.get("/receipts.pdf?day=2026-11-19&number=4417", 429)


async def test_when_too_many_want_a_receipt_the_next_is_told_to_come_again(
    stranger: Visitor, database: Database, network: Network, clock: Clock
) -> None:
    link = signed(f"/receipts/{await sell(database, network)}/pdf", pepper=b"pepper of the tests", now=clock())
    answers = await asyncio.gather(*(stranger.http.get(link) for _ in range(3 * WAITING_MAX)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert all(answer.headers["retry-after"] == "2" for answer in answers if answer.status_code == 503)
    assert (await stranger.http.get(link)).status_code == 200


async def test_a_signed_link_opens_one_receipt_until_it_ends(
    stranger: Visitor, database: Database, network: Network, clock: Clock
) -> None:
    first, second = await sell(database, network), await sell(database, network)
    link = signed(f"/receipts/{first}/pdf", pepper=b"pepper of the tests", now=clock())
    assert (await stranger.http.get(link)).content.startswith(b"%PDF")
    for wrong in (
        link.replace(str(first), str(second)), link[:-1] + ("A" if link[-1] != "A" else "B"), link.partition("?")[0],
        link.replace("ends=1", "ends=2"), link.replace("signature=", "signature=é"), link.replace("ends=", "ends=²"),
        signed(f"/receipts/{first}/pdf", pepper=b"another", now=clock()),
        signed("/receipts/999999/pdf", pepper=b"pepper of the tests", now=clock()),
    ):  # fmt: skip
        assert (await stranger.http.get(wrong)).status_code == 404, wrong
    clock.after(days=15)
    assert (await stranger.http.get(link)).status_code == 404


async def test_in_the_portal_the_receipt_belongs_to_the_charge(
    portal: Litestar, visitor: Visitor, database: Database, network: Network
) -> None:
    paid, unpaid = await sell(database, network), await sell(database, network, paid=False)
    assert (await visitor.http.get(f"/charges/{paid}/receipt.pdf")).content.startswith(b"%PDF")
    assert (await visitor.http.get(f"/charges/{unpaid}/receipt.pdf")).status_code == 404
    assert (await visitor.http.get("/charges/999999/receipt.pdf")).status_code == 404
    nobody = Visitor(portal, address="192.0.2.9")
    await nobody.get(f"/charges/{paid}/receipt.pdf", 303)
    await nobody.http.aclose()


async def test_none_and_several_read_the_same(stranger: Visitor, database: Database, network: Network) -> None:
    await sell(database, network)
    await sell(database, network, payment_session=SESSION | {"externalId": "A7-0043"})
    none = await stranger.get("/receipts?day=2026-11-19&number=9999", 404)
    several = await stranger.get("/receipts?day=2026-11-19&number=4417", 404)
    assert NONE in none.text
    assert none.source.replace("9999", "") == several.source.replace("4417", "")
    assert "12,4" not in several.text
    await stranger.get("/receipts?day=2026-11-19&number=A7-0043")


async def test_a_running_charge_shows_energy_and_says_when_the_price_comes(
    stranger: Visitor, database: Database, network: Network
) -> None:
    await sell(database, network, paid=False, state="charging", stopped_at=None, completed_at=None)
    page = await stranger.get("/receipts?day=2026-11-19&number=A7-0042")
    assert "12.400 kWh" in page.text
    assert "The price follows" in page.text


async def test_a_failed_or_force_stopped_charge_says_that_nobody_pays(
    stranger: Visitor, database: Database, network: Network
) -> None:
    await sell(database, network, paid=False, failed_at=BEGAN, energy_wh=0, price_minor=0)
    assert "Nobody pays" in (await stranger.get("/receipts?day=2026-11-19&number=A7-0042")).text


@pytest.mark.parametrize(
    "session", [[], "text", {"externalId": "A7-0042"}, {"externalId": "A7-0042", "amount": "x", "cardLast4": 12}]
)
async def test_whatever_a_terminal_told_us_breaks_no_page(
    stranger: Visitor, database: Database, network: Network, session: Any
) -> None:
    await sell(database, network, payment_session=session)
    found = isinstance(session, dict)
    await stranger.get("/receipts?day=2026-11-19&number=A7-0042", 200 if found else 404)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200), ("?day=2026-11-19", 400), ("?number=4417", 400), ("?day=tomorrow&number=4417", 400),
        ("?day=9999-12-31&number=4417", 400), ("?day=0001-01-01&number=4417", 400),
        ("?day=2026-11-19&number=" + "9" * 5000, 404), ("?day=2026-11-19&number=%00", 400),
        ("?day=2026-11-19&number=%3Cscript%3E", 404), ("?day=2026-11-19&number=%25", 404),
    ],
)  # fmt: skip
async def test_nonsense_is_answered_with_the_form(stranger: Visitor, network: Network, query: str, status: int) -> None:
    page = await stranger.get(f"/receipts{query}", status)
    assert "Find your receipt" in page.text
    assert "<script>" not in page.source.partition("<main")[2]


async def test_guessing_is_slowed_down_per_address(
    portal: Litestar, stranger: Visitor, database: Database, network: Network, clock: Clock
) -> None:
    await sell(database, network)
    for number in range(TRIES_MAX):
        await stranger.get(f"/receipts?day=2026-11-19&number={number:04}", 404)
    refused = await stranger.get("/receipts?day=2026-11-19&number=4417", 429)
    assert "Wait 10 min" in refused.text or "Wait 11 min" in refused.text
    await stranger.get("/receipts")
    elsewhere = Visitor(portal, address="192.0.2.8")
    await elsewhere.get("/receipts?day=2026-11-19&number=4417")
    await elsewhere.http.aclose()
    clock.after(minutes=11)
    await stranger.get("/receipts?day=2026-11-19&number=4417")


async def test_guessing_digits_from_many_addresses_is_slowed_down_too(
    portal: Litestar, stranger: Visitor, database: Database, network: Network, clock: Clock
) -> None:
    await sell(database, network)
    for number in range(GUESSES_MAX):
        guesser = Visitor(portal, address=f"198.51.100.{number}")
        await guesser.get(f"/receipts?day=2026-11-19&number={number:04}", 404)
        await guesser.http.aclose()
    refused = await stranger.get("/receipts?day=2026-11-19&number=4417", 429)
    assert "the number that was printed" in refused.text
    await stranger.get("/receipts?day=2026-11-19&number=A7-0042")
    await stranger.get("/receipts?day=2026-11-18&number=4417", 404)
    clock.after(minutes=61)
    await stranger.get("/receipts?day=2026-11-19&number=4417")


async def test_the_card_that_paid_here_finds_its_receipt(
    stranger: Visitor, database: Database, network: Network
) -> None:
    charge_id = await sell(database, network, payment_session=None)
    async with database.begin() as tx:
        payment_id = await tx.fetchval(
            "insert into payment (key, operator_id, charge_id, purpose, provider, method, currency, amount_minor, "
            "captured_minor, state, card, created_at, updated_at) values ('k', $1, $2, 'charge', 'stripe', 'pm', "
            "'dkk', 40000, 5398, 'captured', $3, $4, $4) returning id",
            network.operator_id, charge_id, {"brand": "visa", "last4": "9876"}, BEGAN,
        )  # fmt: skip
        number = await tx.fetchval("select human_readable_id from charge where id = $1", charge_id)
        await tx.execute("update charge_payment set payment_id = $2, payer_kind = 'card' where charge_id = $1",
                         charge_id, payment_id)  # fmt: skip
    page = await stranger.get("/receipts?day=2026-11-19&number=9876")
    assert "Visa" in page.text
    assert "9876" in page.text
    assert "Visa" in (await stranger.get(f"/receipts?day=2026-11-19&number={number.lower()}")).text
    await stranger.get("/receipts?day=2026-11-19&number=9875", 404)


def test_a_household_is_one_visitor() -> None:
    assert household("2001:db8:1:2:3::4") == household("2001:db8:1:2:ffff::1") != household("2001:db8:1:3::1")
    assert household("::ffff:192.0.2.1") == household("192.0.2.1")
    assert household("testclient") == "unknown"
