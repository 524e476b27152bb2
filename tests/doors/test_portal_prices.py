"""Price groups in the Portal: making, changing and putting them up, trying them out, and what the law forbids."""

import re

import pytest
from litestar import Litestar

from tests.doors.portal_door import Page, Visitor
from tests.doors.portal_market import PortalMarket
from tests.doors.portal_story import Network
from wattline.database.connection import Database
from wattline.operations.users import NewUser, create_user

PLAIN = {"name": "Public DC", "type": "public", "base": "kwh", "price": "0.69", "percentage": "100"}


def made(page: Page) -> str:
    """Where a form led to."""
    found = re.search(r"/prices/\d+$", page.headers["location"])
    assert found
    return found[0]


async def make(visitor: Visitor, network: Network, **fields: str) -> str:
    await visitor.get("/prices/new")
    return made(await visitor.submit("/prices/new", {**PLAIN, "team": network.team_id, **fields}, 303))


async def test_without_prices_the_page_says_what_follows(visitor: Visitor) -> None:
    page = await visitor.get("/prices")
    assert "No price is set yet" in page.text
    assert "New price group" in page.text


async def test_a_group_is_made_shown_and_changed(visitor: Visitor, network: Network) -> None:
    address = await make(visitor, network, idle_price="0,10", idle_after="15", idle_most="12", maximum="80")
    page = await visitor.get(address)
    for words in ("Public DC", "Public, default", "0,69 EUR per kWh", "0,10 EUR per idle minute after 15 min",
                  "at most 80,00 EUR", "Made"):  # fmt: skip
        assert words in page.text, words
    form = await visitor.get(f"{address}/edit")
    assert 'name="idle_after" value="15"' in form.source
    await visitor.submit(f"{address}/edit", {**PLAIN, "price": "0.75", "maximum": "80"}, 303)
    page = await visitor.get(address)
    assert "0,69 EUR per kWh → 0,75 EUR per kWh" in page.text
    assert "idle minute after 15 min → nothing" in page.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "Name is empty"),
        ({"price": ""}, "Price is missing. To charge nothing, write 0."),
        ({"price": "free"}, "Price must be a number, such as 0.45."),
        ({"price": "-1"}, "Price must be from 0"),
        ({"price": "NaN"}, "Price must be a number"),
        ({"price": "0.12345678"}, "Price must not have more than 6 digits"),
        ({"idle_price": "1", "idle_after": "ten"}, "After minutes must be whole minutes."),
        ({"idle_price": "1", "idle_after": "99999"}, "After minutes must be from 0 to 10080"),
        ({"idle_price": "99999999999"}, "Per idle minute must be from 0"),
        ({"minimum": "1.005"}, "A charge costs at least must be 0 or more, with at most 2 decimals."),
        ({"base": "tariff"}, "Tariff is missing"),
        ({"base": "sideways"}, "Main price must be one of those in the list."),
        ({"team": "999999"}, "team"),
    ],
)
async def test_bad_input_names_its_field(
    visitor: Visitor, network: Network, fields: dict[str, str], words: str
) -> None:
    await visitor.get("/prices/new")
    page = await visitor.submit("/prices/new", {**PLAIN, "team": network.team_id, **fields}, 400)
    assert words in page.text


async def test_an_example_is_priced_before_anything_is_saved(visitor: Visitor, network: Network) -> None:
    await visitor.get("/prices/new")
    example = {"x_kwh": "40", "x_minutes": "30", "x_idle": "20", "x_time": "12:00"}
    fields = {**PLAIN, **example, "team": network.team_id, "name": "", "idle_price": "0.10", "idle_after": "15"}
    page = await visitor.do("/prices/example", fields)
    assert "40 kWh × 0,69 27,60 EUR" in page.text
    assert "5 min × 0,10 0,50 EUR" in page.text
    assert "The driver pays 28,10 EUR" in page.text
    for wrong, words in (({"x_kwh": "much"}, "Energy must be a number."), ({"x_time": "noon"}, "At must be a time"),
                         ({"price": ""}, "Price is missing")):  # fmt: skip
        assert words in (await visitor.do("/prices/example", {**fields, **wrong})).text
    assert "No price is set yet" in (await visitor.get("/prices")).text


