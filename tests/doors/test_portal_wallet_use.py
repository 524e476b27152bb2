"""Using a wallet in the Portal: passcode, refill, bank account, withdrawals, files, receipts, adjustments."""

import io
import re
from zipfile import ZipFile

import pytest
from litestar import Litestar

from tests.doors.portal_door import Page, Visitor
from tests.doors.portal_market import PortalMarket
from wattline.database.connection import Database
from wattline.documents.bundles import Bindery
from wattline.documents.press import Press
from wattline.operations import reference_data
from wattline.operations.automatic_refills import refill_due
from wattline.operations.refill_outcomes import follow_refills
from wattline.operations.users import NewUser, create_user
from wattline.payments.cashier import Cashier
from wattline.payments.sandbox import Sandbox

CODE = "4711"
IBAN = "DK50 0040 0440 1162 43"
PEPPER = b"pepper of the tests"


def hidden_id(page: Page) -> str:
    return str(page.all(r'name="id" value="([^"]+)"')[0])


def where(page: Page) -> str:
    return str(page.headers["location"])


async def set_code(visitor: Visitor, code: str = CODE) -> None:
    await visitor.get("/passcode")
    await visitor.submit("/passcode", {"first": code, "second": code}, 303)


async def wallet_of(market: PortalMarket, team_id: int) -> int:
    rows = await market.rows("select id from wallet where owner_type = 'team' and owner_id = $1", team_id)
    return int(rows[0]["id"])


@pytest.fixture
async def room(market: PortalMarket, visitor: Visitor, database: Database) -> str:
    """The address of the buyers' wallet, for somebody with a passcode."""
    await reference_data.seed(database, now=market.clock.now)
    await set_code(visitor)
    return f"/wallets/{await wallet_of(market, market.buyer_team_id)}"


@pytest.fixture
async def cashier(market: PortalMarket, database: Database) -> Cashier:
    """Who carries payments to the sandbox."""
    return Cashier(database, {"sandbox": Sandbox(database, clock=market.clock)}, clock=market.clock)


async def settle(market: PortalMarket, database: Database, cashier: Cashier) -> None:
    """Let the worker carry payments to the sandbox and back until nothing moves any more."""
    for _ in range(3):
        await cashier.step()
        await follow_refills(database, now=market.clock.now)


async def pay_in(visitor: Visitor, room: str, status: int = 303, **fields: str) -> Page:
    form = {"id": hidden_id(await visitor.get(f"{room}/refill")), "amount": "25", "passcode": CODE, **fields}
    return await visitor.submit(f"{room}/refill", form, status)


async def test_without_a_passcode_the_forms_lead_to_it(market: PortalMarket, visitor: Visitor) -> None:
    room = f"/wallets/{await wallet_of(market, market.buyer_team_id)}"
    for form in ("refill", "bank-account"):
        assert "Set your passcode" in (await visitor.get(f"{room}/{form}")).text
    await visitor.get(f"/passcode?next={room}")
    wrong = await visitor.submit("/passcode", {"first": CODE, "second": "4712", "next": room}, 400)
    assert "not the same" in wrong.text
    assert where(await visitor.submit("/passcode", {"first": CODE, "second": CODE, "next": room}, 303)) == room
    assert CODE not in (await visitor.get("/passcode")).source.replace(f"{room}", "")


async def test_five_wrong_passcodes_lock_and_ten_need_a_letter(
    market: PortalMarket, visitor: Visitor, room: str, database: Database
) -> None:
    for left in (4, 3, 2, 1):
        page = await pay_in(visitor, room, 400, passcode="0000", card="sandbox-pays")
        assert f"locked: {left}." in page.text
    assert "locked until" in (await pay_in(visitor, room, 400, passcode="0000", card="sandbox-pays")).text
    assert "locked until" in (await visitor.get(f"{room}/refill")).text
    market.later(minutes=16)
    for number in range(5):
        form = {"iban": IBAN, "holder": "Havnelys", "passcode": f"000{number}"}
        await visitor.get("/passcode")
        page = await visitor.submit(f"{room}/bank-account", form, 400)
    assert "ten wrong" in page.text
    await visitor.get("/passcode")
    assert "A link is on its way" in (await visitor.submit("/passcode/reset")).text
    rows = await market.rows("select text_body from mail where kind = 'passcode-reset'")
    link = re.search(r"(/passcode/reset/\S+)", rows[0]["text_body"])
    assert link
    await visitor.get(link[1])
    await visitor.submit(link[1], {"first": "1234", "second": "1234"}, 303)
    await visitor.get(link[1].replace("signature=", "signature=x"), 404)
    assert "used already" in (await visitor.submit(link[1], {"first": "9999", "second": "9999"}, 400)).text
    await pay_in(visitor, room, passcode="1234", card="sandbox-pays")


