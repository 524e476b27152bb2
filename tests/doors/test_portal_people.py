"""Inviting people to teams and operators, and what comes of it."""

import pytest
from litestar import Litestar

from tests.doors.portal_door import Clock, Page, Visitor
from tests.doors.portal_people import account, link_in_last_letter, logged_in, somebody_who_is
from tests.doors.portal_story import NOW, Network, begin_operator
from wattline.database.connection import Database
from wattline.domain.roles import Role, Switch

GUEST = "guest@elsewhere.example"


async def invite(visitor: Visitor, network: Network, who: str, **more: object) -> str:
    await visitor.get(f"/members/invite?team={network.team_id}")
    form = {"team": network.team_id, "who": who, "role": "user", "access": "all", **more}
    page = await visitor.submit("/members/invite", form, 303)
    return page.headers["location"]


async def test_somebody_invited_by_e_mail_accepts_and_is_a_member(
    visitor: Visitor, network: Network, database: Database, portal: Litestar
) -> None:
    where = await invite(visitor, network, GUEST, name="Night shift")
    assert "Invited" in (await visitor.get(where)).text
    link = await link_in_last_letter(database, GUEST)
    stranger = Visitor(portal)
    page = await stranger.get(link)
    assert "Operations manager invites you to the team" in page.text
    assert f'href="/sign-up?invitation={link.rpartition("/")[2]}"' in page.source
    await account(database, GUEST, operator_id=network.operator_id)
    async with logged_in(portal, GUEST) as guest:
        waiting = await guest.get("/invitations")
        assert "Havnelys Energi" in waiting.text
        (accept,) = waiting.all(r'action="(/invitations/\d+/accept)"')
        await guest.submit(accept, {}, 303)
        # From now on they work in the team, as a plain member.
        await guest.get("/charge-points")
        await guest.get(f"/teams/{network.team_id}")
        await guest.get("/members", 403)
    assert "Member" in (await visitor.get(where)).text
    # A link works once.
    assert "was answered already" in (await stranger.get(link)).text
    await stranger.http.aclose()


async def test_an_expired_link_says_so_and_another_letter_helps(
    visitor: Visitor, network: Network, database: Database, portal: Litestar, clock: Clock
) -> None:
    where = await invite(visitor, network, GUEST)
    old = await link_in_last_letter(database, GUEST)
    await account(database, GUEST, operator_id=network.operator_id)
    clock.after(days=15)
    await visitor.log_in()
    assert "has expired" in (await visitor.get(old)).text
    assert "Invitation expired" in (await visitor.get(where)).text
    await visitor.submit(f"{where}/resend", {}, 303)
    await visitor.get(old, 404)
    new = await link_in_last_letter(database, GUEST)
    assert "invites you to the team" in (await visitor.get(new)).text
    async with logged_in(portal, GUEST) as guest:
        assert "Havnelys Energi" in (await guest.get("/invitations")).text


async def test_an_invitation_that_was_taken_back_is_worth_nothing(
    visitor: Visitor, network: Network, database: Database, portal: Litestar
) -> None:
    where = await invite(visitor, network, GUEST)
    link = await link_in_last_letter(database, GUEST)
    await account(database, GUEST, operator_id=network.operator_id)
    async with logged_in(portal, GUEST) as guest:
        (accept,) = (await guest.get("/invitations")).all(r'action="(/invitations/\d+/accept)"')
        await visitor.get(where)
        await visitor.submit(f"{where}/remove", {}, 303)
        assert "was taken back" in (await guest.submit(accept, {}, 400)).text
    assert "was taken back" in (await visitor.get(link)).text
    await visitor.get(where, 404)


async def test_nobody_else_can_answer_an_invitation(
    visitor: Visitor, network: Network, database: Database, portal: Litestar
) -> None:
    await invite(visitor, network, GUEST)
    await account(database, "other@elsewhere.example", operator_id=network.operator_id)
    async with database.read() as connection:
        number = await connection.fetchval("select id from invitation")
    async with logged_in(portal, "other@elsewhere.example") as other:
        assert "None waits" in (await other.get("/invitations")).text
        await other.submit(f"/invitations/{number}/accept", {}, 404)