async def test_a_saved_group_has_its_example_too(visitor: Visitor, network: Network) -> None:
    address = await make(visitor, network)
    await visitor.get(address)
    page = await visitor.do("/prices/example", {"group": address.split("/")[-1], "x_kwh": "10", "x_minutes": "30"})
    assert "The driver pays 6,90 EUR" in page.text


async def test_a_group_is_put_up_and_made_the_default(visitor: Visitor, network: Network) -> None:
    await make(visitor, network)
    second = await make(visitor, network, name="Weekend")
    page = await visitor.get(second)
    assert "put up at 0 of" in page.text
    site = network.sites["Odense Havn"]
    page = await visitor.submit(f"{second}/apply", {"sites": [site], "connectors": []})
    assert "It counts at 1 more place" in page.text
    assert "Put up" in page.text
    page = await visitor.submit(f"{second}/default")
    assert "This is the default now" in page.text
    await visitor.submit(f"{second}/apply", {}, 400)
    page = await visitor.submit(f"{second}/delete", status=400)
    assert "Make another one the default first" in page.text


async def test_a_group_is_put_up_in_bulk_at_charge_points_sites_and_for_members(
    visitor: Visitor, network: Network, database: Database
) -> None:
    async with database.begin() as tx:
        for number in range(3):
            await tx.execute(
                """insert into member (operator_id, team_id, email, role, state, created_at, updated_at)
                   values ($1, $2, $3, 'user', 'accepted', $4, $4)""",
                network.operator_id, network.team_id, f"driver{number}@havnelys.example", network.now,
            )  # fmt: skip
    for type_, kinds in (
        ("public", ("connectors", "sites")),
        ("cost", ("connectors", "sites")),
        ("member", ("members",)),
    ):
        await make(visitor, network, name=f"First {type_}", type=type_)
        address = await make(visitor, network, name=f"Second {type_}", type=type_)
        for kind in kinds:
            shown = await visitor.get(address)
            ids = shown.all(rf'name="{kind}" value="(\d+)"')
            assert len(ids) > 1
            assert f"All {len(ids)}" in shown.text
            page = await visitor.submit(f"{address}/apply", {kind: ids})
            assert f"It counts at {len(ids)} more places" in page.text
            assert f"put up at {len(ids)} of {len(ids)}" in page.text


async def test_the_law_is_told_in_words(visitor: Visitor, network: Network, database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute("insert into country values (45, 'Denmark', 'DK', false) on conflict do nothing")
        await tx.execute("update team set country_id = (select id from country where alpha2_code = 'DK')")
        await tx.execute("update connector set visibility = 'public', active_at = '2026-01-01'")
    await visitor.get("/prices/new")
    fields = {**PLAIN, "team": network.team_id, "base": "min"}
    page = await visitor.submit("/prices/new", fields, 400)
    assert "from 50 kW on, EU law wants a price per kWh" in page.text


async def test_support_may_look_only(visitor: Visitor, network: Network, portal: Litestar, database: Database) -> None:
    address = await make(visitor, network)
    new = NewUser(operator_id=network.operator_id, email="support@havnelys.example", display_name="Support",
                  role="SupportAgent")  # fmt: skip
    await create_user(database, new, password="correct horse battery", now=network.now)
    support = Visitor(portal, "192.0.2.9")
    await support.log_in("support@havnelys.example")
    page = await support.get(address)
    assert "Change prices" not in page.text
    await support.get("/prices/new", 403)
    await support.submit(f"{address}/delete", status=403)
    await support.http.aclose()


async def test_the_market_price_is_the_one_that_counts(market: PortalMarket, visitor: Visitor) -> None:
    page = await visitor.get(f"/prices/{market.price_group_id}")
    assert "0,50 EUR per kWh" in page.text
    assert "An example" in page.text
