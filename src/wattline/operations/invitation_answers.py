"""Answering invitations: with the link of a letter, or as the person they were meant for."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import MemberChanged
from wattline.domain.refusals import AlreadyTaken, NotReady, Unknown
from wattline.operations import audit
from wattline.operations.member_rows import member_fact
from wattline.operations.secrets import token_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation as the one who has its link may know it. `role` is of a team (user, admin) or of an operator.

    `trouble` says why it cannot be answered any more.
    """

    id: int
    member_id: int | None
    post_id: int | None
    email_key: str
    place: str
    role: str
    invited_by: str
    expires_at: datetime
    trouble: str | None


async def invitation_by_token(connection: Connection, token: str, *, pepper: bytes, now: datetime) -> Invited:
    """Find an invitation by the token of its link. Raises Unknown."""
    row = await connection.fetchrow(f"{FIND} where i.token_hash = $1", token_hash(token, pepper))
    if row is None:
        raise Unknown("invitation", "under this link")
    return _invited(row, now)


async def invitations_of(connection: Connection, user_id: int, *, now: datetime) -> list[Invited]:
    """List the invitations that wait for a person's answer, the newest first: by user id, or to their address."""
    rows = await connection.fetch(
        f"""{FIND} where i.used_at is null and i.revoked_at is null and i.expires_at > $2
              and i.email_key = (select email_key from users where id = $1)
            order by i.id desc limit 50""",
        user_id, now,
    )  # fmt: skip
    return [invited for invited in (_invited(row, now) for row in rows) if invited.trouble is None]


async def answer_invitation(
    database: Database, invitation_id: int, *, accept: bool, asked_by: Viewer, now: datetime
) -> None:
    """Accept or reject, as the person whose address the invitation went to.

    Raises Unknown for anybody else, NotReady when it was answered, taken back or is over, AlreadyTaken when they are
    in the team by another way.
    """
    async with database.begin() as tx:
        user = await tx.fetchrow("select * from users where id = $1", asked_by.user_id)
        row = await tx.fetchrow(f"{FIND} where i.id = $1 for update of i", invitation_id)
        if row is None or user is None or row["email_key"] != user["email_key"]:
            raise Unknown("invitation", invitation_id)
        if trouble := _invited(row, now).trouble:
            raise NotReady(trouble)
        await tx.execute("update invitation set used_at = $2 where id = $1", invitation_id, now)
        if row["member_id"] is not None:
            await _answer_for_team(tx, row, user, accept=accept, now=now)
        else:
            await _answer_for_operator(tx, row, user, accept=accept, now=now)
        deed = "accept" if accept else "reject"
        await audit.note(tx, asked_by, deed, "invitation", row["member_id"] or row["post_id"], now=now)


async def _answer_for_team(tx: Transaction, row: Record, user: Record, *, accept: bool, now: datetime) -> None:
    await _must_be_new(tx, "member", "team_id", row["member_id"], user["id"], accept=accept)
    if accept:
        member = await tx.fetchrow(ACCEPT, row["member_id"], now, user["id"], user["email"], user["display_name"])
    else:
        member = await tx.fetchrow(REJECT, row["member_id"], now, user["email"], user["display_name"])
    assert member is not None
    await outbox.add(tx, [member_fact(MemberChanged, member)], now=now)


async def _answer_for_operator(tx: Transaction, row: Record, user: Record, *, accept: bool, now: datetime) -> None:
    await _must_be_new(tx, "operator_post", "operator_id", row["post_id"], user["id"], accept=accept)
    if accept:
        await tx.execute(TAKE_POST, row["post_id"], now, user["id"])
    else:
        await tx.execute(REFUSE_POST, row["post_id"], now)


async def _must_be_new(tx: Transaction, table: str, place: str, row_id: int, user_id: int, *, accept: bool) -> None:
    there = accept and await tx.fetchval(
        f"""select exists (select from {table} a join {table} b on b.{place} = a.{place} and b.id <> a.id
            where a.id = $1 and b.user_id = $2 and b.deleted_at is null)""",
        row_id, user_id,
    )  # fmt: skip
    if there:
        raise AlreadyTaken("You belong to it already, so this invitation changes nothing.")


def _invited(row: Record, now: datetime) -> Invited:
    trouble = None
    if row["used_at"] is not None:
        trouble = "This invitation was answered already. A link works once."
    elif row["revoked_at"] is not None or row["state"] != "invited" or row["gone"]:
        trouble = "This invitation was taken back. Ask whoever invited you for another."
    elif row["expires_at"] <= now:
        trouble = "This invitation has expired. Ask whoever invited you to send it again."
    return Invited(
        id=row["id"], member_id=row["member_id"], post_id=row["post_id"], email_key=row["email_key"],
        place=row["place"], role=row["role"], invited_by=row["invited_by"], expires_at=row["expires_at"],
        trouble=trouble,
    )  # fmt: skip


FIND = """
select i.id, i.member_id, i.operator_post_id as post_id, i.email_key, i.expires_at, i.used_at, i.revoked_at,
  coalesce(t.name, o.name) as place, coalesce(m.role, p.role) as role, coalesce(m.state, p.state) as state,
  coalesce(m.invited_by, p.invited_by, '') as invited_by,
  coalesce(m.deleted_at, p.deleted_at, t.deleted_at) is not null as gone
from invitation i
  left join member m on m.id = i.member_id left join team t on t.id = m.team_id
  left join operator_post p on p.id = i.operator_post_id left join operator o on o.id = p.operator_id
"""

ACCEPT = """
update member set state = 'accepted', user_id = $3, email = $4, display_name = coalesce(display_name, $5),
  accepted_at = $2, accepted_by = $4, updated_at = $2
where id = $1 returning *
"""

REJECT = """
update member set state = 'rejected', rejected_at = $2, updated_at = $2,
  user_id = null, email = $3, display_name = coalesce(display_name, $4)
where id = $1 returning *
"""

TAKE_POST = """
update operator_post set state = 'accepted', user_id = $3, accepted_at = $2, updated_at = $2 where id = $1
"""

REFUSE_POST = "update operator_post set state = 'rejected', updated_at = $2, deleted_at = $2 where id = $1"