async def test_the_same_person_is_not_invited_twice_however_they_are_written(
    visitor: Visitor, network: Network
) -> None:
    await invite(visitor, network, GUEST)
    await visitor.get("/members/invite")
    form = {"team": network.team_id, "who": " Guest@Elsewhere.example", "role": "user", "access": "all"}
    assert "in this team already, or invited" in (await visitor.submit("/members/invite", form, 400)).text


@pytest.mark.parametrize("who", ["nobody", "a b@c.example", "<x@y.example>", "=cmd@x.example;", "@x.example"])
async def test_what_is_no_address_is_said_at_its_field(visitor: Visitor, network: Network, who: str) -> None:
    await visitor.get("/members/invite")
    form = {"team": network.team_id, "who": who, "role": "user", "access": "all"}
    assert "is not an e-mail address" in (await visitor.submit("/members/invite", form, 400)).text


async def test_somebody_is_invited_by_user_id_without_telling_who_that_is(
    visitor: Visitor, network: Network, database: Database, portal: Litestar
) -> None:
    theirs = Network(NOW)
    await begin_operator(database, theirs, name="Elsewhere", locale="en", email="else@elsewhere.example")
    user_id = await account(database, GUEST, operator_id=theirs.operator_id, name="Secret name")
    where = await invite(visitor, network, str(user_id))
    page = await visitor.get(where)
    assert f"User {user_id}" in page.text
    assert "Secret name" not in page.source
    assert GUEST not in page.source
    async with logged_in(portal, GUEST) as guest:
        (accept,) = (await guest.get("/invitations")).all(r'action="(/invitations/\d+/accept)"')
        await guest.submit(accept, {}, 303)
    assert "Secret name" in (await visitor.get(where)).text


async def test_who_types_the_join_code_asks_and_the_team_answers(
    visitor: Visitor, network: Network, database: Database, portal: Litestar
) -> None:
    async with database.read() as connection:
        code = await connection.fetchval("select join_code from team where id = $1", network.team_id)
    await account(database, GUEST, operator_id=network.operator_id)
    async with logged_in(portal, GUEST) as guest:
        await guest.get("/invitations")
        assert "is no team’s" in (await guest.submit("/join", {"code": "guessed"}, 400)).text
        assert "You asked to join" in (await guest.submit("/join", {"code": f" {code} "})).text
        assert "already" in (await guest.submit("/join", {"code": code}, 400)).text
        (where,) = (await visitor.get("/members?state=requested")).all(r'href="(/members/\d+)"')
        await visitor.get(where)
        await visitor.submit(f"{where}/accept", {}, 303)
        await guest.get(f"/teams/{network.team_id}")


async def test_a_code_cannot_be_guessed_at_leisure(network: Network, database: Database, portal: Litestar) -> None:
    await account(database, GUEST, operator_id=network.operator_id)
    async with logged_in(portal, GUEST) as guest:
        await guest.get("/invitations")
        for _ in range(8):
            await guest.submit("/join", {"code": "guessed"}, 400)
        assert "Too many tries" in (await guest.submit("/join", {"code": "guessed"}, 400)).text


async def test_a_group_decides_for_its_members_and_changes_them_all(
    visitor: Visitor, network: Network, database: Database
) -> None:
    await visitor.get("/member-groups/new")
    form = {"team": network.team_id, "name": "Employees", "role": "user", Switch.PAY_WITH_TEAM_WALLET: "yes",
            "wallet_use": "operator"}  # fmt: skip
    group = (await visitor.submit("/member-groups/new", form, 303)).headers["location"]
    group_id = group.rpartition("/")[2]
    where = await invite(visitor, network, GUEST, group=group_id)
    page = await visitor.get(where)
    assert page.all(r'name="pay_with_team_wallet" value="yes" checked')
    await visitor.get(group)
    await visitor.submit(group, {"name": "Employees", "role": "user", "wallet_use": "none"}, 303)
    async with database.read() as connection:
        row = await connection.fetchrow("select * from member where member_group_id = $1", int(group_id))
    assert row is not None
    assert (row["can_pay_with_team_wallet"], row["wallet_use"]) == (False, "none")