async def test_a_refill_waits_for_the_card_and_then_is_in_the_wallet(
    market: PortalMarket, visitor: Visitor, room: str, database: Database, cashier: Cashier
) -> None:
    outcome = where(await pay_in(visitor, room, card="sandbox-pays"))
    assert "Waiting for the card" in (await visitor.get(outcome)).text
    await settle(market, database, cashier)
    assert "The money is in the wallet" in (await visitor.get(outcome)).text
    assert "Balance 125,00 EUR" in (await visitor.get(room)).text
    refused = where(await pay_in(visitor, room, card="sandbox-declines"))
    await settle(market, database, cashier)
    assert "The card did not pay" in (await visitor.get(refused, 200, **{"hx-request": "true"})).text
    asks = where(await pay_in(visitor, room, card="sandbox-asks"))
    await settle(market, database, cashier)
    page = await visitor.get(asks)
    assert "asks you first" in page.text
    assert page.all(r'href="(/payments/sandbox/[^"]+\?back=[^"]+)"')


async def test_a_refill_names_what_is_wrong(visitor: Visitor, room: str) -> None:
    for wrong, words in (
        ({"amount": "-1"}, "must be more than 0"), ({"amount": "1,234"}, "more than 2 digits"),
        ({"amount": "1e99"}, "that a wallet can hold"), ({"amount": "NaN"}, "more than 0"),
        ({"amount": "x"}, "must be an amount"), ({"card": "saved-4711"}, "cannot be used"), ({"card": ""}, "chosen"),
        ({"id": "x"}, "lost its number"), ({"passcode": ""}, "not the passcode"),
    ):  # fmt: skip
        page = await pay_in(visitor, room, 400, **{"card": "sandbox-pays", **wrong})
        assert words in page.text, words
        assert CODE not in page.source


async def test_a_wallet_is_told_to_fill_itself_and_says_when_that_failed(
    market: PortalMarket, visitor: Visitor, room: str, database: Database, cashier: Cashier
) -> None:
    assert "No saved card yet" in (await visitor.get(f"{room}/automatic-refill")).text
    rows = await market.rows(
        """insert into saved_card (key, operator_id, team_id, provider, provider_ref, state, brand, last4, created_at,
             updated_at) values ('k', $1, $2, 'sandbox', 'sandbox-declines', 'ready', 'visa', '0002', $3, $3)
           returning id""",
        market.network.operator_id, market.buyer_team_id, market.clock.now,
    )  # fmt: skip
    form = {"card": f"saved-{rows[0]['id']}", "amount": "200", "below": "150", "passcode": CODE, "switch": "on"}
    page = await visitor.get(f"{room}/automatic-refill")
    assert "Visa ·· 0002" in page.text
    low = await visitor.submit(f"{room}/automatic-refill", {**form, "amount": "50"}, 400)
    assert "no more than what is put in" in low.text
    await visitor.submit(f"{room}/automatic-refill", form, 303)
    assert (await refill_due(database, now=market.clock.now)) == 1
    await settle(market, database, cashier)
    assert "switched off because the card did not pay" in (await visitor.get(f"{room}/automatic-refill")).text


async def test_money_leaves_for_a_bank_account(market: PortalMarket, visitor: Visitor, room: str) -> None:
    assert "Add a bank account" in (await visitor.get(f"{room}/withdraw")).text
    account = {"iban": IBAN, "holder": "Havnelys", "passcode": CODE}
    await visitor.get(f"{room}/bank-account")
    page = await visitor.submit(f"{room}/bank-account", {**account, "iban": IBAN[:-1] + "4"}, 400)
    assert "check digits do not fit" in page.text
    await visitor.submit(f"{room}/bank-account", {**account, "passcode": "0000"}, 400)
    await visitor.submit(f"{room}/bank-account", account, 303)
    page = await visitor.get(f"{room}/withdraw")
    assert "IBAN ending in 6243" in page.text
    form = {"id": hidden_id(page), "amount": "30", "passcode": CODE}
    assert "at least 6.70" in (await visitor.submit(f"{room}/withdraw", {**form, "amount": "1"}, 400)).text
    assert "can be withdrawn" in (await visitor.submit(f"{room}/withdraw", {**form, "amount": "900"}, 400)).text
    for _ in range(2):
        await visitor.submit(f"{room}/withdraw", {**form, "id": hidden_id(page)}, 303)
    page = await visitor.get(f"{room}/withdraw")
    assert page.text.count("With the bank") == 1
    (end,) = page.all(r'action="(/wallets/\d+/withdrawals/\d+)"')
    assert "says why" in (await visitor.submit(end, {"deed": "refused", "reason": ""}, 400)).text
    await visitor.submit(end, {"deed": "refused", "reason": "Account closed"}, 303)
    assert "“Account closed”" in (await visitor.get(f"{room}/withdraw")).text
    await visitor.submit(f"{room}/withdraw-monthly", {"leave": "20", "switch": "on", "passcode": CODE}, 303)
    assert "on, 20,00 EUR stays" in (await visitor.get(f"{room}/withdraw")).text
    assert await market.market.books_are_right()


