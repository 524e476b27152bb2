"""One's own account: what is changed, what must be proven first, and who is logged out by it."""

import msgspec
import pytest
from litestar import Litestar

from tests.doors.accounts import code_of, deeds, letters_to, link_to, set_up_codes
from tests.doors.portal_door import Clock, Visitor
from tests.doors.portal_story import EMAIL, PASSWORD, Network
from wattline.database.connection import Database
from wattline.settings import Mail

OTHER = "a much better password"


async def test_name_language_and_time_zone(visitor: Visitor) -> None:
    await visitor.get("/account")
    form = {"name": "Night shift", "locale": "da", "time_zone": "Europe/Berlin"}
    assert (await visitor.submit("/account/profile", form, 303)).headers["location"] == "/account?said=saved"
    page = await visitor.get("/account?said=saved")
    assert "Night shift" in page.text
    assert "Saved." in page.text
    for wrong in ({"locale": "xx"}, {"time_zone": "Mars/Olympus"}, {"name": ""}):
        await visitor.submit("/account/profile", {**form, **wrong}, 400)


async def test_a_new_password_logs_out_everywhere_else(visitor: Visitor, portal: Litestar, database: Database) -> None:
    elsewhere = Visitor(portal)
    await elsewhere.log_in()
    await visitor.get("/account")
    await visitor.submit("/account/password", {"password": "short"}, 400)
    await visitor.submit("/account/password", {"password": OTHER}, 303)
    await visitor.get("/account")
    await elsewhere.get("/account", 303)
    await elsewhere.log_in(status=401)
    await elsewhere.log_in(password=OTHER)
    assert (await letters_to(database, EMAIL))[-1][0] == "Your password was changed"
    await elsewhere.http.aclose()


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/account/password", {"password": OTHER}),
        ("/account/email", {"email": "x@y.example"}),
        ("/account/codes/off", {}),
        ("/account/codes/recovery", {}),
        ("/account/codes", {"code": "123456"}),
        ("/account/passkeys/challenge", {}),
        ("/account/passkeys", {"credential": "{}", "passkey_name": "x"}),
        ("/account/passkeys/1/remove", {}),
    ],
)
async def test_after_ten_minutes_one_proves_again_who_one_is(
    visitor: Visitor, clock: Clock, path: str, form: dict[str, str]
) -> None:
    clock.after(minutes=11)
    await visitor.get("/account")
    sent = await visitor.submit(path, form, 303)
    assert sent.headers["location"].startswith("/account/prove?next=/account")


async def test_proving_takes_the_password_and_renews_the_session(
    visitor: Visitor, clock: Clock, portal: Litestar, database: Database
) -> None:
    before = dict(visitor.http.cookies)
    clock.after(minutes=11)
    await visitor.get("/account/prove?next=/account")
    assert "not your password" in (await visitor.submit("/account/prove", {"password": "wrong"}, 401)).text
    landed = await visitor.submit("/account/prove", {"password": PASSWORD, "next": "https://evil.example"}, 303)
    assert landed.headers["location"] == "/account"
    await visitor.get("/account")
    await visitor.submit("/account/password", {"password": OTHER}, 303)
    thief = Visitor(portal)
    thief.http.cookies.update(before)
    await thief.get("/account", 303)
    await thief.http.aclose()
    assert "wrong-password" in await deeds(database)


async def test_another_address_counts_once_its_link_was_opened(
    visitor: Visitor, portal: Litestar, database: Database
) -> None:
    await visitor.get("/account")
    await visitor.submit("/account/email", {"email": "no address"}, 400)
    await visitor.submit("/account/email", {"email": "New@havnelys.example"}, 303)
    assert EMAIL in (await visitor.get("/account")).text
    link = await link_to(database, "New@havnelys.example")
    stranger = Visitor(portal)
    await stranger.get(link)
    await stranger.submit("/new-email", {"ticket": link.partition("ticket=")[2]}, 303)
    await stranger.get(link, 400)
    await stranger.log_in("new@havnelys.example")
    await stranger.log_in(EMAIL, status=401)
    assert "is now New@havnelys.example" in (await letters_to(database, EMAIL))[-1][0]
    await stranger.http.aclose()


