"""Waiting for a new charge point: what is told while it stays away, and that the page moves on by itself."""

import re

import pytest
from litestar import Litestar

from tests.doors.portal_adding import Adding, elsewhere
from tests.doors.portal_door import Clock, Page, Visitor
from tests.doors.portal_story import NOW, Network
from tests.doors.test_portal_live import listening
from wattline.database.connection import Database
from wattline.operations.reference_data import seed


@pytest.fixture
async def adding(visitor: Visitor, network: Network, database: Database, clock: Clock) -> Adding:
    """A charge point with two connectors is to call as KOL-0007."""
    await seed(database, now=NOW)
    adding = Adding(visitor, network, database, clock)
    await adding.place()
    await adding.hardware()
    return adding


def stations(page: Page) -> list[str]:
    """Read what we have seen, as people read it: ok, bad, now or nothing for each step."""
    seen = page.source.split('id="verify-seen"')[1].split("</ol>")[0]
    return re.findall(r'<li(?: class="(\w+)")?>', seen)


async def test_nothing_yet_is_normal_for_ten_minutes(adding: Adding) -> None:
    page = await adding.verify()
    assert "Waiting for the charge point to call" in page.text
    assert "Nothing yet from this charge point" in page.text
    assert stations(page) == ["now", "", "", "", "", ""]
    assert "Look at the network on site; a SIM card" in page.text
    since = adding.clock.now.isoformat().replace("+", "%2B")
    adding.clock.after(minutes=10)
    page = await adding.visitor.get(f"{adding.base}/verify?since={since}")
    assert "Nothing has called for 10 minutes" in page.text


async def test_a_slip_in_the_name_is_shown_letter_by_letter(adding: Adding) -> None:
    await adding.is_refused("KOL-OOO7", "unknown", times=3)
    page = await adding.verify()
    assert "It called, with a different identity" in page.text
    assert 'KOL-<span class="diff">OOO</span>7' in page.source
    assert 'KOL-<span class="diff">000</span>7' in page.source
    assert "with the letter O" in page.text
    assert "3 times, last at" in page.text
    assert "from 87.59.·.·" in page.text
    assert "87.59.12.4" not in page.source
    assert stations(page) == ["ok", "bad", "", "", "", ""]


async def test_its_name_is_taken_over_and_it_is_let_in(adding: Adding) -> None:
    await adding.is_refused("KOL-OOO7", "unknown")
    await adding.verify()
    page = await adding.visitor.submit(f"{adding.base}/identity", {"identity": "KOL-OOO7"}, 303)
    page = await adding.visitor.get(page.headers["location"])
    assert "Waiting for the charge point to call" in page.text
    assert 'It names itself <span class="id">KOL-OOO7</span>' in page.source


@pytest.mark.parametrize("called", ["KOL-0001", "ODE-7777", "KOL-OOO8"])
async def test_other_peoples_charge_points_are_not_told_of(adding: Adding, called: str) -> None:
    theirs = await elsewhere(adding.database, "KOL-0008")
    async with adding.database.begin() as tx:
        await tx.execute("update charge_point set connected_at = null where id = $1", theirs.boxes["KOL-0008"])
    await adding.is_refused(called, "unknown")
    page = await adding.verify()
    assert "Waiting for the charge point to call" in page.text
    assert called not in page.source


@pytest.mark.parametrize(
    ("reason", "detail", "heading", "at"),
    [
        ("password", None, "It called, but its password is wrong", 2),
        ("no-password", None, "It called, but without a password", 2),
        ("subprotocol", "ocpp2.0.1", "It called, but wants to speak another OCPP", 3),
    ],
)
async def test_a_refused_call_is_explained(
    adding: Adding, reason: str, detail: str | None, heading: str, at: int
) -> None:
    await adding.is_refused("KOL-0007", reason, times=2, detail=detail)  # type: ignore[arg-type]
    page = await adding.verify()
    assert heading in page.text
    assert "2 times, last at" in page.text
    assert stations(page) == [*["ok"] * at, "bad", *[""] * (5 - at)]
    assert (detail or "") in page.text


