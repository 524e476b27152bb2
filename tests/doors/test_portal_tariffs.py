"""Tariffs in the Portal: made, painted, imported, used by a price group, and what is refused in which words."""

import re
from decimal import Decimal

import pytest

from tests.doors.portal_door import Page, Visitor
from tests.doors.portal_story import Network
from wattline.database.connection import Database

DENMARK = "45"


@pytest.fixture
async def denmark(database: Database, network: Network) -> None:
    """A country to be in."""
    async with database.begin() as tx:
        await tx.execute("insert into country values (45, 'Denmark', 'DK', false) on conflict do nothing")
        await tx.execute("insert into currency (id, identifier, name, decimals) values (40, 'EUR', 'Euro', 2)")


def led_to(page: Page) -> str:
    return page.headers["location"]


def week(**prices: str) -> dict[str, str]:
    """A week at 0.30, but for the hours that are named as their fields, `h_5_6`."""
    flat = {f"h-{day}-{hour}": "0.30" for day in range(7) for hour in range(24)}
    return flat | {"from": "2026-01-01", "to": ""} | {name.replace("_", "-"): price for name, price in prices.items()}


async def make(visitor: Visitor, network: Network, kind: str = "WEEKLY", **fields: str) -> str:
    """Fill in the form; return the address of the tariff."""
    await visitor.get("/tariffs/new")
    usual = {"name": "Grid", "kind": kind, "team": str(network.team_id), "country": DENMARK,
             "zone": "Europe/Copenhagen", "vat": "yes"}  # fmt: skip
    found = re.match(r"/tariffs/\d+", led_to(await visitor.submit("/tariffs/new", {**usual, **fields}, 303)))
    assert found
    return found[0]


async def paint(visitor: Visitor, address: str, status: int = 200, **prices: str) -> Page:
    await visitor.get(f"{address}/weeks/new")
    return await visitor.submit(f"{address}/weeks/new", week(**prices), status)


@pytest.mark.usefixtures("denmark")
async def test_without_tariffs_the_page_says_what_one_is(visitor: Visitor) -> None:
    page = await visitor.get("/tariffs")
    assert "There is no tariff yet" in page.text
    assert "New tariff" in page.text


@pytest.mark.usefixtures("denmark")
async def test_a_week_is_painted_shown_and_changed(visitor: Visitor, network: Network) -> None:
    address = await make(visitor, network)
    page = await paint(visitor, address, h_5_6="0,25")
    for words in ("The week counts", "The next seven days", "From 1 Jan 2026 on", "Week changed",
                  "Saturday from 06:00 to 07:00 0,25", "More days are added by themselves"):  # fmt: skip
        assert words in page.text, words
    (edit,) = set(page.all(rf'href="({address}/weeks/\d+)"'))
    form = await visitor.get(edit)
    assert 'name="h-5-6" value="0.25"' in form.source
    assert 'data-shade="5"' in form.source
    page = await visitor.submit(edit, week(h_5_6="0.20"))
    assert "Saturday from 06:00 to 07:00 0,20" in page.text
    await visitor.get(edit)
    page = await visitor.submit(f"{edit}/delete")
    assert "The week is gone" in page.text
    assert "No hour has a price yet" in page.text


@pytest.mark.usefixtures("denmark")
@pytest.mark.parametrize(
    ("prices", "words"),
    [
        (
            {"h_5_6": "", "h_5_7": ""},
            "has no price on Saturday from 06:00 to 08:00. An hour without a price is not free",
        ),
        ({"h_0_0": "dear"}, "Monday 00:00: must be a number, such as 0.45."),
        ({"h_0_0": "-1"}, "Monday 00:00: must be from 0 to"),
        ({"h_0_0": "NaN"}, "Monday 00:00: must be a number"),
        ({"h_0_0": "1e999999"}, "Monday 00:00: must be from 0 to"),
        ({"h_0_0": "0.1234567"}, "Monday 00:00: must not have more than 6 digits"),
        ({"from": "soon"}, "First day must be a day"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "Last day must not be before"),
    ],
)
async def test_what_is_wrong_is_told_at_its_hour(
    visitor: Visitor, network: Network, prices: dict[str, str], words: str
) -> None:
    address = await make(visitor, network)
    page = await paint(visitor, address, 400, **prices)
    assert words in page.text
    assert "No hour has a price yet" in (await visitor.get(address)).text


@pytest.mark.usefixtures("denmark")
async def test_two_weeks_on_one_day_are_refused(visitor: Visitor, network: Network) -> None:
    address = await make(visitor, network)
    await paint(visitor, address)
    page = await paint(visitor, address, 400, **{"from": "2026-12-01"})
    assert "another period group of the tariff counts on 2026-12-01" in page.text


@pytest.mark.usefixtures("denmark")
async def test_a_price_group_goes_by_it_and_the_example_follows_its_hours(visitor: Visitor, network: Network) -> None:
    address = await make(visitor, network)
    await paint(visitor, address, 200, **{f"h_{day}_12": "0.50" for day in range(7)})
    number = address.split("/")[-1]
    form = await visitor.get(f"/prices/new?tariff={number}")
    assert f'<option value="{number}" selected>Grid' in form.source
    fields = {"name": "By the hour", "type": "public", "base": "tariff", "tariff": number, "price": "",
              "percentage": "100", "team": str(network.team_id)}  # fmt: skip
    example = {"x_kwh": "20", "x_minutes": "120", "x_idle": "0", "x_time": "11:00"}
    page = await visitor.do("/prices/example", {**fields, **example})
    for words in ("10 kWh × 0,30 3,00 EUR", "10 kWh × 0,50 5,00 EUR", "The driver pays 8,00 EUR"):
        assert words in page.text, page.text
    group = led_to(await visitor.submit("/prices/new", fields, 303))
    page = await visitor.get(address)
    assert "By the hour put up at 0 charge points" in page.text
    page = await visitor.submit(f"{address}/delete", status=400)
    assert "is the price of By the hour" in page.text
    await visitor.get(group)
    unused = await make(visitor, network, name="Unused")
    await visitor.get(unused)
    await visitor.submit(f"{unused}/delete", status=303)
    await visitor.get(unused, 404)


