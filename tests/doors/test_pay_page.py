"""The pay page on a charge point, and saved cards in the Portal: the price first, then a card, then the charge."""

import re
from pathlib import Path

import pytest
from litestar import Litestar
from structlog.testing import capture_logs

from tests.doors.portal_door import Clock, Visitor
from tests.doors.portal_market import PortalMarket
from wattline.domain.charge_record import Charge
from wattline.operations import reference_data
from wattline.operations.card_charges import follow_card_payments
from wattline.operations.operators import create_operator
from wattline.operations.pay_tries import OF_HOUSEHOLD_MAX
from wattline.payments.cashier import Cashier
from wattline.payments.sandbox import Sandbox
from wattline.portal.card_field import card_field
from wattline.settings import Payments, Settings


@pytest.fixture
async def point(market: PortalMarket) -> str:
    """The address of the pay page of a public charge point with a car."""
    story = market.market.story
    await reference_data.seed(story.database, now=story.now)
    await story.rows(
        "update connector set visibility = 'public', active_at = $1 where charge_point_id = $2", story.now, story.box.id
    )
    await story.status("Preparing")
    return f"/c/{story.box.connectors[1]}"


async def work(market: PortalMarket) -> None:
    """Let the worker ask the sandbox, and charges follow."""
    story = market.market.story
    bank = {"sandbox": Sandbox(story.database, clock=lambda: story.now)}
    for _ in range(3):
        with capture_logs():
            await Cashier(story.database, bank, clock=lambda: story.now).step()
        await follow_card_payments(story.database, now=story.now)


async def paid_for(market: PortalMarket) -> Charge:
    """The one charge that a card pays."""
    [row] = await market.rows("select charge_id from payment")
    return await market.market.story.charge(row["charge_id"])


async def pay(visitor: Visitor, point: str, method: str = "sandbox-pays", status: int = 303) -> str:
    """Pay, and return the address that follows the charge, or the page that says why not."""
    await visitor.get(point)
    origin = {"origin": f"http://{visitor.http.base_url.host}"}
    answer = await visitor.http.post(point, data={"method": method}, headers=origin)
    assert answer.status_code == status, answer.text
    return answer.headers.get("location", "") or answer.text


async def test_a_stranger_sees_the_price_pays_by_card_charges_and_has_a_receipt(
    stranger: Visitor, market: PortalMarket, point: str
) -> None:
    page = await stranger.get(point)
    for words in ("0.50", "per kWh", "50.00", "is held, not paid", "pretended", "Pay and start"):
        assert words in page.text
    where = await pay(stranger, point)
    assert "Asking your card" in (await stranger.get(where)).text
    await work(market)
    assert "now agree" in (await stranger.get(where)).text
    charge = await paid_for(market)
    assert (charge.start_source, charge.state) == ("pay-page", "starting")
    await market.market.deliver(charge, 20_000)
    await work(market)
    page = await stranger.get(where)
    assert "10.00" in page.text
    assert "4242" in page.text
    [receipt] = re.findall(r'href="(/receipts/[^"]+)"', page.source)
    paper = await stranger.http.get(receipt.replace("&amp;", "&"))
    assert (paper.status_code, paper.content[:4]) == (200, b"%PDF")
    assert await market.market.books_are_right()


async def test_a_card_that_does_not_pay_says_so_and_another_can_be_tried(
    stranger: Visitor, market: PortalMarket, point: str
) -> None:
    where = await pay(stranger, point, "sandbox-declines")
    await work(market)
    page = await stranger.get(where)
    assert "It did not start" in page.text
    assert "Try again" in page.text
    assert "/pay/" in await pay(stranger, point)


async def test_who_changes_their_mind_stops_and_pays_nothing(
    stranger: Visitor, market: PortalMarket, point: str
) -> None:
    where = await pay(stranger, point, "sandbox-asks")
    await work(market)
    page = await stranger.get(where)
    assert "You are asked to confirm" in page.text
    assert "/payments/sandbox/" in page.source
    for _ in range(2):
        answer = await stranger.http.post(f"{where}/stop")
        assert answer.status_code == 303
    await work(market)
    assert "taken back before it began" in (await stranger.get(where)).text
    [row] = await market.rows("select state, captured_minor from payment")
    assert (row["state"], row["captured_minor"]) == ("cancelled", 0)


async def test_only_public_charge_points_have_a_pay_page_and_only_the_key_leads_to_a_charge(
    stranger: Visitor, market: PortalMarket, point: str
) -> None:
    await stranger.get("/pay/00000000-0000-0000-0000-000000000000", 404)
    await stranger.get("/c/999999999", 404)
    where = await pay(stranger, point)
    assert "Somebody charges here now" in (await stranger.get(point)).text
    assert "Pay and start" not in (await stranger.get(point)).text
    await pay(stranger, point, status=409)
    await market.rows("update connector set visibility = 'private'")
    await stranger.get(point, 404)
    assert (await stranger.http.post(point, data={"method": "sandbox-pays"})).status_code == 404
    await stranger.get(where)


