"""Inviting people to a team: by e-mail or user id, with a link in a letter that can be used once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import MemberChanged, MemberCreated
from wattline.domain.member_terms import INVITATION_LASTS, PLAIN, Terms
from wattline.domain.refusals import AlreadyTaken, Invalid, NotReady, Unknown
from wattline.operations import audit
from wattline.operations.mails import Letter, write_letter
from wattline.operations.member_rows import (
    GROUP_COLUMNS,
    columns_of,
    lock_group,
    lock_member,
    lock_team_of_members,
    member_fact,
    must_be_lettable,
)
from wattline.operations.secrets import token_hash
from wattline.operations.users import email_key, must_be_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The way back from a letter: a token nobody can guess, and where our pages are. `pepper` hashes the token."""

    token: str = field(repr=False)
    web_url: str
    pepper: bytes = field(repr=False)

    @property
    def address(self) -> str:
        """What the letter says to open."""
        return f"{self.web_url}/invitations/{self.token}"

    @property
    def hash(self) -> bytes:
        """What we keep of it."""
        return token_hash(self.token, self.pepper)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """Whom to invite: either an e-mail address or a user. A group's terms count before `terms`."""

    team_id: int
    email: str | None = None
    user_id: int | None = None
    name: str | None = None
    group_id: int | None = None
    terms: Terms = PLAIN
    note: str | None = None
    partner_external_id: str | None = None
    partner_custom_payload: Any = None


async def invite_member(database: Database, new: NewInvitation, *, link: Link, asked_by: Viewer, now: datetime) -> int:
    """Invite somebody and return the membership's id; until they accept it gives them nothing.

    Raises Unknown, Invalid, NotAllowed, and AlreadyTaken when they are in the team or invited already.
    """
    if (new.email is None) == (new.user_id is None):
        raise Invalid("email", "or a user id: name exactly one of them.")
    async with database.begin() as tx:
        team = await lock_team_of_members(tx, new.team_id, asked_by=asked_by)
        columns = await _terms(tx, team, new, asked_by)
        email = checked_email(new.email) if new.email is not None else await _email_of(tx, new.user_id)
        if await tx.fetchval(THERE, new.team_id, email_key(email), new.user_id):
            raise AlreadyTaken(f"{new.email or f'User {new.user_id}'} is in this team already, or invited.")
        # Whether an address has an account is nobody's business until its owner accepts.
        row = await _insert(tx, team, new, columns, email if new.user_id is None else None, asked_by, now)
        await _send(tx, row, team, email, link=link, invited_by=asked_by.name, now=now)
        await outbox.add(tx, [member_fact(MemberCreated, row)], now=now)
        await audit.note(tx, asked_by, "invite", "member", row["id"], now=now)
    member_id: int = row["id"]
    return member_id


async def resend_invitation(database: Database, member_id: int, *, link: Link, asked_by: Viewer, now: datetime) -> None:
    """Send another letter; the link of the one before is over. Raises NotReady when nobody waits for an answer."""
    async with database.begin() as tx:
        member, team = await lock_member(tx, member_id, asked_by=asked_by)
        _must_be_invited(member)
        email = member["email"] or await _email_of(tx, member["user_id"])
        await tx.execute("delete from invitation where member_id = $1", member_id)
        await _send(tx, member, team, email, link=link, invited_by=asked_by.name, now=now)
        await tx.execute(
            "update member set invited_at = $2, invited_by = $3, updated_at = $2 where id = $1",
            member_id, now, asked_by.name,
        )  # fmt: skip
        await outbox.add(tx, [member_fact(MemberChanged, member)], now=now)
        await audit.note(tx, asked_by, "resend", "invitation", member_id, now=now)


def checked_email(email: str) -> str:
    """Return an e-mail address without blanks around it. Raises Invalid."""
    must_be_address(email)
    tidy = email.strip()
    if "." not in tidy.rpartition("@")[2].strip("."):
        raise Invalid("email", f"'{tidy[:80]}' is not an e-mail address.")
    return tidy


def _must_be_invited(member: Record) -> None:
    if member["state"] != "invited":
        raise NotReady(f"Nobody waits for this answer: the membership is {member['state']}.")


async def _terms(tx: Transaction, team: Record, new: NewInvitation, asked_by: Viewer) -> dict[str, Any]:
    columns = columns_of(new.terms)
    if new.group_id is not None:
        group = await lock_group(tx, new.group_id, asked_by=asked_by)
        if group["team_id"] != team["id"]:
            raise Unknown("member group", new.group_id)
        columns |= {column: group[column] for column in GROUP_COLUMNS}
    await must_be_lettable(tx, team, columns, asked_by=asked_by)
    return columns


async def _email_of(tx: Transaction, user_id: int | None) -> str:
    email: str | None = await tx.fetchval("select email from users where id = $1 and blocked_at is null", user_id)
    if email is None:
        raise Unknown("user", user_id)
    return email


async def _insert(
    tx: Transaction, team: Record, new: NewInvitation, columns: Mapping[str, Any], email: str | None, asked_by: Viewer,
    now: datetime,
) -> Record:  # fmt: skip
    row = {
        **columns, "operator_id": team["operator_id"], "team_id": team["id"], "user_id": new.user_id, "email": email,
        "display_name": new.name, "member_group_id": new.group_id, "state": "invited", "note": new.note,
        "partner_external_id": new.partner_external_id, "partner_custom_payload": new.partner_custom_payload,
        "invited_at": now, "invited_by": asked_by.name, "created_at": now, "updated_at": now,
    }  # fmt: skip
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    inserted = await tx.fetchrow(f"insert into member ({', '.join(row)}) values ({places}) returning *", *row.values())
    assert inserted is not None
    return inserted


async def _send(
    tx: Transaction, member: Record, team: Record, email: str, *, link: Link, invited_by: str, now: datetime
) -> None:
    await tx.execute(
        REMEMBER, team["operator_id"], member["id"], link.hash, email_key(email), now, now + INVITATION_LASTS
    )
    letter = Letter(
        operator_id=team["operator_id"],
        to_address=email,
        kind="invitation",
        subject=f"You are invited to {team['name']}",
        text=(
            f"{invited_by} invites you to the team {team['name']}.\n\n"
            f"To answer, open {link.address}\n\n"
            f"The link works once, until {now + INVITATION_LASTS:%-d %B %Y}. "
            "If you do not know the team, do nothing: nobody is told.\n"
        ),
    )
    await write_letter(tx, letter, now=now)


THERE = """
select exists (
  select from member m left join users u on u.id = m.user_id
  where m.team_id = $1 and m.deleted_at is null and m.state in ('invited', 'accepted', 'requested', 'blocked')
    and (m.email_key = $2 or u.email_key = $2 or m.user_id = $3))
"""

REMEMBER = """
insert into invitation (operator_id, member_id, token_hash, email_key, sent_at, expires_at)
values ($1, $2, $3, $4, $5, $6)
"""
