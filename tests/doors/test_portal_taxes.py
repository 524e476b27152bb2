"""Taxes in the Portal: VAT that comes by itself, and rates for countries with sales tax."""

import pytest

from tests.doors.portal_door import Visitor
from tests.doors.portal_story import Network
from wattline.database.connection import Database

RATE = {"country": "46", "name": "California", "percent": "7,25"}
GROUP = {"name": "By the kWh", "type": "public", "base": "kwh", "price": "0.50", "percentage": "100"}


@pytest.fixture(autouse=True)
async def countries(database: Database, network: Network) -> None:
    """One with VAT, where the team is not, and one without, where it is."""
    async with database.begin() as tx:
        await tx.execute(
            """insert into country values (45, 'Denmark', 'DK', false), (46, 'United States', 'US', true)
               on conflict do nothing"""
        )
        await tx.execute("update team set country_id = 46 where id = $1", network.team_id)


async def test_vat_is_shown_and_cannot_be_changed(visitor: Visitor) -> None:
    page = await visitor.get("/taxes")
    assert "Denmark 25 %" in page.text
    assert "reverse charge" in page.text
    assert 'value="45"' not in page.source
    await visitor.get("/taxes")
    page = await visitor.submit("/taxes/new", {**RATE, "country": "45"}, 400)
    assert "has VAT, which comes by itself" in page.text


async def test_a_rate_is_made_ticked_in_a_price_group_and_taken_away(visitor: Visitor, network: Network) -> None:
    await visitor.get("/taxes")
    page = await visitor.submit("/taxes/new", RATE)
    assert "California United States 7,25 % 0" in page.text
    form = await visitor.get("/prices/new")
    (rate,) = form.all(r'name="tax" value="(\d+)"')
    fields = {**GROUP, "team": str(network.team_id), "taxes": "shown", "tax": rate}
    page = await visitor.do("/prices/example", {**fields, "x_kwh": "100", "x_minutes": "30", "x_idle": "0"})
    assert "The driver pays 53,63 EUR" in page.text
    made = (await visitor.submit("/prices/new", fields, 303)).headers["location"]
    assert f'value="{rate}" checked' in (await visitor.get(f"{made}/edit")).source
    await visitor.submit(f"{made}/edit", {**GROUP, "taxes": "shown"}, 303)
    assert f'value="{rate}" checked' not in (await visitor.get(f"{made}/edit")).source
    await visitor.get("/taxes")
    page = await visitor.submit(f"/taxes/{rate}/delete")
    assert "The rate is gone" in page.text
    await visitor.submit(f"/taxes/{rate}/delete", status=404)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"percent": "much"}, "Percent must be a number, such as 8.25."),
        ({"percent": "NaN"}, "Percent must be a number"),
        ({"percent": "0"}, "Percent must be above 0 and below 100"),
        ({"percent": "1.2345"}, "with at most 3 decimals"),
        ({"country": ""}, "Country is missing"),
        ({"name": " "}, "Name is empty"),
    ],
)
async def test_a_rate_that_cannot_be_is_refused(visitor: Visitor, fields: dict[str, str], words: str) -> None:
    await visitor.get("/taxes")
    assert words in (await visitor.submit("/taxes/new", {**RATE, **fields}, 400)).text
