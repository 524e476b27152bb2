"""The list of charge points: what comes first, what filters show, and what stays put while it lives."""

import re

import pytest

from tests.doors.portal_door import Page, Visitor
from tests.doors.portal_story import EMAIL, NOW, Network, begin_operator
from wattline.database.connection import Database
from wattline.portal.charge_points import count_moved


def names(page: Page) -> list[str]:
    """The names of the rows in order."""
    return page.all(r'<a class="name" href="[^"]*">([^<]*)</a>')


async def test_worst_comes_first_then_site_and_number(visitor: Visitor) -> None:
    shown = names(await visitor.get("/charge-points"))
    assert len(shown) == 40
    assert shown[:6] == [
        "HafenCity P2 2",
        "Kolding Syd 3",
        "Odense Havn 1",
        "Odense Havn 2",
        "Odense Havn 3",
        "Bassin 7 1",
    ]


async def test_a_box_with_two_connectors_is_one_row_that_speaks_for_the_worst(visitor: Visitor) -> None:
    page = await visitor.get("/charge-points?q=KOL-0003")
    assert names(page) == ["Kolding Syd 3"]
    assert "Error · isolation fault" in page.text
    assert page.all(r'title="(Connector \d: [^"]*)"') == ["Connector 1: charging", "Connector 2: faulted"]


async def test_words_say_why_and_since_when(visitor: Visitor) -> None:
    page = await visitor.get("/charge-points")
    for words in (
        "Error · lid open", "Disconnected · 1 h 20 min", "Plugged in, no charge · ", "Not drawing · car paused",
        "Reserved · until 14:47", "Done, still plugged · ", "Maintenance", "Never connected",
    ):  # fmt: skip
        assert words in page.text, words


async def test_filters_say_how_many_they_would_show(visitor: Visitor) -> None:
    page = await visitor.get("/charge-points")
    for words in (
        "All 40", "Error 2", "Disconnected 3", "Charging 11", "Occupied, no energy 4", "Waiting 4", "Available 14",
        "Out of use 2",
    ):  # fmt: skip
        assert words in page.text, words
    filtered = await visitor.get("/charge-points?state=disconnected")
    assert names(filtered) == ["Odense Havn 1", "Odense Havn 2", "Odense Havn 3"]


@pytest.mark.parametrize(
    ("sought", "found"),
    [("bassin", 5), ("ros-0002", 1), ("Flensburg", 4), ("100%", 0), ("_", 0), ("Gård", 5), ("nothing like it", 0)],
)
async def test_search_looks_at_names_identities_and_sites(visitor: Visitor, sought: str, found: int) -> None:
    page = await visitor.get(f"/charge-points?q={sought.replace('%', '%25')}")
    assert len(names(page)) == found
    assert ("Nothing matches" in page.text) == (found == 0)


async def test_a_site_can_be_picked_and_stays_with_the_other_filters(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(f"/charge-points?site={network.sites['Odense Havn']}&state=charging")
    assert names(page) == ["Odense Havn 4"]
    assert page.all(rf'href="(/charge-points\?state=error&amp;site={network.sites["Odense Havn"]})"') == []
    assert f"site={network.sites['Odense Havn']}" in page.source


async def test_an_address_that_makes_no_sense_shows_everything(visitor: Visitor) -> None:
    page = await visitor.get("/charge-points?page=minus&site=x&team=99999999999999999999&state=odd")
    assert len(names(page)) == 40


async def test_long_lists_have_pages(visitor: Visitor, network: Network, database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute(
            """insert into connector (operator_id, team_id, name, evse_id, created_at, updated_at)
               select $1, $2, 'Row ' || n, 'E' || n, $3, $3 from generate_series(1, 70) n""",
            network.operator_id, network.team_id, NOW,
        )  # fmt: skip
    first, third = await visitor.get("/charge-points"), await visitor.get("/charge-points?page=3")
    assert "1 to 50 of 110" in first.text
    assert first.all(r'href="(/charge-points\?page=2)" rel="next"')
    assert names(third) == [f"Row {number}" for number in range(61, 71)]
    assert "No serial" in third.text


async def test_nothing_yet_says_how_to_begin(stranger: Visitor, database: Database) -> None:
    await begin_operator(database, Network(NOW), name="Nobody yet", locale="en", email=EMAIL)
    await stranger.log_in()
    page = await stranger.get("/charge-points")
    assert "No charge points yet" in page.text
    assert "No hardware at hand?" in page.text
    assert 'href="/charge-points/add"' in page.source


async def test_figures_are_written_as_the_viewer_reads_them(visitor: Visitor, database: Database) -> None:
    assert "kW now" in (await visitor.get("/charge-points")).text
    danish = (await visitor.get("/charge-points?q=KOL-0002")).text
    async with database.begin() as tx:
        await tx.execute("update users set locale = 'en-GB', time_zone = 'UTC'")
    british = (await visitor.get("/charge-points?q=KOL-0002")).text
    assert "Last 24 h, to 14:32" in danish
    assert "Last 24 h, to 13:32" in british
    assert re.search(r"\d,\d kW ", danish)
    assert re.search(r"\d\.\d kW ", british)


async def test_the_list_can_be_saved_as_a_file(visitor: Visitor) -> None:
    page = await visitor.get("/charge-points.csv")
    rows = page.source.splitlines()
    assert page.headers["content-type"].startswith("text/csv")
    assert len(rows) == 1 + 66
    assert any(",KOL-0004,1,busy-charging,Kolding Syd E45," in row for row in rows)


def test_only_the_rows_that_change_their_place_count_as_moved() -> None:
    assert count_moved([1, 2, 3, 4], [1, 2, 3, 4]) == 0
    assert count_moved([1, 2, 3, 4], [4, 1, 2, 3]) == 1
    assert count_moved([1, 2, 3, 4], [4, 3, 2, 1]) == 3
    assert count_moved([1, 2, 3], [1, 2, 9]) == 1
    assert count_moved([], []) == 0