async def test_a_plain_member_cannot_be_let_at_the_money(visitor: Visitor, network: Network) -> None:
    where = await invite(visitor, network, GUEST)
    await visitor.get(where)
    page = await visitor.submit(where, {"role": "user", "access": "all", Switch.MANAGE_TEAM_WALLET: "yes"}, 400)
    assert "must be admin to manage team wallet" in page.text


async def test_nobody_gives_others_what_they_have_not_themselves(
    visitor: Visitor, network: Network, database: Database, portal: Litestar
) -> None:
    where = await invite(visitor, network, GUEST)
    email = await somebody_who_is(database, network, Role.TEAM_MEMBER, Switch.MANAGE_TEAM_MEMBERS)
    async with logged_in(portal, email) as clerk:
        await clerk.get(where)
        await clerk.submit(where, {"role": "admin", "access": "all"}, 403)
        await clerk.submit(where, {"role": "user", "access": "all", Switch.MANAGE_CHARGE_KEYS: "yes"}, 403)
        await clerk.submit(where, {"role": "user", "access": "all", Switch.MANAGE_TEAM_MEMBERS: "yes"}, 303)
        (own,) = (await clerk.get("/members?q=teammember")).all(r'href="(/members/\d+)"')
        await clerk.get(own)
        page = await clerk.submit(own, {"role": "user", "access": "all", Switch.MANAGE_CHARGE_KEYS: "yes"}, 403)
        assert "nobody changes what they may do themselves" in page.text


async def test_the_owner_cannot_leave_nor_be_removed_until_the_team_is_handed_over(
    visitor: Visitor, network: Network, database: Database, portal: Litestar
) -> None:
    owner = await somebody_who_is(database, network, Role.TEAM_OWNER)
    await somebody_who_is(database, network, Role.TEAM_ADMIN)
    (where,) = (await visitor.get("/members?q=teamowner")).all(r'href="(/members/\d+)"')
    (heir,) = (await visitor.get("/members?q=teamadmin")).all(r'href="(/members/\d+)"')
    await visitor.get(where)
    assert "a team always has one" in (await visitor.submit(f"{where}/remove", {}, 400)).text
    async with logged_in(portal, owner) as leaving:
        await leaving.get(f"/teams/{network.team_id}")
        assert "Hand the team over" in (await leaving.submit(f"/teams/{network.team_id}/leave", {}, 400)).text
        await leaving.submit(f"{heir}/owner", {}, 303)
        await leaving.get(f"/teams/{network.team_id}")
        await leaving.submit(f"/teams/{network.team_id}/leave", {}, 303)
        assert (await leaving.get("/", 303)).headers["location"] == "/invitations"


async def test_people_are_invited_from_a_file_and_every_bad_row_says_why(
    visitor: Visitor, network: Network, database: Database
) -> None:
    rows = [
        "E-mail;Name;Group", "one@x.example;One;", "two@x.example;=cmd|' /C calc'!A0;", ";Nobody;", "one@x.example;;",
        "three@x.example;;Ghosts", "nonsense;;", "",
    ]  # fmt: skip
    await visitor.get("/members/import")
    page = await send_file(visitor, network, "\r\n".join(rows).encode("utf-8-sig"))
    assert "1 person is invited, 5 rows were left out" in page.text
    for said in ("looks like a formula", "has no e-mail address", "stands in line 2 already", "is no member group",
                 "is not an e-mail address"):  # fmt: skip
        assert said in page.text
    assert await link_in_last_letter(database, "one@x.example")
    again = await send_file(visitor, network, "\r\n".join(rows).encode())
    assert "0 people are invited" in again.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"name\nSomebody", "has no column called email"),
        ("email\næ@x.example".encode("latin-1"), "is not UTF-8 (line 2)"),
        ("email\nx@y.example".encode("utf-16"), "is not UTF-8"),
        (b"email\n" + b"somebody@company.example\n" * 100_000, "is larger than 2 MB"),
        (b"email\n" + b"a@b.example\n" * 100_000, "has more than 2,000 rows"),
        (b'email\n"unclosed' + b"x" * 200_000, "cannot be read"),
    ],
)
async def test_a_file_that_cannot_be_meant_is_refused_as_a_whole(
    visitor: Visitor, network: Network, database: Database, content: bytes, said: str
) -> None:
    await visitor.get("/members/import")
    assert said in (await send_file(visitor, network, content, 400)).text
    async with database.read() as connection:
        assert await connection.fetchval("select count(*) from invitation") == 0


