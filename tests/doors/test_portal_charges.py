"""Charges in the Portal: the list, and a page that says why a charge is as it is."""

from datetime import timedelta

import pytest

from tests.doors.portal_door import Page, Visitor
from tests.doors.portal_story import NOW, Network, add_charge
from wattline.database.connection import Database


def shown(page: Page) -> list[str]:
    """The numbers of the charges in order."""
    return page.all(r'<a class="name id" href="/charges/\d+">([^<]*)</a>')


async def test_the_newest_stand_first_and_the_head_counts_what_runs(visitor: Visitor) -> None:
    page = await visitor.get("/charges")
    assert "15 run now" in page.text
    assert shown(page)[-1] == "4F9K-0211"


@pytest.mark.parametrize(
    ("query", "words", "count"),
    [
        ("state=charging", "Charging", 13),
        ("state=paused", "Paused · by the car", 2),
        ("state=failed", "Failed · never began", 1),
        ("state=completed", "Completed", 1),
        ("q=7T4Q", "7T4Q-1183", 1),
        ("q=Bassin", "Bassin 7 2", 1),
        ("from=2026-11-20&to=2026-11-20", "7T4Q-1183", 22),
        ("to=2026-11-19", "Nothing matches", 0),
    ],
)
async def test_filters_by_state_text_and_day(visitor: Visitor, query: str, words: str, count: int) -> None:
    page = await visitor.get(f"/charges?{query}")
    assert words in page.text
    assert len(shown(page)) == count or (count > 1 and len(shown(page)) >= count)


async def test_older_ones_follow_without_a_gap(visitor: Visitor, network: Network, database: Database) -> None:
    async with database.begin() as tx:
        for number in range(60):
            await add_charge(
                tx, network, "KOL-0005", 1, created_at=NOW - timedelta(days=2, minutes=number // 2), state="completed",
                human_readable_id=f"OLD-{number:02}", completed_at=NOW,
            )  # fmt: skip
    first = await visitor.get("/charges?q=OLD-")
    assert len(shown(first)) == 50
    (older,) = first.all(r'href="([^"]*)" rel="next"')
    second = await visitor.get(older.replace("&amp;", "&"))
    assert len(shown(second)) == 10
    assert set(shown(first)) | set(shown(second)) == {f"OLD-{number:02}" for number in range(60)}


async def test_one_charge_point_shows_its_own(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(f"/charges?point={network.boxes['KOL-0002']}")
    assert len(shown(page)) == 2


async def test_a_charge_the_car_cut_short_is_explained(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(f"/charges/{network.charges['cut short']}")
    for words in (
        "Completed", "Friday 20 November, 12:51 to 13:47",
        "The car stopped taking energy at 78 %, before the limit of 90 %",
        "Nobody on our side asked it to stop.", "13:37:14 StatusNotification SuspendedEV",
        "StopTransaction reason EVDisconnected", "Energy 77,84 kWh", "Paused by the car", "Settled",
        "Nothing about this charge can change now.", "Meter at end 148.298,244 kWh",
    ):  # fmt: skip
        assert words in page.text, words
    assert "Stop charge…" not in page.text
    assert "hx-sse:connect" not in page.source


async def test_a_charge_that_never_began_says_what_to_try(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(f"/charges/{network.charges['failed']}")
    for words in (
        "Failed · never began", "It never started", "The charge point accepted the start, then did not begin",
        "push the plug in until it clicks", "12:20:02 RemoteStartTransaction Accepted", "no StartTransaction in 5 min",
        "Accepted after 0,8 s.",
    ):  # fmt: skip
        assert words in page.text, words
    assert "No energy was taken" in page.source


async def test_a_paused_charge_says_who_paused_it(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(f"/charges/{network.charges['KBH-0004/1']}")
    assert "Paused · by the car" in page.text
    assert "The car takes no energy now" in page.text
    assert "We cannot overrule a car." in page.text
    assert 'hx-sse:connect="/live/charges/' in page.source


@pytest.mark.parametrize(
    ("reason", "heading"),
    [
        ("ChargePointEmergencyStop", "The emergency stop was pressed"),
        ("ChargePointPowerLoss", "The charge point lost its power"),
        ("no-sign-of-life", "Nothing was heard of it for too long"),
        ("kwh-limit", "Its energy limit was reached"),
        ("ChargePointDeAuthorized", "The charge key was not accepted"),
    ],
)
async def test_ends_that_raise_questions_are_explained(
    visitor: Visitor, network: Network, database: Database, reason: str, heading: str
) -> None:
    charge = network.charges["cut short"]
    async with database.begin() as tx:
        await tx.execute("update charge set stop_reason = $2, raw_state = 'charging' where id = $1", charge, reason)
    assert heading in (await visitor.get(f"/charges/{charge}")).text


async def test_an_ordinary_end_needs_no_explanation(visitor: Visitor, network: Network, database: Database) -> None:
    charge = network.charges["cut short"]
    async with database.begin() as tx:
        await tx.execute(
            "update charge set stop_reason = 'StoppedByUser', raw_state = 'charging' where id = $1", charge
        )
    page = await visitor.get(f"/charges/{charge}")
    assert 'class="why' not in page.source
    assert "Ended because the driver ended it" in page.text


async def test_force_stop_takes_the_payment_away_and_keeps_the_reason(visitor: Visitor, network: Network) -> None:
    charge = network.charges["KOL-0004/1"]
    page = await visitor.get(f"/charges/{charge}")
    assert "and takes its payment away" in page.text
    outcome = await visitor.do(f"/charges/{charge}/force-stop", {"reason": "screen showed a wrong price"})
    assert "Force stopped, nobody pays" in outcome.text
    page = await visitor.get(f"/charges/{charge}")
    assert "It was force stopped" in page.text
    assert "Their reason: screen showed a wrong price" in page.text


async def test_a_stop_without_contact_says_so(visitor: Visitor, network: Network) -> None:
    charge = network.charges["KOL-0004/1"]
    await visitor.get(f"/charges/{charge}")
    assert "The charge point is disconnected." in (await visitor.do(f"/charges/{charge}/stop")).text


async def test_a_completed_charge_cannot_be_stopped(visitor: Visitor, network: Network) -> None:
    charge = network.charges["cut short"]
    await visitor.get(f"/charges/{network.charges['KOL-0004/1']}")
    assert "Stop: not done" in (await visitor.do(f"/charges/{charge}/stop")).text
    await visitor.do(f"/charges/{charge}/explode", {}, 404)


async def test_a_charge_we_only_pay_for_shows_no_log_of_a_foreign_charge_point(
    visitor: Visitor, network: Network, database: Database
) -> None:
    charge = network.charges["KOL-0004/1"]
    async with database.begin() as tx:
        other = await tx.fetchval(
            "insert into operator (name, identifier, created_at) values ('Elsewhere', 'else', $1) returning id", NOW
        )
        await tx.execute("update charge set operator_id = $2 where id = $1", charge, other)
    page = await visitor.get(f"/charges/{charge}")
    assert "Open the log" not in page.text
    assert f'href="/charge-points/{network.boxes["KOL-0004"]}"' not in page.source