async def test_too_many_failures_only_take_time(adding: Adding) -> None:
    await adding.is_refused("KOL-0007", "throttled")
    page = await adding.verify()
    assert "It failed too often, so we let it wait" in page.text
    assert stations(page) == ["ok", "ok", "now", "", "", ""]


async def test_listening_again_forgets_what_was(adding: Adding) -> None:
    await adding.is_refused("KOL-0007", "password")
    await adding.verify()
    adding.clock.after(seconds=1)
    page = await adding.visitor.submit(f"{adding.base}/listen", status=303)
    assert "Waiting for the charge point" in (await adding.visitor.get(page.headers["location"])).text


async def test_a_new_password_makes_old_failures_void(adding: Adding) -> None:
    await adding.is_refused("KOL-0007", "password")
    adding.clock.after(seconds=1)
    await adding.visitor.get(f"{adding.base}/set-up")
    await adding.visitor.submit(f"{adding.base}/password")
    assert "Waiting for the charge point" in (await adding.verify()).text


async def test_connected_without_a_word_is_noticed(adding: Adding) -> None:
    await adding.connects()
    assert "Now it should introduce itself" in (await adding.verify()).text
    adding.clock.after(seconds=30)
    page = await adding.verify()
    assert "has not introduced itself" in page.text
    assert stations(page) == ["ok", "ok", "ok", "ok", "bad", ""]


async def test_a_connector_that_stays_silent_is_named(adding: Adding) -> None:
    await adding.connects()
    await adding.boots()
    await adding.reports(1)
    assert "Now each connector should report" in (await adding.verify()).text
    adding.clock.after(minutes=1)
    page = await adding.verify()
    assert "Connector 2 has not reported yet" in page.text
    assert "1: Available · 2: nothing yet" in page.text
    assert "Go on all the same" in page.text


async def test_a_connector_too_many_is_noticed(adding: Adding) -> None:
    await adding.comes()
    await adding.reports(3)
    page = await adding.verify()
    assert "it also reports connector 3, which you have not set up" in page.text
    assert "Correct the connectors" in page.text


async def test_two_charge_points_under_one_name_are_noticed(adding: Adding) -> None:
    await adding.comes()
    await adding.connects(alarm="two-sockets", replaces="87.59.12.4", address="10.1.2.3")
    page = await adding.verify()
    assert "Two charge points use this identity" in page.text
    assert "from 10.1.·.·" in page.text


async def test_one_that_was_here_already_is_told_as_such(adding: Adding) -> None:
    await adding.comes()
    adding.clock.after(hours=30)
    await adding.visitor.log_in()
    page = await adding.verify()
    assert "It is connected, and all is as it should be" in page.text
    async with adding.database.begin() as tx:
        await tx.execute(
            "update charge_point set connected = false, disconnected_at = $2 where id = $1",
            await adding.box_id(), adding.clock.now,
        )  # fmt: skip
    assert "It was here, and is gone" in (await adding.verify()).text


async def test_the_page_moves_on_by_itself(adding: Adding, portal: Litestar) -> None:
    page = await adding.verify()
    (path,) = page.all(r'hx-sse:connect="([^"]*)"')
    async with listening(portal, adding.visitor, path.replace("&amp;", "&")) as stream:
        assert "Waiting for the charge point to call" in await stream.message()
        await adding.is_refused("KOL-OOO7", "unknown")
        assert "It called, with a different identity" in await stream.part("verify-told")
        await adding.comes()
        told = ""
        while "all is as it should be" not in told:
            told = await stream.message()
    assert 'href="' + adding.base + '/access">Go on' in told
    assert "alpitronic GmbH HYC150, firmware 1.8.4-2" in told


async def test_buttons_stay_while_only_the_count_goes_up(adding: Adding, portal: Litestar) -> None:
    await adding.is_refused("KOL-OOO7", "unknown")
    page = await adding.verify()
    (path,) = page.all(r'hx-sse:connect="([^"]*)"')
    async with listening(portal, adding.visitor, path.replace("&amp;", "&")) as stream:
        assert "verify-told" in await stream.message()
        await adding.is_refused("KOL-OOO7", "unknown")
        told = await stream.message()
    assert "2 times, last at" in told
    assert 'hx-target="#verify-told"' not in told
