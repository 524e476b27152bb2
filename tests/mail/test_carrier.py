"""Letters go to a real SMTP server, wait while it is away, and are not sent to an address it refuses for good."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.operations.story import NOON, Story, begin_story
from wattline.database.connection import Database
from wattline.mail.carrier import Carrier
from wattline.operations.mails import Letter, write_letter
from wattline.settings import Mail


@dataclass
class Postbox:
    """What the mail server took; `refuse` maps addresses to the answer they get."""

    port: int = 0
    taken: list[Message] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.taken.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    """A mail server on this machine."""
    box = Postbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    await server.wait_closed()


@pytest.fixture
async def story(database: Database) -> Story:
    return await begin_story(database)


def carrier_of(story: Story, port: int) -> Carrier:
    settings = Mail(host="127.0.0.1", port=port, security="none", sender="Wattline <hello@wattline.example>")
    return Carrier(story.database, settings, clock=lambda: story.now)


async def write(story: Story, to_address: str = "driver@wattline.example", **more: object) -> int:
    letter = Letter(
        **{
            "operator_id": story.viewer.operator_id,
            "to_address": to_address,
            "kind": "receipts",
            "subject": "Your receipts\nof May",
            "text": "They are attached. Tschüß!",
            **more,
        }  # type: ignore[arg-type]
    )
    async with story.database.begin() as tx:
        return await write_letter(tx, letter, now=story.now)


async def fate(story: Story, letter_id: int) -> tuple[bool, str | None, bool]:
    async with story.database.read() as connection:
        row = await connection.fetchrow("select * from mail where id = $1", letter_id)
    assert row is not None
    return row["sent_at"] is not None, row["failure"], row["due_at"] is not None


async def test_a_letter_arrives_once_with_its_attachment(story: Story, postbox: Postbox) -> None:
    letter_id = await write(story, html="<p>They are attached.</p>", attachment_name="may.zip", attachment=b"PK zip")
    carrier = carrier_of(story, postbox.port)
    assert [await carrier.step(), await carrier.step()] == [1, 0]
    [message] = postbox.taken
    assert (message["To"], message["Subject"]) == ("driver@wattline.example", "Your receipts of May")
    assert message["Message-ID"] == f"<letter-{letter_id}@wattline.example>"
    parts = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert parts == ["text/plain", "text/html", "application/zip"]
    assert await fate(story, letter_id) == (True, None, False)


async def test_letters_wait_while_the_server_is_away(story: Story, postbox: Postbox) -> None:
    letter_id = await write(story)
    nobody_listens = 1
    await carrier_of(story, nobody_listens).step()
    sent, failure, waits = await fate(story, letter_id)
    assert (sent, waits) == (False, True)
    assert failure
    carrier = carrier_of(story, postbox.port)
    assert await carrier.step() == 0
    story.now += timedelta(minutes=1)
    assert await carrier.step() == 1
    assert len(postbox.taken) == 1


async def test_one_address_that_is_refused_for_good_holds_up_nobody(story: Story, postbox: Postbox) -> None:
    postbox.refuse = {"gone@wattline.example": "550 No such person", "full@wattline.example": "452 Mailbox full"}
    gone, full = await write(story, "gone@wattline.example"), await write(story, "full@wattline.example")
    fine = await write(story)
    await carrier_of(story, postbox.port).step()
    assert [(await fate(story, each))[0] for each in (gone, full, fine)] == [False, False, True]
    assert [(await fate(story, each))[2] for each in (gone, full)] == [False, True]


async def test_a_letter_nobody_takes_is_given_up_after_two_days(story: Story) -> None:
    letter_id = await write(story)
    nobody_listens = carrier_of(story, 1)
    tries = 0
    while (await fate(story, letter_id))[2]:
        tries += await nobody_listens.step()
        story.now += timedelta(hours=1)
    assert story.now - NOON >= timedelta(days=2)
    assert 20 < tries < 50
