"""Who works for an operator, in which role; inviting them; and its sub-operators."""

from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Place, Right, Viewer, must
from wattline.domain.member_terms import INVITATION_LASTS
from wattline.domain.naming import checked_name
from wattline.domain.refusals import AlreadyTaken, Invalid, NotReady, Unknown
from wattline.domain.roles import OPERATOR_ROLES, Role
from wattline.operations import audit
from wattline.operations.invitations import Link, checked_email
from wattline.operations.mails import Letter, write_letter
from wattline.operations.users import email_key


async def invite_to_operator(
    database: Database, operator_id: int, *, email: str, role: str, link: Link, asked_by: Viewer, now: datetime
) -> int:
    """Invite somebody to work for an operator and return the post's id.

    Raises Unknown, NotAllowed, Invalid, and AlreadyTaken when they work there or are invited.
    """
    email, role = checked_email(email), checked_role(role)
    async with database.begin() as tx:
        operator = await lock_operator(tx, operator_id, asked_by)
        if await tx.fetchval(THERE, operator_id, email_key(email)):
            raise AlreadyTaken(f"{email} works for {operator['name']} already, or is invited.")
        post_id: int = await tx.fetchval(
            """insert into operator_post (operator_id, email, role, state, invited_by, invited_at, created_at,
                 updated_at) values ($1, $2, $3, 'invited', $4, $5, $5, $5) returning id""",
            operator_id, email, role, asked_by.name, now,
        )  # fmt: skip
        await tx.execute(
            """insert into invitation (operator_id, operator_post_id, token_hash, email_key, sent_at, expires_at)
               values ($1, $2, $3, $4, $5, $6)""",
            operator_id, post_id, link.hash, email_key(email), now, now + INVITATION_LASTS,
        )  # fmt: skip
        letter = Letter(
            operator_id=operator_id, to_address=email, kind="invitation",
            subject=f"You are invited to {operator['name']}",
            text=f"{asked_by.name} invites you to work for {operator['name']}.\n\nTo answer, open {link.address}\n\n"
            f"The link works once, until {now + INVITATION_LASTS:%-d %B %Y}.\n",
        )  # fmt: skip
        await write_letter(tx, letter, now=now)
        await audit.note(tx, asked_by, "invite", "operator-post", post_id, now=now)
    return post_id


async def change_role(
    database: Database, operator_id: int, user_id: int, role: str | None, *, asked_by: Viewer, now: datetime
) -> None:
    """Give somebody another role at an operator, or none: they work there no more.

    Raises Unknown, NotAllowed, Invalid, and NotReady when nobody would be left as Admin.
    """
    role = None if role is None else checked_role(role)
    async with database.begin() as tx:
        await lock_operator(tx, operator_id, asked_by)
        at_home = await tx.fetchval(AT_HOME, user_id, operator_id)
        post_id = await tx.fetchval(POST_OF, operator_id, user_id)
        if at_home is None and post_id is None:
            raise Unknown("person", user_id)
        if role != Role.ADMIN and not await tx.fetchval(OTHER_ADMIN, operator_id, user_id):
            raise NotReady("Somebody must stay Admin. Make another person Admin first.")
        if at_home is not None:
            await tx.execute(
                "update users set role = $2, updated_at = $3 where id = $1", user_id, role or "Driver", now
            )
        if post_id is not None:
            await tx.execute(CHANGE_POST, post_id, role, now)
        deed = "change-role" if role else "remove"
        await audit.note(tx, asked_by, deed, "operator-person", user_id, now=now, detail={"role": role})