async def test_files_of_a_period_and_receipts_in_one_file(
    market: PortalMarket, visitor: Visitor, room: str, database: Database
) -> None:
    await market.sell(energy_wh=20_000)
    await visitor.get(f"{room}/files")
    book = await visitor.http.get(f"{room}/transactions.xlsx?from=2026-11-01&to=2026-11-30")
    assert book.content[:2] == b"PK"
    await visitor.get(f"{room}/transactions.xlsx?from=soon&to=", 400)
    order = {"from": "2026-11-01", "to": "2026-11-30", "address": "books@havnelys.example"}
    late = await visitor.submit(f"{room}/receipts", {**order, "to": "2028-01-01"}, 400)
    assert "365 days" in late.text
    await visitor.submit(f"{room}/receipts", {**order, "address": "nobody"}, 400)
    await visitor.submit(f"{room}/receipts", order, 303)
    assert "Being made 0 of 1" in (await visitor.get(f"{room}/files")).text
    bindery = Bindery(database=database, press=Press(), pepper=PEPPER, web_url="http://wattline.test")
    while await bindery.step(now=market.clock.now):
        pass
    part = await visitor.get(f"{room}/files/orders")
    assert "Ready 1 of 1" in part.text
    (link,) = part.all(r'href="(/wallets/\d+/receipts/\d+)"')
    answer = await visitor.http.get(link)
    assert len(ZipFile(io.BytesIO(answer.content)).namelist()) == 1
    await visitor.get(link + "9", 404)


async def test_an_operator_moves_money_and_gives_credit(market: PortalMarket, visitor: Visitor, room: str) -> None:
    await market.sell(energy_wh=20_000)
    other = await wallet_of(market, market.network.team_id)
    page = await visitor.get(f"{room}/adjust")
    form = {"id": hidden_id(page), "deed": "out", "other": str(other), "amount": "5", "note": "Wrong price"}
    for wrong, words in (
        ({"note": ""}, "says why"), ({"other": ""}, "must be chosen"), ({"amount": "999"}, "lacks 909.00"),
        ({"deed": "x"}, "what is to happen"),
    ):  # fmt: skip
        assert words in (await visitor.submit(f"{room}/adjust", {**form, **wrong}, 400)).text.lower()
    await visitor.submit(f"{room}/adjust", form, 303)
    page = await visitor.get(f"{room}/adjust")
    await visitor.submit(f"{room}/adjust", {**form, "id": hidden_id(page), "deed": "credit"}, 303)
    page = await visitor.get(room)
    assert "Balance 85,00 EUR" in page.text
    assert "only 5,00 EUR" in page.text
    links = page.all(r'href="(/wallets/\d+/transactions/\d+)"')
    for link in links:
        assert "In the ledger" in (await visitor.get(link)).text
    await visitor.get(f"{room}/transactions/999999", 404)
    assert await market.market.books_are_right()


async def test_everybody_has_a_wallet_of_their_own_that_nobody_else_sees(
    market: PortalMarket, portal: Litestar, database: Database, visitor: Visitor
) -> None:
    email = "driver@havnelys.example"
    new = NewUser(operator_id=market.network.operator_id, email=email, display_name="Demo driver", role="Driver")
    await create_user(database, new, password="correct horse battery", now=market.clock.now)
    driver = Visitor(portal, "192.0.2.9")
    await driver.log_in(email)
    own = where(await driver.get("/my-wallet", 303))
    assert own == where(await driver.get("/my-wallet", 303))
    page = (await driver.get(own)).text
    assert "Wallet of Demo driver" in page
    assert "Money My wallet" in page, "the navigation leads to it"
    assert "My account" in page
    assert "To the charges" not in page, "a driver does not see a network's charges"
    assert "Delivery team" not in (await driver.get("/wallets")).text
    await set_code(driver)
    for page in ("refill", "withdraw", "bank-account", "automatic-refill", "files"):
        await driver.get(f"{own}/{page}")
        await visitor.get(f"{own}/{page}", 404)
    await visitor.get(own, 404)
    await driver.get(f"{own}/adjust", 403)
    await driver.get(f"/wallets/{await wallet_of(market, market.buyer_team_id)}", 404)
    await driver.http.aclose()


async def test_who_may_only_look_moves_nothing(
    market: PortalMarket, portal: Litestar, database: Database, visitor: Visitor
) -> None:
    email = "support@havnelys.example"
    new = NewUser(operator_id=market.network.operator_id, email=email, display_name="Support", role="SupportAgent")
    await create_user(database, new, password="correct horse battery", now=market.clock.now)
    support = Visitor(portal, "192.0.2.9")
    await support.log_in(email)
    room = f"/wallets/{await wallet_of(market, market.buyer_team_id)}"
    assert f"{room}/refill" not in (await support.get(room)).source
    for page in ("refill", "withdraw", "bank-account", "automatic-refill", "adjust"):
        await support.get(f"{room}/{page}", 403)
    await support.http.aclose()
