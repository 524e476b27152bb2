"""Letters: written in the transaction that has the reason for them, carried out afterwards by wattline.mail.

Without a mail server they stay in the mailbox page of the Portal, which shows them all anyway.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.database.connection import Database, Transaction
from wattline.domain.letters import GAVE_UP_AFTER, next_try_at

# Longer than an exchange with a slow mail server; a worker that died meanwhile leaves the letter to the next one.
CLAIMED_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to one address. `kind` names its reason: `receipts`, `wallet-short`, `passcode-reset`."""

    operator_id: int
    to_address: str
    kind: str
    subject: str
    text: str
    html: str | None = None
    attachment_name: str | None = None
    attachment: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLetter:
    """A letter to be carried now."""

    id: int
    attempts: int
    created_at: datetime
    letter: Letter


async def write_letter(tx: Transaction, letter: Letter, *, now: datetime) -> int:
    """Put a letter in the outgoing tray and return its id; it goes out once this transaction is committed."""
    letter_id: int = await tx.fetchval(
        WRITE, letter.operator_id, letter.to_address, letter.kind, letter.subject, letter.text, letter.html,
        letter.attachment_name, letter.attachment, now,
    )  # fmt: skip
    return letter_id


async def claim_letters(database: Database, *, limit: int, now: datetime) -> list[DueLetter]:
    """Take letters that are due; nobody else takes them for five minutes."""
    async with database.begin() as tx:
        rows = await tx.fetch(CLAIM, now, limit, now + CLAIMED_FOR)
    return [
        DueLetter(
            id=row["id"],
            attempts=row["attempts"],
            created_at=row["created_at"],
            letter=Letter(
                operator_id=row["operator_id"],
                to_address=row["to_address"],
                kind=row["kind"],
                subject=row["subject"],
                text=row["text_body"],
                html=row["html_body"],
                attachment_name=row["attachment_name"],
                attachment=row["attachment"],
            ),
        )
        for row in rows
    ]


async def note_sent(database: Database, letter_id: int, *, now: datetime) -> None:
    """The mail server took it."""
    async with database.begin() as tx:
        await tx.execute("update mail set sent_at = $2, due_at = null, failure = null where id = $1", letter_id, now)


async def note_failed(
    database: Database, due: DueLetter, *, failure: str, for_good: bool, now: datetime
) -> datetime | None:
    """Remember why it could not go out; return when it is tried again, None when it is given up."""
    later = None if for_good or now - due.created_at >= GAVE_UP_AFTER else next_try_at(due.attempts, now=now)
    async with database.begin() as tx:
        await tx.execute(
            "update mail set due_at = $2, attempts = attempts + 1, failure = $3 where id = $1", due.id, later, failure
        )
    return later


WRITE = """
insert into mail (operator_id, to_address, kind, subject, text_body, html_body, attachment_name, attachment, created_at,
  due_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) returning id
"""

CLAIM = """
update mail set due_at = $3
where id in (select id from mail where due_at <= $1 order by due_at, id limit $2 for update skip locked)
returning *
"""