async def test_other_sites_cannot_pay_or_stop(stranger: Visitor, market: PortalMarket, point: str) -> None:
    for path in (point, "/pay/x/stop"):
        answer = await stranger.http.post(path, data={}, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403
    assert await market.rows("select from payment") == []


async def test_trying_cards_is_slowed_down(
    portal: Litestar, stranger: Visitor, market: PortalMarket, point: str, clock: Clock
) -> None:
    for _ in range(OF_HOUSEHOLD_MAX):
        await pay(stranger, point, "sandbox-declines")
        await work(market)
    assert "Wait 10 minutes" in await pay(stranger, point, "sandbox-declines", 429)
    elsewhere = Visitor(portal, address="192.0.2.99")
    assert "/pay/" in await pay(elsewhere, point)
    await elsewhere.http.aclose()


async def test_without_contact_or_price_nothing_is_asked_of_a_card(
    stranger: Visitor, market: PortalMarket, point: str
) -> None:
    await market.market.story.disconnect()
    assert "no connection now" in (await stranger.get(point)).text
    await pay(stranger, point, status=409)
    assert await market.rows("select from payment") == []


async def test_where_no_price_is_set_drivers_are_told_in_their_words(
    stranger: Visitor, market: PortalMarket, point: str
) -> None:
    for change in ("price_group set is_default = false", "connector set price_group_id = null"):
        await market.rows(f"update {change}")
    assert "Tell whoever runs this charge point" in (await stranger.get(point)).text
    assert "Tell whoever runs this charge point" in await pay(stranger, point, status=409)


async def test_a_saved_card_is_added_chosen_used_for_a_start_and_removed(
    visitor: Visitor, market: PortalMarket, point: str
) -> None:
    assert "No card is saved yet" in (await visitor.get("/cards")).text
    for _ in range(2):
        await visitor.get("/cards")
        await visitor.submit("/cards", {"owner": str(market.buyer_team_id)}, 303)
    assert "Asking the sandbox" in (await visitor.get("/cards")).text
    await work(market)
    page = await visitor.get("/cards")
    assert page.text.count("··4242") >= 2
    assert page.text.count("Make default") == 1
    first, second = [row["id"] for row in await market.rows("select id from saved_card order by id")]
    await visitor.submit(f"/cards/{second}/default", {}, 303)
    rows = await market.rows("select is_default from saved_card order by id")
    assert [row["is_default"] for row in rows] == [False, True]
    box_id = market.market.story.box.id
    dialog = await visitor.get(f"/charge-points/{box_id}/dialogs/start")
    assert f'value="card-{second}"' in dialog.source
    await visitor.get(f"/charge-points/{box_id}")
    page = await visitor.do(f"/charge-points/{box_id}/start", {"connector": "1", "team": f"card-{second}"})
    assert "First the card" in page.text
    await work(market)
    charge = await paid_for(market)
    await market.market.deliver(charge, 20_000)
    await work(market)
    [paid] = await market.rows("select captured_minor, team_id from payment")
    assert (paid["captured_minor"], paid["team_id"]) == (1_000, market.buyer_team_id)
    shown = (await visitor.get(f"/charges/{charge.id}")).text
    assert "4242" in shown
    for card in (first, second):
        await visitor.get("/cards")
        await visitor.submit(f"/cards/{card}/remove", {}, 303)
    await visitor.get("/cards")
    await visitor.submit(f"/cards/{first}/remove", {}, 404)
    assert "No card is saved yet" in (await visitor.get("/cards")).text


async def test_cards_of_other_operators_do_not_exist(visitor: Visitor, market: PortalMarket) -> None:
    elsewhere = await create_operator(
        market.market.story.database, "Elsewhere", identifier="elsewhere", now=market.clock.now
    )
    [card] = await market.rows(
        "insert into saved_card (key, operator_id, provider, provider_ref, state, created_at, updated_at) "
        "values ('k', $2, 'sandbox', 'sandbox-pays', 'ready', $1, $1) returning id",
        market.clock.now, elsewhere,
    )  # fmt: skip
    await visitor.get("/cards")
    for deed in ("remove", "default"):
        await visitor.submit(f"/cards/{card['id']}/{deed}", {}, 404)
    await visitor.submit("/cards", {"owner": "999999"}, 404)
    await visitor.submit("/cards", {"owner": "none"}, 400)


def test_only_pages_with_a_card_field_of_stripe_let_its_script_in() -> None:
    assert card_field(Settings(data_directory=Path(), pepper=b"")).headers == {}
    payments = Payments(provider="stripe", stripe_publishable_key="pk_1")
    headers = card_field(Settings(data_directory=Path(), pepper=b"", payments=payments)).headers
    assert "script-src 'self' https://js.stripe.com;" in headers["Content-Security-Policy"]
    assert "frame-src https://js.stripe.com" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert 'payment=(self "https://js.stripe.com")' in headers["Permissions-Policy"]


async def test_what_is_no_way_to_pay_is_refused_before_the_connector_is_taken(
    stranger: Visitor, market: PortalMarket, point: str
) -> None:
    before = await market.rows("select id from charge")
    for made_up in ("", "pm_card_visa", "sandbox-nothing", "x" * 500, "'; drop table payment"):
        assert "Choose a card or another way to pay." in await pay(stranger, point, made_up, status=400)
    assert await market.rows("select id from charge") == before


def test_mobilepay_and_vipps_are_offered_where_the_account_has_them() -> None:
    def ways(*, mobilepay: bool, vipps: bool) -> list[str]:
        payments = Payments(provider="stripe", stripe_mobilepay=mobilepay, stripe_vipps=vipps)
        field = card_field(Settings(data_directory=Path(), pepper=b"", payments=payments))
        assert field.takes("pm_1")
        assert not field.takes("sandbox-pays")
        assert field.takes("mobilepay") == mobilepay
        return [way.name for way in field.other_ways]

    assert ways(mobilepay=False, vipps=False) == []
    assert ways(mobilepay=True, vipps=False) == ["MobilePay"]
    assert ways(mobilepay=True, vipps=True) == ["MobilePay", "Vipps"]
