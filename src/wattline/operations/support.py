"""Ask an operator's support, answer, ask again, close. Each goes out as a letter to the other side."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Right, Viewer, may, must
from wattline.domain.refusals import NotAllowed, NotReady, Unknown
from wattline.domain.support import (
    ASKED_PER_DAY_MAX,
    CONTEXT_LENGTH_MAX,
    SUBJECT_LENGTH_MAX,
    Said,
    TicketState,
    checked_text,
    moved,
)
from wattline.operations import audit
from wattline.operations.mails import Letter, write_letter

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody asks. The caller has checked that they may see the charge and the charge point it names."""

    subject: str
    text: str
    context: str = ""
    charge_id: int | None = None
    charge_point_id: int | None = None


async def ask(database: Database, question: Question, *, asked_by: Viewer, web_url: str, now: datetime) -> int:
    """Open a question to the support of the viewer's operator and return its id. Raises Invalid, NotReady."""
    if asked_by.user_id is None:
        raise NotAllowed(needed="to be a person: support writes back to somebody")
    subject = " ".join(checked_text(question.subject, field="subject", longest=SUBJECT_LENGTH_MAX).split())
    text = checked_text(question.text, field="text")
    async with database.begin() as tx:
        email = await tx.fetchval("select email from users where id = $1 for no key update", asked_by.user_id)
        if await tx.fetchval(ASKED_LATELY, asked_by.user_id, now - DAY) >= ASKED_PER_DAY_MAX:
            raise NotReady("You have asked many questions today. Add to one of these, or come back tomorrow.")
        team_id = asked_by.team_ids[0] if asked_by.team_ids else None
        ticket_id: int = await tx.fetchval(
            OPEN, asked_by.operator_id, team_id, asked_by.user_id, asked_by.name, email, subject, text,
            question.charge_id, question.charge_point_id, question.context[:CONTEXT_LENGTH_MAX], now,
        )  # fmt: skip
        body = f"{asked_by.name} <{email}> asks:\n\n{text}\n\nAnswer at {_address(web_url, ticket_id)}\n\n"
        body += question.context[:CONTEXT_LENGTH_MAX]
        await _to_support(tx, asked_by.operator_id, f"[{ticket_id}] {subject}", body, now)
        await audit.note(tx, asked_by, "ask", "support-ticket", ticket_id, now=now)
    return ticket_id


async def add_message(
    database: Database, ticket_id: int, text: str, *, asked_by: Viewer, web_url: str, now: datetime
) -> None:
    """Answer a question as support, or add to one's own. Raises Unknown, Invalid, NotReady."""
    text = checked_text(text, field="text")
    async with database.begin() as tx:
        ticket = await _lock(tx, ticket_id, asked_by)
        own = ticket["user_id"] == asked_by.user_id
        await _move(tx, ticket, Said.ASKED_AGAIN if own else Said.ANSWERED, now)
        await tx.execute(ADD, ticket_id, now, asked_by.name, not own, text)
        subject = f"[{ticket_id}] {ticket['subject']}"
        body = f"{asked_by.name} writes:\n\n{text}\n\nThe whole question: {_address(web_url, ticket_id)}\n"
        if own:
            await _to_support(tx, ticket["operator_id"], subject, body, now)
        else:
            await _letter(tx, ticket["operator_id"], ticket["reply_to"], subject, body, now)
        await audit.note(tx, asked_by, "ask" if own else "answer", "support-ticket", ticket_id, now=now)


async def close(database: Database, ticket_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Close a question; whoever asked may, and support. Raises Unknown, NotReady."""
    async with database.begin() as tx:
        ticket = await _lock(tx, ticket_id, asked_by)
        await _move(tx, ticket, Said.CLOSED, now)
        await audit.note(tx, asked_by, "close", "support-ticket", ticket_id, now=now)


async def _lock(tx: Transaction, ticket_id: int, asked_by: Viewer) -> Record:
    row = await tx.fetchrow("select * from support_ticket where id = $1 for update", ticket_id)
    if row is None or row["operator_id"] not in asked_by.operator_ids:
        raise Unknown("question", ticket_id)
    if row["user_id"] != asked_by.user_id:
        if not may(asked_by, Right.ANSWER_SUPPORT) or asked_by.team_ids is not None:
            raise Unknown("question", ticket_id)
        must(asked_by, Right.ANSWER_SUPPORT)
    return row


async def _move(tx: Transaction, ticket: Record, said: Said, now: datetime) -> None:
    state = moved(TicketState(ticket["state"]), said)
    await tx.execute("update support_ticket set state = $2, updated_at = $3 where id = $1", ticket["id"], state, now)


async def _to_support(tx: Transaction, operator_id: int, subject: str, text: str, now: datetime) -> None:
    address = await tx.fetchval(SUPPORT_ADDRESS, operator_id)
    if address is not None:
        await _letter(tx, operator_id, address, subject, text, now)


async def _letter(tx: Transaction, operator_id: int, to: str, subject: str, text: str, now: datetime) -> None:
    letter = Letter(operator_id=operator_id, to_address=to, kind="support", subject=subject, text=text)
    await write_letter(tx, letter, now=now)


def _address(web_url: str, ticket_id: int) -> str:
    return f"{web_url}/support/{ticket_id}"


ASKED_LATELY = "select count(*) from support_ticket where user_id = $1 and created_at > $2"

OPEN = """
insert into support_ticket (operator_id, team_id, user_id, asked_by, reply_to, subject, question, charge_id,
  charge_point_id, context, state, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11, $11) returning id
"""

ADD = "insert into support_message (ticket_id, at, who, from_support, text) values ($1, $2, $3, $4, $5)"

# Where nobody named an address for support, the longest-serving Admin is asked.
SUPPORT_ADDRESS = """
select coalesce(nullif(o.support_email, ''), nullif(o.contact_email, ''),
  (select u.email from users u where u.operator_id = o.id and u.role = 'Admin' and u.blocked_at is null
   order by u.id limit 1))
from operator o where o.id = $1
"""