async def test_a_team_is_nested_by_code_accepted_and_left_and_never_in_a_circle(
    visitor: Visitor, network: Network, database: Database
) -> None:
    teams = []
    for name in ("Harbour", "Tenants"):
        await visitor.get("/teams/new")
        form = {"name": name, "type": "private", "payment": "source", "currency": "dkk"}
        teams.append((await visitor.submit("/teams/new", form, 303)).headers["location"])
    parent, nested = teams
    async with database.read() as connection:
        codes = {row["name"]: row["join_code"] for row in await connection.fetch("select name, join_code from team")}
    await visitor.get(parent)
    assert "No team has this join code" in (await visitor.submit(f"{parent}/nested", {"code": "none"}, 400)).text
    assert "is the team's own" in (await visitor.submit(f"{parent}/nested", {"code": codes["Harbour"]}, 400)).text
    await visitor.submit(f"{parent}/nested", {"code": codes["Tenants"]}, 303)
    await visitor.get(nested)
    circle = await visitor.submit(f"{nested}/nested", {"code": codes["Harbour"]}, 400)
    assert "would be a circle" in circle.text
    (accept,) = (await visitor.get(nested)).all(r'action="([^"]+/accept)"')
    await visitor.submit(accept, {}, 303)
    assert "Agreed" in (await visitor.get(parent)).text
    await visitor.get(nested)
    await visitor.submit(accept.replace("/accept", "/end"), {}, 303)
    assert "Tenants" not in (await visitor.get(parent)).text


async def test_people_work_for_an_operator_in_roles_and_one_stays_admin(
    visitor: Visitor, network: Network, database: Database, portal: Litestar
) -> None:
    page = await visitor.get("/operators")
    base = f"/operators/{network.operator_id}"
    await visitor.submit(f"{base}/invite", {"email": GUEST, "role": "Bookkeeper"}, 303)
    await account(database, GUEST, operator_id=network.operator_id)
    async with logged_in(portal, GUEST) as guest:
        (accept,) = (await guest.get("/invitations")).all(r'action="(/invitations/\d+/accept)"')
        await guest.submit(accept, {}, 303)
        await guest.get("/wallets")
        await guest.get("/operators", 403)
        page = await visitor.get("/operators")
        assert "Bookkeeper" in page.text
        (person,) = page.all(r'action="(/operators/\d+/people/\d+)"')
        await visitor.submit(person, {"role": "Admin"}, 303)
        await guest.get("/operators")
        await guest.submit(f"{base}/people/{network.user_id}", {"role": ""}, 303)
        assert "Somebody must stay Admin" in (await guest.submit(person, {"role": "SupportAgent"}, 400)).text
    # Whoever was removed has an account, and sees nothing.
    assert (await visitor.get("/", 303)).headers["location"] == "/invitations"
    await visitor.get("/charge-points", 403)


async def test_a_role_of_a_main_account_flows_down_to_its_sub_operators_and_not_up(
    visitor: Visitor, network: Network, database: Database, portal: Litestar
) -> None:
    await visitor.get("/operators")
    made = await visitor.submit("/operators/new", {"name": "Havnelys North", "identifier": "NORTH"}, 303)
    sub = int(made.headers["location"].rpartition("/")[2])
    await visitor.get("/teams/new")
    form = {"name": "Northern team", "type": "private", "payment": "source", "currency": "dkk", "operator": sub}
    team = (await visitor.submit("/teams/new", form, 303)).headers["location"]
    assert "Havnelys North" in (await visitor.get("/teams")).text
    await account(database, "north@havnelys.example", operator_id=sub, role="Admin")
    async with logged_in(portal, "north@havnelys.example") as north:
        await north.get(team)
        await north.get(f"/teams/{network.team_id}", 404)
        await north.get(f"/operators/{network.operator_id}", 404)
        below = {"name": "Below", "identifier": "BELOW"}
        assert "has none below it" in (await north.submit("/operators/new", below, 400)).text


