"""Sessions of people in the Portal. The cookie holds a random token; we keep only its hash.

A session ends a fixed time after the log-in, and earlier when nobody used it for its idle time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.operations.posts import Post, chosen_post, posts_of, viewer_at
from wattline.operations.secrets import token_hash
from wattline.operations.users import User

# How stale `seen_at` may get before a page view writes it again; a twelfth of a short idle time.
SEEN_EVERY = timedelta(minutes=5)
SEEN_SHARE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person who is logged in, at one of the places where they work; None is for people who work nowhere."""

    user: User
    viewer: Viewer
    posts: list[Post]
    post: Post | None
    id: int
    csrf_token: str
    seen_at: datetime
    expires_at: datetime
    proven_at: datetime


async def open_session(
    database: Database,
    user_id: int,
    *,
    token: str,
    csrf_token: str,
    pepper: bytes,
    lasts: timedelta,
    address: str | None,
    user_agent: str | None,
    now: datetime,
) -> None:
    """Begin a session of somebody who has just proven who they are. `token` and `csrf_token` are random texts made by
    the caller. Expired ones are swept out.
    """
    async with database.begin() as tx:
        await tx.execute("delete from web_session where user_id = $1 and expires_at < $2", user_id, now)
        await tx.execute(
            """insert into web_session (token_hash, user_id, csrf_token, created_at, seen_at, expires_at, address,
                 user_agent, proven_at)
               values ($1, $2, $3, $4, $4, $5, $6, $7, $4)""",
            token_hash(token, pepper), user_id, csrf_token, now, now + lasts, address, user_agent,
        )  # fmt: skip


async def use_session(
    database: Database, token: str, *, pepper: bytes, idle: timedelta, now: datetime
) -> Session | None:
    """Return the session a cookie stands for, and count this as its use; None when it is over (see `find_session`)."""
    session = await find_session(database, token, pepper=pepper, idle=idle, now=now)
    if session is not None and now - session.seen_at >= min(SEEN_EVERY, idle / SEEN_SHARE):
        async with database.begin() as tx:
            await tx.execute(
                "update web_session set seen_at = $2 where token_hash = $1 and seen_at < $2",
                token_hash(token, pepper), now,
            )  # fmt: skip
    return session


async def find_session(
    database: Database, token: str, *, pepper: bytes, idle: timedelta, now: datetime
) -> Session | None:
    """Return the session a cookie stands for; None when it is unknown, over, idle too long, or its user is blocked."""
    async with database.read() as connection:
        row = await connection.fetchrow(
            """select s.id as session_id, s.csrf_token, s.expires_at, s.seen_at, s.place,
                 coalesce(s.proven_at, s.created_at) as proven_at, u.id, u.operator_id, u.email, u.display_name,
                 u.role, u.locale, u.time_zone
               from web_session s join users u on u.id = s.user_id
               where s.token_hash = $1 and s.expires_at > $2 and s.seen_at > $3 and u.blocked_at is null""",
            token_hash(token, pepper), now, now - idle,
        )  # fmt: skip
        if row is None:
            return None
        user = User(**{name: row[name] for name in User.__dataclass_fields__})
        posts = await posts_of(connection, user.id)
        post = chosen_post(posts, row["place"])
        viewer = await viewer_at(
            connection, post, user_id=user.id, name=user.display_name, operator_id=user.operator_id
        )
    return Session(
        user=user,
        viewer=viewer,
        posts=posts,
        post=post,
        id=row["session_id"],
        csrf_token=row["csrf_token"],
        seen_at=row["seen_at"],
        expires_at=row["expires_at"],
        proven_at=row["proven_at"],
    )


async def close_session(database: Database, token: str, *, pepper: bytes) -> None:
    """End a session: log out."""
    async with database.begin() as tx:
        await tx.execute("delete from web_session where token_hash = $1", token_hash(token, pepper))


async def move_session(database: Database, token: str, place: str, *, pepper: bytes) -> None:
    """Go on at another of the places where one works; a place where one does not counts as none."""
    async with database.begin() as tx:
        await tx.execute("update web_session set place = $2 where token_hash = $1", token_hash(token, pepper), place)
