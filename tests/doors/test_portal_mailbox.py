"""The mailbox: letters that are kept here because no mail server is set."""

from datetime import timedelta

from litestar import Litestar

from tests.doors.portal_door import Visitor
from tests.doors.portal_story import NOW, Network
from wattline.database.connection import Database
from wattline.operations.mails import Letter, write_letter
from wattline.operations.users import NewUser, create_user


async def write(database: Database, network: Network, subject: str, *, minutes_ago: int = 0) -> None:
    letter = Letter(operator_id=network.operator_id, to_address="fleet@somewhere.example", kind="wallet-short",
                    subject=subject, text="The wallet runs short.\nFill it, please.")  # fmt: skip
    async with database.begin() as tx:
        await write_letter(tx, letter, now=NOW - timedelta(minutes=minutes_ago))


async def test_letters_are_kept_and_the_page_says_why(visitor: Visitor, network: Network, database: Database) -> None:
    assert "No letters yet" in (await visitor.get("/mailbox")).text
    await write(database, network, "Your wallet <runs> short")
    page = await visitor.get("/mailbox")
    for words in ("kept here because no mail server is set", "Your wallet <runs> short", "fleet@somewhere.example",
                  "Kept here", "Fill it, please."):  # fmt: skip
        assert words in page.text, words


async def test_the_newest_stand_first_and_older_ones_follow(
    visitor: Visitor, network: Network, database: Database
) -> None:
    for number in range(35):
        await write(database, network, f"Letter {number:02}", minutes_ago=number)
    first = await visitor.get("/mailbox")
    assert first.all(r"Letter \d\d")[0] == "Letter 00"
    (older,) = first.all(r'href="([^"]*)" rel="next"')
    second = await visitor.get(older.replace("&amp;", "&"))
    assert set(second.all(r"Letter \d\d")) == {f"Letter {number}" for number in range(30, 35)}
    assert "Letter 07" in (await visitor.get("/mailbox?q=letter+07")).text
    assert "Nothing matches" in (await visitor.get("/mailbox?q=postcard")).text


async def test_another_operators_letters_are_not_shown(
    network: Network, portal: Litestar, database: Database, visitor: Visitor
) -> None:
    await write(database, network, "Not for everybody")
    async with database.begin() as tx:
        other = await tx.fetchval(
            "insert into operator (name, identifier, created_at) values ('Elsewhere', 'elsewhere', $1) returning id",
            NOW,
        )
    new = NewUser(operator_id=other, email="else@where.example", display_name="Somebody else")
    await create_user(database, new, password="correct horse battery", now=NOW)
    stranger = Visitor(portal, "192.0.2.10")
    await stranger.log_in("else@where.example")
    assert "No letters yet" in (await stranger.get("/mailbox")).text
    await stranger.http.aclose()