async def test_somebody_with_two_places_switches_between_them(
    network: Network, database: Database, portal: Litestar
) -> None:
    theirs = Network(NOW)
    await begin_operator(database, theirs, name="Nabolys", locale="en", email="else@nabolys.example")
    email = await somebody_who_is(database, network, Role.SUPPORT_AGENT, email="two@places.example")
    async with database.begin() as tx:
        await tx.execute(
            """insert into member (operator_id, team_id, user_id, role, state, created_at, updated_at)
               select $1, $2, id, 'admin', 'accepted', $3, $3 from users where email = $4""",
            theirs.operator_id, theirs.team_id, NOW, email,
        )  # fmt: skip
    async with logged_in(portal, email) as person:
        await person.get(f"/teams/{theirs.team_id}", 404)
        page = await person.get("/charge-points")
        assert "40 on 8 sites" in page.text
        assert "Support agent" in page.text
        await person.submit("/place", {"place": f"team-{theirs.team_id}"}, 303)
        page = await person.get(f"/teams/{theirs.team_id}")
        assert "Team admin" in page.text
        await person.get(f"/teams/{network.team_id}", 404)
        await person.submit("/place", {"place": "operator-999"}, 404)
        await person.submit("/place", {"place": f"operator-{network.operator_id}"}, 303)
        await person.get(f"/teams/{network.team_id}")


async def test_somebody_without_a_place_makes_a_team_and_owns_it(
    network: Network, database: Database, portal: Litestar
) -> None:
    await account(database, GUEST, operator_id=network.operator_id)
    async with logged_in(portal, GUEST) as guest:
        await guest.get("/invitations")
        assert "is empty" in (await guest.submit("/found-a-team", {"name": " ", "type": "private"}, 400)).text
        await guest.submit("/found-a-team", {"name": "Home", "type": "operator"}, 400)
        team = (await guest.submit("/found-a-team", {"name": "Home", "type": "private"}, 303)).headers["location"]
        page = await guest.get(team)
        assert "Owned by Demo driver" in page.text
        assert "1 member" in page.text
        await guest.get("/members/invite")
        await guest.get("/prices/new")
        await guest.get("/operators", 403)
        for _ in range(4):
            await guest.submit("/found-a-team", {"name": "Home", "type": "private"}, 303)
            await guest.get("/invitations")
        assert "You own 5 teams" in (await guest.submit("/found-a-team", {"name": "x", "type": "private"}, 400)).text


async def test_sites_are_made_changed_and_deleted(visitor: Visitor, network: Network) -> None:
    assert "Kolding" in (await visitor.get("/sites")).text
    await visitor.get("/sites/new")
    form = {"team": network.team_id, "name": "Dry dock", "visibility": "private"}
    for wrong, said in (({"latitude": "north"}, "must be a number"), ({"longitude": "400"}, "from -180 to 180"),
                        ({"address1": "Quay 1"}, "is missing"), ({"name": ""}, "is empty")):  # fmt: skip
        assert said in (await visitor.submit("/sites/new", {**form, **wrong}, 400)).text
    where = (await visitor.submit("/sites/new", {**form, "latitude": "56,1", "longitude": "10.2"}, 303)).headers[
        "location"
    ]
    assert "56.1, 10.2" in (await visitor.get(where)).text
    await visitor.get(f"{where}/edit")
    await visitor.submit(f"{where}/edit", {"name": "Wet dock", "visibility": "public"}, 303)
    assert "Wet dock" in (await visitor.get("/sites?q=dock")).text
    await visitor.get(where)
    await visitor.submit(f"{where}/delete", {}, 303)
    await visitor.get(where, 404)


async def send_file(visitor: Visitor, network: Network, content: bytes, status: int = 200) -> Page:
    """Upload a file in the form that was opened last."""
    return await visitor.upload("/members/import", {"team": network.team_id}, content, status)
