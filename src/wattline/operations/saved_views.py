"""Lists as people look at them often: saved filters under a name, and the columns somebody wants."""

from collections.abc import Sequence
from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.naming import checked_name
from wattline.domain.refusals import AlreadyTaken, Invalid, Unknown

# A menu longer than this helps nobody.
VIEWS_MAX = 50
QUERY_LENGTH_MAX = 1_000


async def save_view(
    database: Database, room: str, name: str, query: str, *, shared: bool, asked_by: Viewer, now: datetime
) -> int:
    """Keep what a list's address asks for under a name; return its id. Raises Invalid, AlreadyTaken.

    `shared`: everybody who works for the same operator finds it. What they see through it is still theirs only.
    """
    name = checked_name(name)
    if len(query) > QUERY_LENGTH_MAX:
        raise Invalid("name", "cannot be given to so long a filter.")
    async with database.begin() as tx:
        await tx.execute("select id from users where id = $1 for update", asked_by.user_id)
        count = await tx.fetchval(COUNT, asked_by.user_id, asked_by.operator_id, room)
        if count >= VIEWS_MAX:
            raise Invalid("name", f"cannot be kept: you have {VIEWS_MAX} saved filters already. Delete one first.")
        view_id: int | None = await tx.fetchval(
            SAVE, asked_by.operator_id, asked_by.user_id, room, name, query, shared, now
        )
    if view_id is None:
        raise AlreadyTaken(f"You have a saved filter called {name} already.")
    return view_id


async def forget_view(database: Database, view_id: int, *, asked_by: Viewer) -> None:
    """Delete a saved view of one's own. Raises Unknown."""
    async with database.begin() as tx:
        found = await tx.fetchval(FORGET, view_id, asked_by.user_id, asked_by.operator_id)
    if found is None:
        raise Unknown("saved filter", view_id)


async def choose_columns(database: Database, room: str, columns: Sequence[str], *, asked_by: Viewer) -> None:
    """Keep which columns somebody wants to see in a list."""
    async with database.begin() as tx:
        await tx.execute(CHOOSE, asked_by.user_id, room, list(columns))


COUNT = "select count(*) from saved_view where user_id = $1 and operator_id = $2 and room = $3"
SAVE = """
insert into saved_view (operator_id, user_id, room, name, query, shared, created_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (user_id, operator_id, room, lower(name)) do nothing returning id
"""
FORGET = "delete from saved_view where id = $1 and user_id = $2 and operator_id = $3 returning id"
CHOOSE = """
insert into list_columns (user_id, room, columns) values ($1, $2, $3)
on conflict (user_id, room) do update set columns = excluded.columns
"""