async def test_an_address_of_somebody_else_is_not_told(visitor: Visitor, database: Database) -> None:
    await visitor.get("/account")
    known = await visitor.submit("/account/email", {"email": EMAIL}, 303)
    unknown = await visitor.submit("/account/email", {"email": "nobody@else.example"}, 303)
    assert known.headers["location"] == unknown.headers["location"]
    assert (await letters_to(database, EMAIL))[-1][0] == "You have an account already"


async def test_sessions_are_listed_and_ended(visitor: Visitor, portal: Litestar, network: Network) -> None:
    phone, thief = Visitor(portal), Visitor(portal)
    phone.http.headers["user-agent"] = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile/15E148 Safari/604.1"
    )
    await phone.log_in()
    await thief.log_in()
    page = await visitor.get("/account")
    assert "Safari on iPhone" in page.text
    ids = page.all(r'action="/account/sessions/(\d+)/end"')
    assert len(ids) == 2
    await visitor.submit(f"/account/sessions/{ids[0]}/end", {}, 303)
    await visitor.submit(f"/account/sessions/{ids[0]}/end", {}, 404)
    await visitor.submit("/account/sessions/end-others", {}, 303)
    await phone.get("/account", 303)
    await thief.get("/account", 303)
    await visitor.get("/account")
    for each in (phone, thief):
        await each.http.aclose()


async def test_a_forgotten_password_is_replaced_by_link_and_every_session_ends(
    visitor: Visitor, portal: Litestar, database: Database, clock: Clock
) -> None:
    stranger = Visitor(portal, "192.0.2.99")
    await stranger.get("/forgot")
    known = await stranger.submit("/forgot", {"email": EMAIL})
    await stranger.get("/forgot")
    unknown = await stranger.submit("/forgot", {"email": "nobody@havnelys.example"})
    assert known.text.replace(EMAIL, "") == unknown.text.replace("nobody@havnelys.example", "")
    assert await letters_to(database, "nobody@havnelys.example") == []
    link = await link_to(database, EMAIL)
    ticket = link.partition("ticket=")[2]
    await stranger.get(link)
    assert "8 to" in (await stranger.submit("/reset", {"ticket": ticket, "password": "short"}, 400)).text
    await stranger.submit("/reset", {"ticket": ticket, "password": OTHER}, 303)
    await visitor.get("/account", 303)
    await stranger.get("/forgot")
    assert "used already" in (await stranger.submit("/reset", {"ticket": ticket, "password": OTHER}, 400)).text
    await stranger.log_in(password=OTHER)
    await stranger.http.aclose()


