"""Saved views of a list, and chosen columns."""

from dataclasses import dataclass

from wattline.database.connection import Connection
from wattline.domain.access import Viewer


@dataclass(frozen=True, slots=True)
class SavedView:
    """What a list's address asks for, under a name. `mine` may be deleted; `by` is who shared it."""

    id: int
    name: str
    query: str
    shared: bool
    mine: bool
    by: str


async def saved_views(connection: Connection, viewer: Viewer, room: str) -> list[SavedView]:
    """List one's own views and those that others of the same operator share, by name."""
    rows = await connection.fetch(VIEWS, viewer.operator_id, viewer.user_id, room)
    return [SavedView(**dict(row)) for row in rows]


async def chosen_columns(connection: Connection, viewer: Viewer, room: str) -> list[str] | None:
    """List the columns somebody chose; None when they never did."""
    found: list[str] | None = await connection.fetchval(
        "select columns from list_columns where user_id = $1 and room = $2", viewer.user_id, room
    )
    return found


VIEWS = """
select v.id, v.name, v.query, v.shared, v.user_id = $2 as mine, coalesce(u.display_name, '') as by
from saved_view v join users u on u.id = v.user_id
where v.operator_id = $1 and v.room = $3 and (v.user_id = $2 or v.shared) order by lower(v.name), v.id limit 200
"""
