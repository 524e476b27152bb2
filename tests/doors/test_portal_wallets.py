"""Wallets in the Portal: what can be used, what moved, and giving money back."""

import csv
import io
import re

from litestar import Litestar

from tests.doors.portal_door import Page, Visitor
from tests.doors.portal_market import PortalMarket
from wattline.database.connection import Database
from wattline.operations.users import NewUser, create_user


async def wallet_of(market: PortalMarket, team_id: int) -> int:
    rows = await market.rows("select id from wallet where owner_type = 'team' and owner_id = $1", team_id)
    return int(rows[0]["id"])


async def refund_link(visitor: Visitor, wallet_id: int) -> str:
    page = await visitor.get(f"/wallets/{wallet_id}?kind=charges")
    return str(page.all(r'hx-get="(/wallets/\d+/refunds/\d+)"')[0])


def hidden(page: Page, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.source)
    assert found
    return found[1]


async def test_without_wallets_the_page_says_when_there_will_be_some(visitor: Visitor) -> None:
    page = await visitor.get("/wallets")
    assert "No wallets yet" in page.text


async def test_the_list_shows_what_is_there_and_what_is_held(market: PortalMarket, visitor: Visitor) -> None:
    await market.start()
    page = await visitor.get("/wallets")
    assert "Delivery team Team, prepaid 100,00 EUR 50,00 EUR 50,00 EUR" in page.text


async def test_a_wallet_tells_what_can_be_used_and_what_moved(market: PortalMarket, visitor: Visitor) -> None:
    await market.sell(energy_wh=20_000)
    await market.start()
    page = await visitor.get(f"/wallets/{await wallet_of(market, market.buyer_team_id)}")
    for words in (
        "Wallet of Delivery team", "Balance 90,00 EUR", "Held for running charges 1 − 50,00 EUR",
        "Free to use 40,00 EUR", "Today, Friday 20 November", "Held for a charge",
        "− 10,00 EUR", "Refill", "+ 100,00 EUR",
    ):  # fmt: skip
        assert words in page.text, words


async def test_filters_and_text_find_movements(market: PortalMarket, visitor: Visitor) -> None:
    charge = await market.sell(energy_wh=20_000)
    wallet_id = await wallet_of(market, market.buyer_team_id)
    for query, there in (
        ("kind=charges", "10,00 EUR"), ("kind=refills", "+ 100,00 EUR"), ("kind=held", "Nothing matches"),
        ("state=failed", "Nothing matches"), (f"q={charge.human_readable_id[:6]}", charge.human_readable_id),
        ("q=nothing+like+it", "Nothing matches"), ("from=2026-11-21", "Nothing matches"),
        ("from=2026-11-20&to=2026-11-20", charge.human_readable_id), ("from=yesterday", charge.human_readable_id),
    ):  # fmt: skip
        page = await visitor.get(f"/wallets/{wallet_id}?{query}")
        assert there in page.text, query


async def test_older_movements_follow_without_a_gap(market: PortalMarket, visitor: Visitor) -> None:
    for _ in range(51):
        await market.market.give(market.buyer_team_id, 100)
    wallet_id = await wallet_of(market, market.buyer_team_id)
    first = await visitor.get(f"/wallets/{wallet_id}")
    (older,) = first.all(r'href="([^"]*)" rel="next"')
    second = await visitor.get(older.replace("&amp;", "&"))
    assert first.text.count("Complete Refill") + first.text.count("Refill outside") == 50
    assert second.text.count("Refill outside") == 2


async def test_the_file_has_what_the_page_shows(market: PortalMarket, visitor: Visitor) -> None:
    charge = await market.sell(energy_wh=20_000)
    wallet_id = await wallet_of(market, market.buyer_team_id)
    page = await visitor.get(f"/wallets/{wallet_id}/transactions.csv?kind=charges")
    (row,) = csv.DictReader(io.StringIO(page.source.removeprefix("\ufeff")))
    assert (row["charge"], row["amount"], row["currency"]) == (charge.human_readable_id, "-10.00", "EUR")


