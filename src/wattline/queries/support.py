"""Questions to support: all of an operator for who answers them, one's own for everybody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection
from wattline.domain.access import Right, Viewer, may
from wattline.domain.refusals import Unknown

PAGE_TICKETS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A question, with what the page said when it was asked. `own`: the viewer asked it."""

    id: int
    operator: str
    team: str | None
    asked_by: str
    reply_to: str
    subject: str
    question: str
    charge_id: int | None
    charge: str | None
    charge_point_id: int | None
    context: str
    state: str
    created_at: datetime
    updated_at: datetime
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What was written afterwards, by support or by whoever asked."""

    at: datetime
    who: str
    from_support: bool
    text: str


async def list_tickets(
    connection: Connection, viewer: Viewer, *, state: str | None = None, before: int | None = None
) -> Sequence[Ticket]:
    """List questions, the newest first, one more than a page holds when there are more."""
    rows = await connection.fetch(
        f"{TICKETS} and ($4::text is null or t.state = $4) and ($5::bigint is null or t.id < $5) "
        "order by t.id desc limit $6",
        *_seen(viewer), state, before, PAGE_TICKETS + 1,
    )  # fmt: skip
    return [Ticket(**dict(row)) for row in rows]


async def ticket_page(connection: Connection, viewer: Viewer, ticket_id: int) -> tuple[Ticket, Sequence[Message]]:
    """Load a question with what was written about it. Raises Unknown, also for somebody else's."""
    row = await connection.fetchrow(f"{TICKETS} and t.id = $4", *_seen(viewer), ticket_id)
    if row is None:
        raise Unknown("question", ticket_id)
    rows = await connection.fetch(MESSAGES, ticket_id)
    return Ticket(**dict(row)), [Message(**dict(each)) for each in rows]


def _seen(viewer: Viewer) -> tuple[Sequence[int], int | None, bool]:
    answers = may(viewer, Right.ANSWER_SUPPORT) and viewer.team_ids is None
    return viewer.operator_ids, viewer.user_id, answers


TICKETS = """
select t.id, o.name as operator, m.name as team, t.asked_by, t.reply_to, t.subject, t.question, t.charge_id,
  c.human_readable_id as charge, t.charge_point_id, t.context, t.state, t.created_at, t.updated_at,
  coalesce(t.user_id = $2, false) as own
from support_ticket t join operator o on o.id = t.operator_id left join team m on m.id = t.team_id
left join charge c on c.id = t.charge_id
where t.operator_id = any($1) and ($3 or t.user_id = $2)
"""

MESSAGES = "select at, who, from_support, text from support_message where ticket_id = $1 order by id"
