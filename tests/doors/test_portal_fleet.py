"""Many charge points at once: asking them, moving and pricing them, and what becomes of every row."""

from datetime import timedelta

import pytest

from tests.doors.portal_door import Clock, Page, Visitor, answering
from tests.doors.portal_market import PortalMarket
from tests.doors.portal_story import Network, give_away
from wattline.database.connection import Database
from wattline.operations.fleet_orders import forget_orders
from wattline.operations.fleet_work import Means, step

PEPPER = b"pepper of the tests"


async def work(database: Database, clock: Clock) -> None:
    """Let the worker take its steps until nothing is due any more at this moment."""
    means = Means(database=database, pepper=PEPPER, random=bytes)
    while await step(means, now=clock.after(seconds=1)):
        pass


async def order(visitor: Visitor, deed: str, **form: object) -> str:
    """Choose a deed in the list, confirm it, and return the address of its page."""
    await visitor.get("/charge-points")
    await visitor.submit("/charge-points/bulk", {"deed": deed, **form})
    page = await visitor.submit("/charge-points/bulk/order", {"deed": deed, **form}, 303)
    return page.headers["location"]


def rows_of(page: Page) -> list[str]:
    """The words of each row of an order."""
    return [Page(200, row, page.headers).text for row in page.all(r"<tr>(<td.*?)</tr>")]