async def test_a_reset_link_is_good_for_an_hour(
    stranger: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    await stranger.get("/forgot")
    await stranger.submit("/forgot", {"email": EMAIL})
    clock.after(minutes=61)
    await stranger.get(await link_to(database, EMAIL), 400)


async def test_links_go_where_the_server_is_not_where_a_browser_says(
    stranger: Visitor, network: Network, database: Database
) -> None:
    stranger.http.headers["host"] = "evil.example"
    await stranger.get("/forgot")
    await stranger.submit("/forgot", {"email": EMAIL}, origin="http://evil.example")
    assert "evil" not in (await letters_to(database, EMAIL))[-1][1]


async def test_with_codes_the_password_alone_is_not_enough(
    visitor: Visitor, portal: Litestar, clock: Clock, database: Database
) -> None:
    secret, recovery = await set_up_codes(visitor, clock())
    assert len(set(recovery)) == 10
    stranger = Visitor(portal)
    assert (await stranger.log_in()).headers["location"] == "/login/code"
    await stranger.get("/charges", 303)
    await stranger.get("/login/code")
    spent = code_of(secret, clock())
    assert "used already" in (await stranger.submit("/login/code", {"code": spent}, 401)).text
    clock.after(seconds=30)
    fresh = code_of(secret, clock())
    await stranger.submit("/login/code", {"code": fresh}, 303)
    await stranger.get("/charges")
    replay = Visitor(portal)
    await replay.log_in()
    await replay.get("/login/code")
    await replay.submit("/login/code", {"code": fresh}, 401)
    await replay.submit("/login/code", {"code": recovery[0].upper()}, 303)
    await replay.log_in()
    await replay.get("/login/code")
    await replay.submit("/login/code", {"code": recovery[0]}, 401)
    assert (await letters_to(database, EMAIL))[-1][0] == "A recovery code was used to log in"
    for each in (stranger, replay):
        await each.http.aclose()


async def test_codes_are_not_guessed_at_leisure(visitor: Visitor, portal: Litestar, clock: Clock) -> None:
    secret, _ = await set_up_codes(visitor, clock())
    guesser = Visitor(portal)
    await guesser.log_in()
    await guesser.get("/login/code")
    for _ in range(9):
        await guesser.submit("/login/code", {"code": "000000"}, 401)
    await guesser.submit("/login/code", {"code": "000000"}, 429)
    clock.after(seconds=60)
    await guesser.submit("/login/code", {"code": code_of(secret, clock())}, 429)
    await guesser.http.aclose()


async def test_codes_go_wrong_in_words_and_are_turned_off(visitor: Visitor, portal: Litestar, clock: Clock) -> None:
    await visitor.get("/account/codes")
    assert "is not the one the app shows" in (await visitor.submit("/account/codes", {"code": "1"}, 400)).text
    await set_up_codes(visitor, clock())
    again = await visitor.get("/account")
    assert "10 recovery codes are left" in again.text
    assert "Shown this once" in (await visitor.submit("/account/codes/recovery", {})).text
    await visitor.get("/account")
    await visitor.submit("/account/codes/off", {}, 303)
    stranger = Visitor(portal)
    assert (await stranger.log_in()).headers["location"] == "/"
    await stranger.http.aclose()


async def test_a_session_planted_before_the_log_in_is_worth_nothing(
    visitor: Visitor, portal: Litestar, network: Network
) -> None:
    planted = visitor.http.cookies["wattline_session"]
    victim = Visitor(portal)
    victim.http.cookies.update(visitor.http.cookies)
    await victim.log_in()
    assert victim.http.cookies["wattline_session"] != planted
    # What the attacker holds has ended, and never became the victim's.
    await visitor.get("/account", 303)
    await victim.http.aclose()


@pytest.mark.parametrize(
    "path", ["/account/profile", "/account/password", "/account/codes/off", "/settings/log-in/sign-up"]
)
async def test_forms_of_other_sites_change_nothing(visitor: Visitor, path: str) -> None:
    await visitor.get("/account")
    await visitor.submit(path, {"csrf": "guessed"}, 403)
    await visitor.submit(path, {}, 403, origin="https://evil.example")


@pytest.mark.parametrize("path", ["/sign-up", "/forgot", "/login/code", "/login/passkey", "/login/company", "/reset"])
async def test_forms_before_the_log_in_are_ours_too(stranger: Visitor, network: Network, path: str) -> None:
    await stranger.get("/forgot")
    stranger.http.cookies.clear()
    await stranger.submit(path, {"email": EMAIL}, 403)


async def test_a_passkey_that_is_none_opens_nothing(stranger: Visitor, network: Network) -> None:
    await stranger.get("/login")
    for nonsense in ("", "{}", "[]", '{"rawId": "AAAA"}', '{"rawId": 7}', "x" * 10_000):
        page = await stranger.submit("/login/passkey", {"credential": nonsense}, 401)
        assert "was not accepted" in page.text
        await stranger.get("/login")


async def test_who_manages_no_operator_sees_no_settings(stranger: Visitor, network: Network, visitor: Visitor) -> None:
    page = await visitor.get("/settings/log-in")
    assert "Single sign-on" in page.text
    await visitor.submit("/settings/log-in/sign-up", {"open": "yes", "terms_url": "ftp://x"}, 400)
    await visitor.submit("/settings/log-in/sign-up", {"open": "yes", "terms_url": "https://x.example/terms"}, 303)
    assert "https://x.example/terms" in (await visitor.get("/sign-up")).source


async def test_the_mailbox_shows_links_only_while_it_is_the_only_way_to_them(
    visitor: Visitor, portal: Litestar, database: Database
) -> None:
    await visitor.get("/forgot")
    await visitor.submit("/forgot", {"email": EMAIL})
    secret = (await link_to(database, EMAIL)).partition("ticket=")[2]
    assert secret in (await visitor.get("/mailbox")).source
    settings = portal.state["settings"]
    portal.state["settings"] = msgspec.structs.replace(settings, mail=Mail(host="mail.example"))
    page = await visitor.get("/mailbox")
    assert "Choose a new password" in page.text
    assert secret not in page.source