async def test_a_refund_is_summed_up_then_made_once(market: PortalMarket, visitor: Visitor) -> None:
    await market.sell(energy_wh=20_000)
    wallet_id = await wallet_of(market, market.network.team_id)
    link = await refund_link(visitor, wallet_id)
    dialog = await visitor.get(link, 200, **{"hx-request": "true"})
    assert "Delivery team paid 10,00 EUR" in dialog.text
    form = {"id": hidden(dialog, "id"), "percent": "40", "note": "The screen froze"}
    summary = await visitor.do(link, form)
    assert "Goes back now, 40 % 4,00 EUR" in summary.text
    assert not await market.rows("select from wallet_transaction where kind = 'refund'")
    for _ in range(2):
        done = await visitor.do(link, {**form, "confirmed": "yes"})
        assert "the money is back with Delivery team" in done.text
    assert len(await market.rows("select from wallet_transaction where kind = 'refund'")) == 1
    page = await visitor.get(f"/wallets/{wallet_id}")
    assert "− 4,00 EUR" in page.text
    assert "“The screen froze”" in page.text
    assert await market.market.books_are_right()


async def test_a_refund_names_the_field_that_is_wrong(market: PortalMarket, visitor: Visitor) -> None:
    await market.sell(energy_wh=20_000)
    link = await refund_link(visitor, await wallet_of(market, market.network.team_id))
    form = {
        "id": hidden(await visitor.get(link, 200, **{"hx-request": "true"}), "id"),
        "percent": "50",
        "note": "Why not",
    }
    for wrong, words in (
        ({"percent": "101"}, "How much, in percent must be above 0 and at most 100"),
        ({"percent": "-1"}, "must be above 0"), ({"percent": "NaN"}, "must be above 0"),
        ({"percent": "half"}, "must be a number"), ({"note": ""}, "Why says why"),
    ):  # fmt: skip
        page = await visitor.do(link, {**form, **wrong})
        assert words in page.text, words
    await visitor.do(link, {**form, "percent": "80", "confirmed": "yes"})
    assert "Only 20.00 % of this payment" in (await visitor.do(link, {**form, "percent": "50"})).text
    nothing_new = await visitor.do(link, {**form, "id": "not an id", "percent": "10", "confirmed": "yes"})
    assert "not done" in nothing_new.text


async def test_support_may_look_but_not_give_money_back(
    market: PortalMarket, portal: Litestar, database: Database, visitor: Visitor
) -> None:
    await market.sell(energy_wh=20_000)
    wallet_id = await wallet_of(market, market.network.team_id)
    link = await refund_link(visitor, wallet_id)
    for role, may in (("SupportAgent", False), ("Bookkeeper", True)):
        email = f"{role}@havnelys.example".lower()
        new = NewUser(operator_id=market.network.operator_id, email=email, display_name=role, role=role)
        await create_user(database, new, password="correct horse battery", now=market.clock.now)
        somebody = Visitor(portal, "192.0.2.9")
        await somebody.log_in(email)
        page = await somebody.get(f"/wallets/{wallet_id}")
        assert ("Refund…" in page.text) is may
        await somebody.get(link, 200 if may else 403)
        await somebody.http.aclose()


async def test_another_operators_wallet_is_unknown(
    market: PortalMarket, portal: Litestar, database: Database, visitor: Visitor
) -> None:
    async with database.begin() as tx:
        other = await tx.fetchval(
            "insert into operator (name, identifier, created_at) values ('Elsewhere', 'elsewhere', $1) returning id",
            market.clock.now,
        )
    new = NewUser(operator_id=other, email="else@where.example", display_name="Somebody else")
    await create_user(database, new, password="correct horse battery", now=market.clock.now)
    stranger = Visitor(portal, "192.0.2.10")
    await stranger.log_in("else@where.example")
    wallet_id = await wallet_of(market, market.buyer_team_id)
    await stranger.get(f"/wallets/{wallet_id}", 404)
    await stranger.get(f"/wallets/{wallet_id}/transactions.csv", 404)
    assert "No wallets yet" in (await stranger.get("/wallets")).text
    await stranger.http.aclose()
