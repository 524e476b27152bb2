"""Contact support: the page's context goes along, a letter leaves, the answer comes back, strangers see nothing."""

from tests.doors.portal_door import Visitor
from tests.doors.portal_story import EMAIL, Network, give_away
from wattline.database.connection import Database

QUESTION = {"subject": "It stopped at 78 %", "text": "The driver wanted 90 %.\nWhat happened?"}


async def ask(visitor: Visitor, **about: str) -> int:
    await visitor.get("/support/new?" + "&".join(f"{name}={value}" for name, value in about.items()))
    made = await visitor.submit("/support/new", QUESTION | about, 303)
    return int(made.headers["location"].rsplit("/", 1)[1])


async def test_a_question_takes_findings_along_and_leaves_as_a_letter(
    visitor: Visitor, network: Network, database: Database
) -> None:
    async with database.begin() as tx:
        await tx.execute(
            "update operator set support_email = 'help@havnelys.example' where id = $1", network.operator_id
        )
    charge = network.charges["cut short"]
    form = await visitor.get(f"/support/new?charge={charge}")
    assert "The car stopped taking energy at 78 %" in form.text
    ticket = await ask(visitor, charge=str(charge))
    page = await visitor.get(f"/support/{ticket}")
    for words in ("It stopped at 78 %", "Open", "SuspendedEV", "Charge point KOL-0005", "What happened?"):
        assert words in page.text, words
    async with database.read() as connection:
        letter = await connection.fetchrow("select * from mail where kind = 'support'")
    assert letter is not None
    assert letter["to_address"] == "help@havnelys.example"
    assert letter["subject"] == f"[{ticket}] It stopped at 78 %"
    assert "StatusNotification SuspendedEV" in letter["text_body"]
    assert "It stopped at 78 %" in (await visitor.get("/support?state=open")).text


async def test_an_answer_is_mailed_and_the_question_can_be_closed_and_asked_again(
    visitor: Visitor, network: Network, database: Database
) -> None:
    ticket = await ask(visitor)
    async with database.begin() as tx:
        other = await tx.fetchval(
            """insert into users (operator_id, email, email_key, display_name, password_hash, role,
                 created_at, updated_at)
               select operator_id, 'driver@havnelys.example', 'driver@havnelys.example', 'Demo driver', '-', 'Driver',
                 created_at, created_at from users where id = $1 returning id""",
            network.user_id,
        )
        await tx.execute(
            "update support_ticket set user_id = $2, reply_to = 'driver@havnelys.example' where id = $1", ticket, other
        )
    await visitor.get(f"/support/{ticket}")
    await visitor.submit(f"/support/{ticket}/answer", {"text": "The car decides that."}, 303)
    page = await visitor.get(f"/support/{ticket}")
    assert "Answered" in page.text
    assert "The car decides that." in page.text
    async with database.read() as connection:
        to = await connection.fetchval("select to_address from mail where kind = 'support' order by id desc limit 1")
    assert to == "driver@havnelys.example"
    await visitor.submit(f"/support/{ticket}/close", {}, 303)
    assert "Closed" in (await visitor.get(f"/support/{ticket}")).text
    refused = await visitor.do(f"/support/{ticket}/close", {}, 400)
    assert "The question is closed." in refused.text


async def test_without_an_address_for_support_an_admin_gets_the_letter(visitor: Visitor, database: Database) -> None:
    await ask(visitor)
    async with database.read() as connection:
        assert await connection.fetchval("select to_address from mail where kind = 'support'") == EMAIL


async def test_an_empty_or_endless_question_is_refused_with_words(visitor: Visitor) -> None:
    await visitor.get("/support/new")
    assert "is empty" in (await visitor.do("/support/new", {"subject": "x", "text": " "}, 400)).text
    long = await visitor.do("/support/new", {"subject": "x" * 151, "text": "y"}, 400)
    assert "is longer than 150 characters" in long.text


async def test_twenty_questions_a_day_are_enough(visitor: Visitor) -> None:
    for _ in range(20):
        await ask(visitor)
    refused = await visitor.do("/support/new", QUESTION, 400)
    assert "You have asked many questions today." in refused.text


async def test_somebody_elses_charge_charge_point_and_question_are_unknown(
    visitor: Visitor, network: Network, database: Database
) -> None:
    theirs = await give_away(database, network, "KOL-0004")
    await visitor.get(f"/support/new?charge={network.charges['KOL-0004/1']}", 404)
    await visitor.get(f"/support/new?point={network.boxes['KOL-0004']}", 404)
    ticket = await ask(visitor)
    async with database.begin() as tx:
        await tx.execute(
            "update support_ticket set operator_id = $2, user_id = $3 where id = $1", ticket, theirs.operator_id,
            theirs.user_id,
        )  # fmt: skip
    await visitor.get(f"/support/{ticket}", 404)
    await visitor.do(f"/support/{ticket}/answer", {"text": "x"}, 404)
    await visitor.do(f"/support/{ticket}/close", {}, 404)
    assert "No questions" in (await visitor.get("/support")).text


async def test_markup_in_a_question_is_only_text(visitor: Visitor) -> None:
    await visitor.get("/support/new")
    made = await visitor.submit("/support/new", {"subject": "<b>x</b>", "text": "<script>1</script>"}, 303)
    page = await visitor.get(made.headers["location"])
    assert "<script>1" not in page.source
    assert "<b>x</b>" not in page.source
