"""Asking to join a team with its join code, and the team's answer."""

from datetime import datetime

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.facts import MemberChanged, MemberCreated
from wattline.domain.refusals import AlreadyTaken, NotReady, Unknown
from wattline.operations import audit
from wattline.operations.member_rows import lock_member, member_fact


async def ask_to_join(database: Database, join_code: str, *, asked_by: Viewer, now: datetime) -> Record:
    """Ask for a person; return the new membership, accepted at once where the team does that by itself.

    Raises Unknown for a code of no team, AlreadyTaken when they are in it, invited, or have asked.
    """
    async with database.begin() as tx:
        team = await tx.fetchrow(
            "select * from team where join_code in ($1, upper($1)) and deleted_at is null for update", join_code.strip()
        )
        if team is None:
            raise Unknown("team with the join code", join_code.strip()[:40])
        user = await tx.fetchrow("select * from users where id = $1", asked_by.user_id)
        assert user is not None
        state = await tx.fetchval(STATE, team["id"], user["id"], user["email_key"])
        if state is not None:
            raise AlreadyTaken(f"You are {'in' if state == 'accepted' else 'on the list of'} {team['name']} already.")
        row = await tx.fetchrow(
            ASK, team["operator_id"], team["id"], user["id"], user["email"], user["display_name"],
            "accepted" if team["auto_accept"] else "requested", now if team["auto_accept"] else None, now,
        )  # fmt: skip
        assert row is not None
        await outbox.add(tx, [member_fact(MemberCreated, row)], now=now)
        await audit.note(tx, asked_by, "ask-to-join", "member", row["id"], now=now)
    return row


async def answer_request(database: Database, member_id: int, *, accept: bool, asked_by: Viewer, now: datetime) -> None:
    """Let somebody in who asked, or not. Raises Unknown, NotAllowed, NotReady when nobody waits for an answer."""
    async with database.begin() as tx:
        member, _ = await lock_member(tx, member_id, asked_by=asked_by)
        if member["state"] != "requested":
            raise NotReady(f"Nobody waits for this answer: the membership is {member['state']}.")
        await tx.execute(ACCEPT if accept else REJECT, member_id, now, asked_by.name)
        await outbox.add(tx, [member_fact(MemberChanged, member)], now=now)
        await audit.note(tx, asked_by, "accept" if accept else "reject", "member", member_id, now=now)


STATE = """
select state from member where team_id = $1 and deleted_at is null and (user_id = $2 or email_key = $3)
  and state in ('accepted', 'invited', 'requested', 'blocked') limit 1
"""

ASK = """
insert into member (operator_id, team_id, user_id, email, display_name, state, accepted_at, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning *
"""

ACCEPT = "update member set state = 'accepted', accepted_at = $2, accepted_by = $3, updated_at = $2 where id = $1"

REJECT = """
update member set state = 'rejected', rejected_at = $2, updated_at = $2, user_id = null,
  note = coalesce(note, 'Rejected by ' || $3) where id = $1
"""