async def test_every_charge_point_answers_in_a_row_that_is_still_there_tomorrow(
    visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    there, away = network.boxes["KOL-0005"], network.boxes["ODE-0001"]
    async with answering(database, there, "accepted", {"status": "Accepted"}) as heard:
        address = await order(visitor, "reboot", box=[there, away])
        assert "0 of 2 done" in (await visitor.get(address)).text
        await work(database, clock)
        while "2 of 2 done" not in (page := await visitor.get(f"{address}/now")).text:
            await work(database, clock)
    assert [command.action for command in heard] == ["Reset"]
    assert "2 of 2 done, 1 worked, 1 did not" in page.text
    assert "every 2s" not in page.source
    yes, no = rows_of(await visitor.get(address))
    assert "Kolding Syd 5 KOL-0005 Reboot: the charge point said yes" in yes
    assert "Reboot: no contact" in no
    assert "Reboot" in (await visitor.get("/charge-points/bulk")).text
    assert len((await visitor.get(f"{address}/rows.csv")).source.splitlines()) == 3
    assert len(rows_of(await visitor.get(f"{address}?show=failed"))) == 1


async def test_all_that_match_a_filter_are_asked_not_only_the_page(
    visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    asked = await visitor.get("/charge-points")
    asked = await visitor.submit("/charge-points/bulk", {"deed": "clear-cache", "all": "1", "query": "q=Kolding"})
    assert "6 charge points: all that match" in asked.text
    address = await order(visitor, "clear-cache", all="1", query="q=Kolding")
    await work(database, clock)
    assert len(rows_of(await visitor.get(address))) == 6


async def test_every_connector_is_unlocked_and_an_order_is_asked_once_however_often_its_worker_dies(
    visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    box = network.boxes["KOL-0005"]
    address = await order(visitor, "unlock", box=[box])
    await work(database, clock)
    async with database.begin() as tx:
        # As if the worker had been killed before it could say that this order is done.
        await tx.execute("update fleet_order set state = 'running', due_at = $1", clock.now)
    await work(database, clock)
    async with database.read() as connection:
        assert await connection.fetchval("select count(*) from command where purpose = 'unlock'") == 2
    assert "2 of 2 done" in (await visitor.get(address)).text


async def test_charge_points_move_to_a_site_and_get_a_price(
    visitor: Visitor, network: Network, database: Database, clock: Clock, market: PortalMarket
) -> None:
    boxes = [network.boxes["KOL-0001"], network.boxes["KOL-0002"]]
    await order(visitor, "site", box=boxes, site_id=network.sites["Odense Havn"])
    address = await order(visitor, "price-group", box=boxes, price_group_id=market.price_group_id)
    await work(database, clock)
    page = await visitor.get(address)
    assert "2 of 2 done, 2 worked" in page.text
    async with database.read() as connection:
        rows = await connection.fetch(
            "select site_id, price_group_id from connector where charge_point_id = any($1)", boxes
        )
    assert {tuple(row) for row in rows} == {(network.sites["Odense Havn"], market.price_group_id)}
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("deed", "form", "words"),
    [
        ("site", {}, "choose one"),
        ("price-group", {}, "choose one"),
        ("firmware", {"location": "C:\\firmware.bin"}, "must be an address"),
        ("reboot", {"box": []}, "must be 1 to 20,000 charge points"),
    ],
)
async def test_what_is_missing_is_asked_for_again(
    visitor: Visitor, network: Network, deed: str, form: dict[str, object], words: str
) -> None:
    await visitor.get("/charge-points")
    picked = {"box": [network.boxes["KOL-0001"]], "deed": deed} | form
    page = await visitor.submit("/charge-points/bulk/order", picked, 400)
    assert words in page.text


async def test_others_charge_points_sites_and_orders_are_unknown(
    visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    mine, theirs = network.boxes["KOL-0001"], network.boxes["KOL-0002"]
    elsewhere = await give_away(database, network, "KOL-0002")
    address = await order(visitor, "clear-cache", box=[mine, theirs, 999_999])
    await work(database, clock)
    assert "1 of 1 done" in (await visitor.get(address)).text
    async with database.begin() as tx:
        site_id = await tx.fetchval(
            """insert into site (operator_id, team_id, name, created_at, updated_at) values ($1, $2, 'Theirs', $3, $3)
               returning id""",
            elsewhere.operator_id, elsewhere.team_id, clock.now,
        )  # fmt: skip
        await tx.execute(
            "update fleet_order set operator_id = $1, operator_ids = array[$1::bigint]", elsewhere.operator_id
        )
    await visitor.submit("/charge-points/bulk/order", {"deed": "site", "box": [mine], "site_id": site_id}, 404)
    await visitor.get(address, 404)
    await visitor.get(f"{address}/rows.csv", 404)
    for deed in ("call-off", "again", "apply"):
        await visitor.submit(f"{address}/{deed}", {}, 404)
    await visitor.submit("/charge-points/bulk", {"deed": "burn", "box": [mine]}, 404)
    await visitor.submit("/charge-points/bulk/order", {"deed": "import", "box": [mine]}, 404)


async def test_what_was_called_off_is_not_begun_and_what_failed_can_be_repeated(
    visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    boxes = [network.boxes["ODE-0001"], network.boxes["ODE-0002"]]
    address = await order(visitor, "read-settings", box=boxes)
    await visitor.get(address)
    await visitor.submit(f"{address}/call-off", {}, 303)
    await work(database, clock)
    page = await visitor.get(address)
    assert "Called off before it began" in page.text
    again = (await visitor.submit(f"{address}/again", {}, 303)).headers["location"]
    assert again != address
    assert len(rows_of(await visitor.get(again))) == 2
    await forget_orders(database, now=clock.now + timedelta(days=91))
    await visitor.get(address, 404)


async def test_filters_are_saved_shared_and_deleted(visitor: Visitor) -> None:
    await visitor.get("/charge-points?state=error&page=3")
    saved = await visitor.submit(
        "/charge-points/views", {"name": "<b>Broken</b>", "query": "state=error&next=/x", "shared": "1"}, 303
    )
    assert saved.headers["location"] == "/charge-points?state=error"
    page = await visitor.get("/charge-points?state=error")
    assert "<b>Broken" not in page.source
    assert '<a class="filter" href="/charge-points?state=error" aria-current="true">' in page.source
    twice = await visitor.submit("/charge-points/views", {"name": "<B>broken</B>", "query": ""}, 400)
    assert "already" in twice.text
    (view,) = set(page.all(r"/charge-points/views/(\d+)/delete"))
    await visitor.get("/charge-points")
    await visitor.submit(f"/charge-points/views/{view}/delete", {}, 303)
    await visitor.get("/charge-points")
    await visitor.submit(f"/charge-points/views/{view}/delete", {}, 404)


async def test_columns_are_chosen_and_kept(visitor: Visitor) -> None:
    page = await visitor.get("/charge-points")
    assert "<th>Connectors</th>" in page.source
    form = {"column": ["team", "firmware", "odd"], "next": "https://elsewhere.example"}
    kept = await visitor.submit("/charge-points/columns", form, 303)
    assert kept.headers["location"] == "/charge-points"
    page = await visitor.get("/charge-points")
    assert page.all(r"<th[^>]*>([^<]*)</th>") == ["Charge point", "State", "Team", "Firmware"]
    await visitor.submit("/charge-points/columns", {"usual": "1"}, 303)
    assert "<th>Connectors</th>" in (await visitor.get("/charge-points")).source
