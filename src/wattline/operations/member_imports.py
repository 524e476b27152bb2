"""Inviting many people at once from a file: whoever can be invited is, and every other row says why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.member_file import FileRow, RowProblem
from wattline.domain.refusals import Invalid, NotAllowed, Refusal
from wattline.operations import invitations
from wattline.operations.invitations import Link, NewInvitation
from wattline.operations.users import email_key


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file."""

    invited: int
    problems: list[RowProblem]


async def invite_people(
    database: Database,
    team_id: int,
    rows: Sequence[FileRow],
    *,
    link: Callable[[], Link],
    asked_by: Viewer,
    now: datetime,
) -> Imported:
    """Invite everybody in a file as plain members; `link` makes each a link of their own.

    Each row is a transaction: a file that was sent twice invites nobody twice. Raises Unknown, NotAllowed.
    """
    async with database.read() as connection:
        found = await connection.fetch(
            "select id, lower(name) as name from member_group where team_id = $1 and deleted_at is null", team_id
        )
    groups = {row["name"]: row["id"] for row in found}
    seen: dict[str, int] = {}
    problems: list[RowProblem] = []
    for row in rows:
        try:
            _must_be_first(row, seen)
            new = NewInvitation(
                team_id=team_id, email=row.email, name=row.name or None, group_id=_group_of(row, groups),
                note=row.note or None,
            )  # fmt: skip
            await invitations.invite_member(database, new, link=link(), asked_by=asked_by, now=now)
        except NotAllowed:
            raise
        except Invalid as refusal:
            problems.append(RowProblem(row.line, row.email[:80], refusal.problem))
        except Refusal as refusal:
            problems.append(RowProblem(row.line, row.email[:80], str(refusal)))
    return Imported(len(rows) - len(problems), problems)


def _must_be_first(row: FileRow, seen: dict[str, int]) -> None:
    line = seen.setdefault(email_key(row.email), row.line)
    if line != row.line:
        raise Invalid("email", f"stands in line {line} already.")


def _group_of(row: FileRow, groups: dict[str, int]) -> int | None:
    if not row.group:
        return None
    if row.group.lower() not in groups:
        raise Invalid("group", f"{row.group[:80]} is no member group of this team.")
    return groups[row.group.lower()]