@pytest.mark.usefixtures("denmark")
async def test_a_tariff_is_renamed_and_the_history_says_so(visitor: Visitor, network: Network) -> None:
    address = await make(visitor, network)
    await visitor.get(f"{address}/edit")
    fields = {"name": "Grid 2027", "zone": "Europe/Berlin", "active": "yes"}
    await visitor.submit(f"{address}/edit", fields, 303)
    page = await visitor.get(address)
    assert "name: Grid → Grid 2027; time zone: Europe/Copenhagen → Europe/Berlin; VAT included: yes → no" in page.text
    await visitor.get(f"{address}/edit")
    page = await visitor.submit(f"{address}/edit", {**fields, "zone": "Mars/Olympus"}, 400)
    assert "Time zone 'Mars/Olympus' is not a time zone" in page.text


@pytest.mark.usefixtures("denmark")
@pytest.mark.parametrize(
    ("fields", "words"),
    [({"name": ""}, "Name is empty"), ({"country": ""}, "Country is missing"), ({"kind": "ODD"}, "must be one of"),
     ({"team": "999999"}, "team 999999"), ({"zone": "../etc"}, "is not a time zone")],
)  # fmt: skip
async def test_a_tariff_that_cannot_be_is_refused(
    visitor: Visitor, network: Network, fields: dict[str, str], words: str
) -> None:
    await visitor.get("/tariffs/new")
    usual = {"name": "Grid", "kind": "WEEKLY", "team": str(network.team_id), "country": DENMARK, "zone": "UTC"}
    assert words in (await visitor.submit("/tariffs/new", {**usual, **fields}, 400)).text


async def upload(visitor: Visitor, address: str, content: bytes, status: int = 200) -> Page:
    """Send a file the way browsers do."""
    shown = await visitor.get(address)
    answer = await visitor.http.post(
        f"{address}/prices", data={"csrf": shown.csrf}, files={"file": ("prices.csv", content, "text/csv")},
        headers={"origin": "http://wattline.test"},
    )  # fmt: skip
    assert answer.status_code == status, answer.text[:600]
    return Page(answer.status_code, answer.text, answer.headers)


@pytest.mark.usefixtures("denmark")
async def test_prices_are_imported_from_a_file(visitor: Visitor, network: Network, database: Database) -> None:
    address = await make(visitor, network, "DYNAMIC")
    day = f"{network.now:%Y-%m-%d}"
    content = "\n".join(f"{day}T{hour:02}:00;0,{hour + 10}" for hour in range(24))
    page = await upload(visitor, address, f"time;price\n{content}".encode())
    assert "24 hours were read, 24 are new" in page.text
    assert "Prices imported" in page.text
    saved = await visitor.get(f"{address}/prices.csv")
    assert f"{day}T05:00+0" in saved.source
    async with database.read() as connection:
        assert await connection.fetchval("select max(price) from tariff_price") == Decimal("0.33")
    again = await upload(visitor, address, saved.source.encode())
    assert "24 hours were read, 0 are new" in again.text


@pytest.mark.usefixtures("denmark")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "It has no prices."),
        (b"time,price\n2026-11-20T14:00,=A1", "Line 2 holds a formula"),
        ("t,p\n2026-11-20T14:00,1".encode("utf-16"), "Save it as “CSV UTF-8”"),
        (b"2026-11-20T14:00,1\n" * 150_000, "It is larger than 2 MB"),
        (b"2026-11-20T14:00,1\nlater,1\n", "Line 2 “later” is not a time"),
        (b"2026-11-20T14:00,1\n2026-11-20T16:00,1", "no price for Friday 2026-11-20 at 15:00"),
        (b"2026-11-20T14:00,<script>alert(1)</script>", "“<script>alert(1)</script>” is not a price"),
    ],
)  # fmt: skip
async def test_a_file_with_mistakes_is_refused_line_by_line(
    visitor: Visitor, network: Network, content: bytes, words: str
) -> None:
    address = await make(visitor, network, "DYNAMIC")
    page = await upload(visitor, address, content, 400)
    assert "The file was not taken" in page.text
    assert words in page.text or words in page.source
    assert "<script>alert" not in page.source
    assert "No hour has a price yet" in (await visitor.get(address)).text


@pytest.mark.usefixtures("denmark")
async def test_a_weekly_tariff_takes_no_file(visitor: Visitor, network: Network) -> None:
    address = await make(visitor, network)
    page = await upload(visitor, address, b"2026-11-20T14:00,1", 400)
    assert "Only DYNAMIC tariffs take imports" in page.text


async def test_somebody_elses_tariff_is_not_there(visitor: Visitor) -> None:
    for path in ("/tariffs/4711", "/tariffs/4711/edit", "/tariffs/4711/weeks/new", "/tariffs/4711/prices.csv"):
        await visitor.get(path, 404)
