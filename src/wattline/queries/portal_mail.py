"""The mailbox: every letter that was written, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection
from wattline.domain.access import Viewer

PAGE_LETTERS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    """A letter with its text. `due_at`: it is to be carried then; `failure`: why that did not work last time."""

    id: int
    to_address: str
    kind: str
    subject: str
    text_body: str
    attachment_name: str | None
    created_at: datetime
    due_at: datetime | None
    attempts: int
    sent_at: datetime | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class LetterPage:
    """A page of letters, and whether older ones follow."""

    letters: Sequence[LetterLine]
    more: bool


async def list_letters(
    connection: Connection, viewer: Viewer, *, text: str = "", before: tuple[datetime, int] | None = None
) -> LetterPage:
    """List the letters of the viewer's operators, for people who see every team: letters name people of all of them."""
    if viewer.team_ids is not None:
        return LetterPage([], more=False)
    sought = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    before_at, before_id = before or (None, None)
    rows = await connection.fetch(LETTERS, viewer.operator_ids, sought, before_at, before_id, PAGE_LETTERS + 1)
    letters = [LetterLine(**dict(row)) for row in rows]
    return LetterPage(letters[:PAGE_LETTERS], len(letters) > PAGE_LETTERS)


# The newest of each operator, along the index by operator and time.
LETTERS = """
select n.* from unnest($1::bigint[]) as o(id) cross join lateral (
  select m.id, m.to_address, m.kind, m.subject, m.text_body, m.attachment_name, m.created_at, m.due_at, m.attempts,
    m.sent_at, m.failure
  from mail m where m.operator_id = o.id
    and ($2 = '' or m.to_address ilike '%' || $2 || '%' or m.subject ilike '%' || $2 || '%')
    and ($3::timestamptz is null or (m.created_at, m.id) < ($3, $4::bigint))
  order by m.created_at desc, m.id desc limit $5) n
order by n.created_at desc, n.id desc limit $5
"""
