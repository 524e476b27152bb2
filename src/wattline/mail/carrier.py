"""Carries letters to the mail server, one connection for a handful of letters, and tries again what did not go out."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import aiosmtplib
import structlog

from wattline.database.connection import AWAY, Database
from wattline.mail.message import message_of
from wattline.operations.mails import DueLetter, claim_letters, note_failed, note_sent
from wattline.settings import Mail

log = structlog.get_logger(__name__)

AT_ONCE = 20


class Carrier:
    """Looks for due letters every few seconds. Only runs where a mail server is set."""

    def __init__(self, database: Database, settings: Mail, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    async def run(self) -> None:
        """Work until cancelled; a letter under way then goes out again at the next start, at worst twice."""
        while True:
            try:
                while await self.step():
                    pass
            except AWAY as error:
                log.warning("letters wait for the database", error=str(error))
            await asyncio.sleep(self._settings.every_seconds)

    async def step(self) -> int:
        """Carry what is due and return how many letters that were."""
        due = await claim_letters(self._database, limit=AT_ONCE, now=self._clock())
        if due:
            await self._carry(due)
        return len(due)

    async def _carry(self, letters: Sequence[DueLetter]) -> None:
        rules = self._settings
        server = aiosmtplib.SMTP(
            hostname=rules.host,
            port=rules.port,
            username=rules.user,
            password=rules.password,
            use_tls=rules.security == "tls",
            start_tls=rules.security == "starttls",
            timeout=rules.timeout_seconds,
        )
        try:
            async with server:
                for due in letters:
                    await self._hand_over(server, due)
        except (aiosmtplib.SMTPException, OSError) as trouble:
            # The server cannot be talked to: what it has not taken is tried again later.
            for due in letters:
                await self._failed(due, str(trouble), for_good=False)

    async def _hand_over(self, server: aiosmtplib.SMTP, due: DueLetter) -> None:
        message = message_of(due, sender=self._settings.sender)
        try:
            await server.send_message(message)
        except aiosmtplib.SMTPResponseException as answer:
            # RFC 5321 section 4.2.1: 5yz is for good, 4yz may pass.
            await self._failed(due, f"{answer.code} {answer.message}", for_good=answer.code >= 500)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [each.code for each in refused.recipients]
            await self._failed(due, str(refused), for_good=all(code >= 500 for code in codes))
        else:
            await note_sent(self._database, due.id, now=self._clock())

    async def _failed(self, due: DueLetter, failure: str, *, for_good: bool) -> None:
        later = await note_failed(self._database, due, failure=failure, for_good=for_good, now=self._clock())
        log.warning("a letter did not go out", letter=due.id, kind=due.letter.kind, failure=failure, again_at=later)
