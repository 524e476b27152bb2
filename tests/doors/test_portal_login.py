"""Logging in: who gets in, what the others learn, and where one lands."""

import pytest
from litestar import Litestar

from tests.doors.portal_door import Clock, Visitor
from tests.doors.portal_story import EMAIL, NOW, PASSWORD, Network
from wattline.database.connection import Database
from wattline.operations.users import NewUser, create_user
from wattline.web.pages import safe_next


async def test_right_password_leads_to_the_charge_points(stranger: Visitor, network: Network) -> None:
    landed = await stranger.log_in()
    assert landed.headers["location"] == "/"
    assert "HttpOnly" in landed.headers["set-cookie"]
    page = await stranger.get("/charge-points")
    assert "40 on 8 sites" in page.text
    assert "Operations manager" in page.text


async def test_the_first_page_is_the_list_of_charge_points(visitor: Visitor) -> None:
    assert "Overview" in (await visitor.get("/")).text


async def test_a_session_that_nobody_uses_ends_and_leads_back_to_where_one_was(visitor: Visitor, clock: Clock) -> None:
    for _ in range(3):
        clock.after(hours=11)
        await visitor.get("/charges?state=failed")
    clock.after(hours=13)
    sent = await visitor.get("/charges?state=failed", 303)
    assert sent.headers["location"] == "/login?next=%2Fcharges%3Fstate%3Dfailed"


async def test_even_a_session_in_use_ends_after_two_weeks(visitor: Visitor, clock: Clock) -> None:
    for _ in range(27):
        clock.after(hours=12, minutes=-1)
        await visitor.get("/charges")
    clock.after(hours=12, minutes=-1)
    clock.after(minutes=30)
    await visitor.get("/charges", 303)


async def test_a_page_left_open_does_not_keep_the_session(visitor: Visitor, network: Network, clock: Clock) -> None:
    stream = f"/live/charges/{network.charges['cut short']}"
    clock.after(hours=13)
    await visitor.get(stream, 401, accept="text/event-stream")


async def test_unknown_e_mail_and_wrong_password_read_alike(stranger: Visitor, network: Network) -> None:
    unknown = await stranger.log_in("nobody@havnelys.example", "whatever it is", 401)
    wrong = await stranger.log_in(EMAIL, "whatever it is", 401)
    assert unknown.text.replace("nobody@havnelys.example", "") == wrong.text.replace(EMAIL, "")
    assert "E-mail or password is wrong." in wrong.text


async def test_a_driver_finds_only_what_waits_for_their_answer(
    stranger: Visitor, network: Network, database: Database
) -> None:
    driver = NewUser(
        operator_id=network.operator_id, email="driver@havnelys.example", display_name="Demo driver", role="Driver"
    )
    await create_user(database, driver, password=PASSWORD, now=NOW)
    await stranger.log_in("driver@havnelys.example")
    assert (await stranger.get("/", 303)).headers["location"] == "/invitations"
    await stranger.get("/invitations")
    assert "Your role does not reach this far" in (await stranger.get("/charge-points", 403)).text


async def test_after_eight_tries_even_the_right_password_waits(
    stranger: Visitor, network: Network, clock: Clock
) -> None:
    for _ in range(8):
        await stranger.log_in(EMAIL, "a guess too many", 401)
    assert "Too many tries" in (await stranger.log_in(EMAIL, PASSWORD, 429)).text
    clock.after(minutes=11)
    await stranger.log_in(EMAIL, PASSWORD)


async def test_one_address_cannot_try_everybody(stranger: Visitor, network: Network) -> None:
    statuses = []
    for number in range(41):
        await stranger.get("/login")
        assert stranger.last is not None
        form = {"csrf": stranger.last.csrf, "email": f"somebody{number}@havnelys.example", "password": "a guess"}
        statuses.append((await stranger.http.post("/login", data=form)).status_code)
    assert statuses == [401] * 40 + [429]


async def test_pages_ask_to_log_in_and_lead_back(stranger: Visitor, network: Network) -> None:
    turned_away = await stranger.get("/charges?state=failed", 303)
    assert turned_away.headers["location"] == "/login?next=%2Fcharges%3Fstate%3Dfailed"
    await stranger.get(turned_away.headers["location"])
    landed = await stranger.submit(
        "/login", {"email": EMAIL, "password": PASSWORD, "next": "/charges?state=failed"}, 303
    )
    assert landed.headers["location"] == "/charges?state=failed"


@pytest.mark.parametrize(
    "wish",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "/\t/evil.example", "",
    ],
)  # fmt: skip
def test_next_never_leads_off_the_site(wish: str) -> None:
    assert safe_next(wish) == "/"


async def test_a_session_ends_with_the_log_out(visitor: Visitor, portal: Litestar) -> None:
    stolen = dict(visitor.http.cookies)
    await visitor.get("/charge-points")
    assert (await visitor.submit("/logout", {}, 303)).headers["location"] == "/login"
    thief = Visitor(portal)
    thief.http.cookies.update(stolen)
    assert (await thief.get("/charge-points", 303)).headers["location"].startswith("/login")
    await thief.http.aclose()


async def test_a_session_ends_after_its_days(visitor: Visitor, clock: Clock) -> None:
    clock.after(days=31)
    await visitor.get("/charge-points", 303)


async def test_a_form_sent_too_late_says_so(visitor: Visitor, clock: Clock, network: Network) -> None:
    box = network.boxes["KOL-0004"]
    await visitor.get(f"/charge-points/{box}")
    clock.after(days=31)
    page = await visitor.submit(f"/charge-points/{box}/deeds/reboot", {"kind": "Soft"}, 401)
    assert "You were logged out" in page.text
    assert "Nothing was changed" in page.text


async def test_a_part_of_a_page_asked_for_too_late_leads_to_the_log_in_and_back(
    visitor: Visitor, clock: Clock, network: Network
) -> None:
    looked_at = f"http://wattline.test/charge-points/{network.boxes['KOL-0004']}?tab=now"
    await visitor.get(looked_at)
    clock.after(days=31)
    # htmx says of every request that it would take a stream as well.
    asked = {"hx-request": "true", "hx-current-url": looked_at, "accept": "text/html, text/event-stream"}
    sent = await visitor.get("/palette?q=kol", 200, **asked)
    back = f"/login?next=%2Fcharge-points%2F{network.boxes['KOL-0004']}%3Ftab%3Dnow"
    assert sent.headers["hx-redirect"] == back
    told = await visitor.submit(f"/charge-points/{network.boxes['KOL-0004']}/check", {}, 401, **asked)
    assert f'href="{back}"' in told.source


async def test_the_database_keeps_no_token(visitor: Visitor, database: Database) -> None:
    token = visitor.http.cookies["wattline_session"]
    async with database.read() as connection:
        kept = await connection.fetchval("select token_hash from web_session")
    assert token.encode() not in kept
    assert len(kept) == 32
