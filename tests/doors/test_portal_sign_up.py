"""Making an account: the letter, the link, what strangers learn of it, and who may."""

from datetime import timedelta

from litestar import Litestar

from tests.doors.accounts import deeds, letters_to, link_to, open_sign_up, sign_up
from tests.doors.portal_door import Clock, Visitor
from tests.doors.portal_story import EMAIL, NOW, PASSWORD, Network
from wattline.database.connection import Database

NEW = "driver@new.example"


async def test_a_new_person_signs_up_opens_the_link_and_is_in(
    stranger: Visitor, network: Network, database: Database
) -> None:
    await open_sign_up(database, network.operator_id)
    page = await sign_up(stranger, NEW)
    assert "Look into your mail" in page.text
    await stranger.get(await link_to(database, NEW))
    link = await link_to(database, NEW)
    form = {"ticket": link.partition("ticket=")[2], "password": "another password"}
    assert "not the password you chose" in (await stranger.submit("/sign-up/finish", form, 401)).text
    form["password"] = PASSWORD
    landed = await stranger.submit("/sign-up/finish", form, 303)
    assert landed.headers["location"] == "/"
    assert NEW in (await stranger.get("/account")).text
    assert (await deeds(database))[-2:] == ["sign-up", "log-in"]


async def test_a_link_opens_once_and_for_a_day(
    stranger: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    await open_sign_up(database, network.operator_id)
    await sign_up(stranger, NEW)
    link = await link_to(database, NEW)
    clock.after(hours=25)
    assert "older than 24 hours" in (await stranger.get(link, 400)).text


async def test_the_page_says_the_same_whether_or_not_there_is_an_account(
    stranger: Visitor, network: Network, database: Database
) -> None:
    await open_sign_up(database, network.operator_id)
    unknown, known = await sign_up(stranger, NEW), await sign_up(stranger, EMAIL)
    assert unknown.text.replace(NEW, "") == known.text.replace(EMAIL, "")
    assert unknown.status == known.status
    assert [subject for subject, _ in await letters_to(database, EMAIL)] == ["You have an account already"]
    assert [subject for subject, _ in await letters_to(database, NEW)] == ["Finish your account"]


async def test_where_sign_up_is_closed_nobody_gets_in_but_who_was_invited(
    stranger: Visitor, network: Network, database: Database
) -> None:
    closed = await sign_up(stranger, NEW)
    assert "Look into your mail" in closed.text
    assert await letters_to(database, NEW) == []
    async with database.begin() as tx:
        member_id = await tx.fetchval(
            """insert into member (operator_id, team_id, email, state, created_at, updated_at)
               values ($1, $2, $3, 'invited', $4, $4) returning id""",
            network.operator_id, network.team_id, NEW, NOW,
        )  # fmt: skip
        await tx.execute(
            """insert into invitation (operator_id, member_id, token_hash, email_key, sent_at, expires_at)
               values ($1, $2, 'x', $3, $4, $5)""",
            network.operator_id, member_id, NEW, NOW, NOW + timedelta(days=7),
        )  # fmt: skip
    await sign_up(stranger, NEW)
    assert [subject for subject, _ in await letters_to(database, NEW)] == ["Finish your account"]


async def test_a_form_with_holes_says_what_is_missing(stranger: Visitor, network: Network, database: Database) -> None:
    await open_sign_up(database, network.operator_id)
    assert "Without this" in (await sign_up(stranger, NEW, status=400, terms="")).text
    assert "at least" in (await sign_up(stranger, NEW, status=400, password="short")).text.lower()
    assert "not an e-mail address" in (await sign_up(stranger, "nobody", status=400)).text
    assert "is empty" in (await sign_up(stranger, NEW, status=400, name=" ")).text
    assert await letters_to(database, NEW) == []


async def test_nobody_can_flood_a_mailbox(stranger: Visitor, network: Network, database: Database) -> None:
    await open_sign_up(database, network.operator_id)
    for _ in range(5):
        assert "Look into your mail" in (await sign_up(stranger, NEW)).text
    assert len(await letters_to(database, NEW)) == 3


async def test_the_name_of_a_stranger_is_in_no_letter(stranger: Visitor, network: Network, database: Database) -> None:
    await open_sign_up(database, network.operator_id)
    await sign_up(stranger, NEW, name="Win a prize at https://evil.example")
    assert "evil" not in (await letters_to(database, NEW))[0][1]


async def test_the_first_of_two_who_finish_has_the_account(
    stranger: Visitor, network: Network, database: Database, portal: Litestar
) -> None:
    await open_sign_up(database, network.operator_id)
    tickets = []
    for _ in range(2):
        await sign_up(stranger, NEW)
        tickets.append((await link_to(database, NEW)).partition("ticket=")[2])
    await stranger.get(f"/sign-up/finish?ticket={tickets[0]}")
    await stranger.submit("/sign-up/finish", {"ticket": tickets[0], "password": PASSWORD}, 303)
    second = Visitor(portal)
    await second.get(f"/sign-up/finish?ticket={tickets[1]}")
    page = await second.submit("/sign-up/finish", {"ticket": tickets[1], "password": PASSWORD}, 400)
    assert "has an account already" in page.text
    await second.http.aclose()


async def test_somebody_new_makes_a_team_and_works_there(
    stranger: Visitor, network: Network, database: Database
) -> None:
    await open_sign_up(database, network.operator_id)
    await sign_up(stranger, NEW)
    ticket = (await link_to(database, NEW)).partition("ticket=")[2]
    await stranger.get(f"/sign-up/finish?ticket={ticket}")
    await stranger.submit("/sign-up/finish", {"ticket": ticket, "password": PASSWORD}, 303)
    for number in range(5):
        await stranger.get("/account/team")
        await stranger.submit("/account/team", {"team": f"Yard {number}"}, 303)
    page = await stranger.get("/charge-points")
    assert "Yard 4" in page.text
    assert "Kolding" not in page.text
    await stranger.get("/account/team")
    assert "You own 5 teams" in (await stranger.submit("/account/team", {"team": "Yard 5"}, 400)).text


async def test_where_sign_up_is_closed_teams_are_made_by_the_operator(visitor: Visitor) -> None:
    await visitor.get("/account/team")
    assert "Ask to be invited" in (await visitor.submit("/account/team", {"team": "Yard"}, 400)).text
    await visitor.submit("/account/team", {"team": " "}, 400)