async def withdraw_post(database: Database, post_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take back an invitation that nobody answered. Raises Unknown, NotAllowed."""
    async with database.begin() as tx:
        operator_id = await tx.fetchval(
            "select operator_id from operator_post where id = $1 and state = 'invited' and deleted_at is null", post_id
        )
        if operator_id is None or operator_id not in asked_by.operator_ids:
            raise Unknown("invitation", post_id)
        await lock_operator(tx, operator_id, asked_by)
        await tx.execute("update operator_post set deleted_at = $2, updated_at = $2 where id = $1", post_id, now)
        await tx.execute("update invitation set revoked_at = $2 where operator_post_id = $1", post_id, now)
        await audit.note(tx, asked_by, "withdraw", "operator-post", post_id, now=now)


async def create_sub_operator(
    database: Database, name: str, *, identifier: str, asked_by: Viewer, now: datetime
) -> int:
    """Make a sub-operator of the viewer's operator and return its id.

    There is one main account and what stands below it, no more floors. Raises NotAllowed, Invalid, AlreadyTaken.
    """
    name, identifier = checked_name(name), identifier.strip()
    if not identifier.isalnum() or not identifier.isascii() or len(identifier) > 20:
        raise Invalid("identifier", "is a short name of letters and digits, such as NORTH.")
    async with database.begin() as tx:
        parent = await lock_operator(tx, asked_by.operator_id, asked_by)
        if parent["parent_operator_id"] is not None:
            raise NotReady("A sub-operator has none below it. Make it from the main account.")
        operator_id: int | None = await tx.fetchval(
            """insert into operator (parent_operator_id, name, identifier, created_at, country_id)
               values ($1, $2, $3, $4, $5) on conflict (identifier) do nothing returning id""",
            parent["id"], name, identifier, now, parent["country_id"],
        )  # fmt: skip
        if operator_id is None:
            raise AlreadyTaken(f"There is an operator with the identifier {identifier} already. Choose another.")
        await audit.note(tx, asked_by, "create", "operator", operator_id, now=now)
    return operator_id


async def rename_operator(database: Database, operator_id: int, name: str, *, asked_by: Viewer, now: datetime) -> None:
    """Change what an operator is called. Raises Unknown, NotAllowed, Invalid."""
    async with database.begin() as tx:
        before = await lock_operator(tx, operator_id, asked_by)
        name = checked_name(name)
        await tx.execute("update operator set name = $2 where id = $1", operator_id, name)
        detail = audit.changed(before, {"name": name})
        await audit.note(tx, asked_by, "edit", "operator", operator_id, now=now, detail=detail)


def checked_role(role: str) -> Role:
    """Read a role of an operator. Raises Invalid."""
    if role not in OPERATOR_ROLES:
        raise Invalid("role", f"'{role[:40]}' is none. The roles are {', '.join(OPERATOR_ROLES)}.")
    return Role(role)


async def lock_operator(tx: Transaction, operator_id: int, asked_by: Viewer) -> Record:
    """Read an operator for changing. Raises Unknown for somebody else's, NotAllowed."""
    row = await tx.fetchrow("select * from operator where id = $1 for update", operator_id)
    if row is None or operator_id not in asked_by.operator_ids or asked_by.team_ids is not None:
        raise Unknown("operator", operator_id)
    must(asked_by, Right.MANAGE_OPERATOR, Place(operator_id))
    return row


THERE = """
select exists (select from users where operator_id = $1 and email_key = $2 and role <> 'Driver')
  or exists (select from operator_post p left join users u on u.id = p.user_id where p.operator_id = $1
    and p.deleted_at is null and (lower(btrim(p.email)) = $2 or u.email_key = $2))
"""

AT_HOME = "select id from users where id = $1 and operator_id = $2 and role <> 'Driver'"

POST_OF = """
select id from operator_post where operator_id = $1 and user_id = $2 and state = 'accepted' and deleted_at is null
"""

OTHER_ADMIN = """
select exists (
  select from users where operator_id = $1 and role = 'Admin' and id <> $2 and blocked_at is null
  union all
  select from operator_post where operator_id = $1 and role = 'Admin' and user_id <> $2 and state = 'accepted'
    and deleted_at is null)
"""

CHANGE_POST = """
update operator_post set role = coalesce($2, role), deleted_at = case when $2::text is null then $3::timestamptz end,
  updated_at = $3
where id = $1
"""
